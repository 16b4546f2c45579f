import type { SessionEntry } from "@episante/contracts/session";
import { grant } from "@episante/service/db";
import type { AuthDeps } from "../deps.ts";
import { sessionEntryOf } from "../domain/session.ts";
import { findSessionFacts, listOpenSessions } from "../storage/sessions.ts";

/**
 * Makes the gateway's entry of a session what the database says: written, changed or deleted. The entry's revision is read before the
 * database and checked by the write, so that of two concurrent changes the later one always wins. Safe to repeat.
 */
export async function syncSession(deps: AuthDeps, secretHash: string): Promise<void> {
  for (let attempt = 1; attempt <= 10; attempt++) {
    const stored = await deps.bucket.find(secretHash);
    const facts = await deps.db.transaction(grant.system("auth.sync-session"), (tx) =>
      findSessionFacts(tx, secretHash, new Date(deps.realNow())),
    );
    const wanted = facts && sessionEntryOf(facts);
    if (isSame(stored?.entry ?? null, wanted)) return;
    if (await deps.bucket.replace(secretHash, wanted, stored?.revision)) return;
  }
  throw new Error("a session entry could not be written: it keeps changing");
}

/** Does the same for every open session of an account, so that a change of its memberships applies at once. */
export async function syncSessionsOf(deps: AuthDeps, accountId: string): Promise<void> {
  const open = await deps.db.transaction(grant.system("auth.sync-session"), (tx) =>
    listOpenSessions(tx, accountId, new Date(deps.realNow())),
  );
  for (const session of open) await syncSession(deps, session.secretHash);
}

function isSame(a: SessionEntry | null, b: SessionEntry | null): boolean {
  if (a === null || b === null) return a === b;
  const text = ({ actor, expiresAtMs, idleSeconds }: SessionEntry) =>
    JSON.stringify([
      actor.accountId,
      actor.sessionHash,
      actor.patientId,
      actor.demo,
      actor.memberships.map((held) => [held.clinicId, held.role, held.doctorId]),
      expiresAtMs,
      idleSeconds,
    ]);
  return text(a) === text(b);
}
