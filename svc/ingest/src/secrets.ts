import { createHash, randomBytes, randomInt } from "node:crypto";
import type { Secrets } from "./deps.ts";

/** No 0 O 1 I L: what can be misread on a screen is not in a code. */
const codeAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

export const secrets: Secrets = {
  newCode: () => Array.from({ length: 8 }, () => codeAlphabet[randomInt(codeAlphabet.length)]).join(""),
  newToken: (deviceId) => `${deviceId}.${randomBytes(32).toString("base64url")}`,
  hash: (secret) => createHash("sha256").update(secret).digest("hex"),
};
