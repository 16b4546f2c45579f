import { createHash, randomBytes } from "node:crypto";

/** A new 256-bit secret in URL-safe letters (43 of them). */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** SHA-256 of a text as 64 hex digits: what is stored of session and invitation secrets, and of e-mails in attempt counters. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
