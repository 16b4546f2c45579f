import { readFileSync } from "node:fs";
import { z } from "zod";
import { Failure } from "./failure.ts";

const schema = z.object({
  /** Address people reach the clinic at, for links. */
  PUBLIC_URL: z.url().default("https://localhost"),
  /** Domain with a public certificate, if one is set. */
  EPISANTE_DOMAIN: z.string().default(""),
  /** E-mail of the first administrator. */
  EPISANTE_ADMIN: z.string().default("admin@clinic.local"),
  /** File with the address of the mail server (`smtp://` or `smtps://`), as the person who runs the machine gave it. */
  SMTP_URL_GIVEN: z.string().default("/given/smtp.url"),
});

/** Settings of the set-up steps in containers. @throws Failure naming each wrong one */
export function setupConfig(env: Record<string, string | undefined> = process.env) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new Failure(
    `Settings are not right:\n${parsed.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`).join("\n")}`,
  );
}

/** The mail server's address, or null when none was given. @throws Failure when it is not an SMTP address */
export function smtpUrl(file: string): string | null {
  let text = "";
  try {
    text = readFileSync(file, "utf8").trim();
  } catch {
    return null;
  }
  if (text === "") return null;
  if (!/^smtps?:\/\/\S+$/.test(text))
    throw new Failure("The file named by EPISANTE_SMTP_URL_FILE must hold one line such as smtps://user:password@mail.example:465");
  return text;
}
