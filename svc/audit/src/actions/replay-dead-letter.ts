import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import { enqueue } from "@episante/service/outbox";
import type { AuditDeps } from "../deps.ts";
import { insertReplay } from "../storage/replays.ts";
import { type DeadLetterItem, itemOf } from "./list-dead-letters.ts";

/** Streams a message may go back to. */
const replayable = /^(events|alerts|readings|audit)\.[A-Za-z0-9_.-]+$/;

/**
 * Publishes a dead letter again, on the subject it came from, through the outbox: exactly once, or `wrong-state` when it was
 * replayed before or cannot be. Admins only, by the endpoint's policy.
 */
export const replayDeadLetter = defineAction<AuditDeps, { id: string }, DeadLetterItem>({
  name: "audit.replay-dead-letter",
  access: () => grant.system("audit.replay-dead-letter"),
  run: async ({ actor, deps, input, tx, now, audit }) => {
    audit({ entity: { type: "dead-letter", id: input.id } });
    const seq = Number(input.id);
    const letter = Number.isSafeInteger(seq) && seq > 0 ? await deps.deadLetters.get(seq) : null;
    if (!letter) return refuse("not-found");
    const payload = textOf(letter.data);
    if (payload === null || !replayable.test(letter.subject))
      return refuse("wrong-state", { detail: "This message cannot be published again." });
    const accountId = actor.kind === "user" ? actor.accountId : actor.kind;
    if (!(await insertReplay(tx, { deadLetter: seq, accountId, atMs: now }))) {
      return refuse("wrong-state", { detail: "This message was published again before." });
    }
    await enqueue(tx, [{ id: `replay.${seq}`, type: "replay", subject: letter.subject, payload }]);
    return itemOf(letter, now);
  },
});

/** Text of a message, or null when it is not UTF-8: no reader could ever parse it. */
function textOf(data: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    return null;
  }
}
