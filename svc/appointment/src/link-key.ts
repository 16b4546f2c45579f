import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { LinkKey } from "./domain/visit-link.ts";

/**
 * The key for links in mails: HMAC-SHA-256 under a key derived (HKDF, RFC 5869) from this process's own signing key, so that no signature of
 * the one is good for the other and no secret is added to the installation. A new signing key ends the links that are out.
 * @param signingKey private Ed25519 JWK, JSON @throws Error when it has no private part
 */
export function linkKeyOf(signingKey: string): LinkKey {
  const { d } = JSON.parse(signingKey) as { d?: string };
  if (!d) throw new Error("the signing key has no private part");
  const key = Buffer.from(hkdfSync("sha256", Buffer.from(d, "base64url"), "", "episante:appointment:visit-link", 32));
  const mac = (text: string) => createHmac("sha256", key).update(text).digest();
  return {
    sign: (text) => mac(text).toString("base64url"),
    verify: (text, signature) => {
      const given = Buffer.from(signature, "base64url");
      return given.length === 32 && timingSafeEqual(given, mac(text));
    },
  };
}
