import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CallerName, serviceNames } from "@episante/contracts/session";
import { createAccount } from "@nats-io/nkeys";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { writePrivate } from "./files.ts";

/** The files of secrets of one instance: made at first start, kept afterwards, readable by the owner only. */
export interface Secrets {
  /** Path of a secret's file. */
  path(name: string): string;
  /** A password, made when absent. @returns its value */
  password(name: string): string;
  /** Writes a value derived from others, for example a connection URL. @returns the path */
  put(name: string, value: string): string;
}

/** Who signs tokens: every process, and whoever runs the machine as `operator`. */
export const signers: readonly CallerName[] = [...serviceNames, "operator"];

export function openSecrets(dir: string): Secrets {
  chmodSync(dir, 0o700);
  const path = (name: string) => join(dir, name);
  const put = (name: string, value: string) => {
    if (!existsSync(path(name)) || readFileSync(path(name), "utf8") !== value) writePrivate(path(name), value);
    return path(name);
  };
  return {
    path,
    put,
    password: (name) => {
      const file = path(name);
      if (!existsSync(file)) writePrivate(file, randomBytes(24).toString("base64url"));
      return readFileSync(file, "utf8").trim();
    },
  };
}

/** Private Ed25519 key (JWK, `kid` = `<name>-1`) per process, and all public ones together in `jwks.json`. */
export async function ensureSigningKeys(secrets: Secrets, names: readonly string[]): Promise<void> {
  const keys: JWK[] = [];
  for (const name of names) {
    const file = secrets.path(`${name}.jwk`);
    if (!existsSync(file)) {
      const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
      writePrivate(file, JSON.stringify({ ...(await exportJWK(privateKey)), kid: `${name}-1`, alg: "EdDSA", use: "sig" }));
    }
    const { kty, crv, x, kid, alg, use } = JSON.parse(readFileSync(file, "utf8")) as Required<
      Pick<JWK, "kty" | "crv" | "x" | "kid" | "alg" | "use">
    >;
    keys.push({ kty, crv, x, kid, alg, use });
  }
  secrets.put("jwks.json", JSON.stringify({ keys }));
}

/** Account key that signs what auth callout answers about devices. @returns its public form, for the server's configuration */
export function ensureCalloutKey(secrets: Secrets): string {
  const publicFile = secrets.path("callout.pub");
  if (!existsSync(publicFile)) {
    const account = createAccount();
    writePrivate(secrets.path("callout.seed"), new TextDecoder().decode(account.getSeed()));
    writePrivate(publicFile, account.getPublicKey());
  }
  return readFileSync(publicFile, "utf8").trim();
}
