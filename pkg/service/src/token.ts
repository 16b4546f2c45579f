import { createHash } from "node:crypto";
import { type CallerName, type TokenActor, tokenActorSchema } from "@episante/contracts/session";
import { createLocalJWKSet, importJWK, type JSONWebKeySet, type JWK, jwtVerify, SignJWT } from "jose";

/** Longest life of a token, seconds. */
const lifetimeSeconds = 60;
/** Gateway tokens may name people and devices; a service's own token names only itself. */
const issuerOf = (name: string) => `episante:${name}`;

export interface Signer {
  readonly name: CallerName;
  /** A token for one service (two, where the first asks the second on the caller's behalf), EdDSA, at most 60 s. */
  sign(actor: TokenActor, audience: string | readonly string[]): Promise<string>;
}

/** @param signingKey private Ed25519 JWK (JSON) whose `kid` stands in the public key set */
export async function makeSigner(name: CallerName, signingKey: string): Promise<Signer> {
  const jwk = JSON.parse(signingKey) as JWK;
  const key = await importJWK(jwk, "EdDSA");
  if (!jwk.kid) throw new Error("the signing key has no kid");
  const kid = jwk.kid;
  return {
    name,
    sign: (actor, audience) =>
      new SignJWT({ actor })
        .setProtectedHeader({ alg: "EdDSA", kid, typ: "JWT" })
        .setIssuer(issuerOf(name))
        .setAudience(typeof audience === "string" ? audience : [...audience])
        .setIssuedAt()
        .setExpirationTime(`${lifetimeSeconds}s`)
        .sign(key),
  };
}

export interface Verifier {
  /** The actor of a token, or null for anything that is not a valid token for this audience. */
  verify(token: string): Promise<TokenActor | null>;
}

/**
 * Verifies tokens for one audience against the public keys of this installation. Algorithm and issuer are pinned; only the
 * gateway may speak for people and devices, and a service only for itself. Verified tokens are remembered until they expire.
 */
export function makeVerifier(audience: string, jwks: string, rememberAtMost = 5000): Verifier {
  const keySet = JSON.parse(jwks) as JSONWebKeySet;
  const keys = createLocalJWKSet(keySet);
  const remembered = new Map<string, { actor: TokenActor; expiresAtMs: number }>();
  return {
    async verify(token) {
      if (token.length > 4096) return null;
      const hash = createHash("sha256").update(token).digest("base64");
      const known = remembered.get(hash);
      if (known && known.expiresAtMs > Date.now()) return known.actor;
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys, {
          audience,
          algorithms: ["EdDSA"],
          requiredClaims: ["exp", "iat", "iss"],
          maxTokenAge: `${lifetimeSeconds + 5}s`,
        });
        const actor = tokenActorSchema.parse(payload.actor);
        const signer = signerOf(protectedHeader.kid);
        if (payload.iss !== issuerOf(signer)) return null;
        if (actor.kind === "service" ? actor.service !== signer : signer !== "gateway") return null;
        if (remembered.size >= rememberAtMost) remembered.clear();
        remembered.set(hash, { actor, expiresAtMs: (payload.exp ?? 0) * 1000 });
        return actor;
      } catch {
        return null;
      }
    },
  };
}

/** Key ids are `<process>-<number>`. */
function signerOf(kid: string | undefined): string {
  return (kid ?? "").replace(/-\d+$/, "");
}
