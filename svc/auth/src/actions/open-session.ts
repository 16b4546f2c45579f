import { type Refusal, refuse } from "@episante/contracts/problem";
import type { Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { AuthDeps } from "../deps.ts";
import { sessionLife } from "../domain/session.ts";
import { newSecret, sha256 } from "../secrets.ts";
import { endSessions, insertSession } from "../storage/sessions.ts";
import { syncSession } from "./sync-session.ts";

/** Facts of the browser that signs in. */
export interface Browser {
  readonly userAgent: string;
  /** Hashes of sessions the browser came with: they end, so that a planted cookie is worth nothing after the sign-in. */
  readonly earlierSessions: readonly string[];
}

/** A session that is about to be opened: the secret exists only here and in the cookie. */
export interface FreshSession {
  readonly secret: string;
  readonly secretHash: string;
}

/** A new session secret. */
export function freshSession(): FreshSession {
  const secret = newSecret();
  return { secret, secretHash: sha256(secret) };
}

/** Saves the new session in the transaction that signs in, and ends those the browser came with. */
export async function saveSession(tx: Tx, deps: AuthDeps, accountId: string, fresh: FreshSession, browser: Browser): Promise<void> {
  const now = deps.realNow();
  await endSessions(tx, browser.earlierSessions, new Date(now));
  await insertSession(tx, {
    id: newId("ses", now),
    accountId,
    secretHash: fresh.secretHash,
    userAgent: browser.userAgent.slice(0, 300),
    createdAt: new Date(now),
    lastSeenAt: new Date(now),
    expiresAt: new Date(now + sessionLife.absoluteMs),
  });
}

/** Tells the gateway about the new session before the answer. When that fails, nobody may hold the cookie: the sign-in is refused. */
export async function publishSession(deps: AuthDeps, fresh: FreshSession, browser: Browser): Promise<Refusal | null> {
  try {
    for (const earlier of browser.earlierSessions) await syncSession(deps, earlier);
    await syncSession(deps, fresh.secretHash);
    return null;
  } catch (error) {
    deps.log.error({ err: error }, "a new session could not be published");
    return refuse("not-ready");
  }
}
