import { readFileSync } from "node:fs";

/** What a secret is made of, and so how it is judged. */
type Kind = "password" | "database-url" | "mail-url" | "signing-key" | "account-seed";

/** Settings that may only come from a file (`NAME_FILE`), so that they never show in an environment dump. */
export const secretKinds: Readonly<Record<string, Kind>> = {
  DATABASE_URL: "database-url",
  GOLD_DATABASE_URL: "database-url",
  NATS_PASSWORD: "password",
  SIGNING_KEY: "signing-key",
  CALLOUT_SEED: "account-seed",
  SMTP_URL: "mail-url",
  S3_SECRET_KEY: "password",
};

/** Shortest password the product takes for what it makes itself. */
export const shortestPassword = 16;
const random = "put a random one there, for example from: openssl rand -base64 24";
/** Parts of passwords that documentation, images and tutorials use; compared without case and signs. */
const examples =
  /changeme|changethis|replaceme|replacethis|password|passw0rd|minioadmin|yoursecret|yourkey|examplesecret|examplekey|secretsecret|letmein|qwertyuiop|0123456789|1234567890|abcdefgh|adminadmin|postgrespostgres|episanteepisante/;

/** What is wrong with a password of the product's own making, or null. Never quotes it. */
export function passwordFault(value: string): string | null {
  if (value === "") return `is empty: ${random}`;
  if (isExample(value)) return `is a well-known example: ${random}`;
  if (value.length < shortestPassword) return `is too short (at least ${shortestPassword} characters): ${random}`;
  if (new Set(value).size < 6) return `repeats itself: ${random}`;
  return null;
}

/** True for what stands in documentation and images, like `change-me`, `minioadmin` or `password`. */
function isExample(value: string): boolean {
  const plain = value.toLowerCase().replace(/[^a-z0-9]/g, "");
  return examples.test(plain) || /^(admin|secret|test|demo|postgres|nats|root|user|guest|none|todo|x+)\d*$/.test(plain);
}

/** What is wrong with the content of a secret's file, or null. Never quotes it. @param name of the setting, without `_FILE` */
export function secretFault(name: string, value: string): string | null {
  if (value === "") return "is empty: make the secrets again, or put the value there";
  switch (secretKinds[name]) {
    case "password":
      return passwordFault(value);
    case "database-url": {
      const url = URL.parse(value);
      if (url === null) return "is not a connection URL (postgres://login:password@host:port/database)";
      const fault = passwordFault(decodeURIComponent(url.password));
      return fault === null ? null : `holds a password that ${fault}`;
    }
    case "mail-url": {
      // The mail provider gives this one: it may be short, but nobody is given an example.
      const url = URL.parse(value);
      if (url === null) return "is not a URL (smtp://login:password@host:port)";
      return isExample(decodeURIComponent(url.password)) ? "holds a password that is a well-known example: put the provider's there" : null;
    }
    case "signing-key":
      return isPrivateKey(value) ? null : "is not a private Ed25519 key (JWK): make the secrets again";
    case "account-seed":
      return /^SA[A-Z2-7]{56}$/.test(value) ? null : "is not an account seed (SA…): make the secrets again";
    default:
      return null;
  }
}

function isPrivateKey(value: string): boolean {
  try {
    const key = JSON.parse(value) as { kty?: unknown; crv?: unknown; d?: unknown } | null;
    return key?.kty === "OKP" && key.crv === "Ed25519" && typeof key.d === "string" && key.d.length === 43;
  } catch {
    return false;
  }
}

/** The trimmed content of a file, or what is wrong with the file and what to do. */
export function readSecretFile(path: string): { readonly value: string } | { readonly fault: string } {
  try {
    return { value: readFileSync(path, "utf8").trim() };
  } catch (error) {
    switch ((error as { code?: string }).code) {
      case "ENOENT":
        return { fault: "there is no such file: correct the path, or run the step that makes the secrets" };
      case "EACCES":
      case "EPERM":
        return { fault: `may not be read by user ${process.getuid?.() ?? "?"}: correct its owner or mode` };
      case "EISDIR":
        return { fault: "is a folder: container engines make one where a mounted file is missing; remove it and make the file" };
      default:
        return { fault: `cannot be read (${(error as { code?: string }).code ?? "error"})` };
    }
  }
}
