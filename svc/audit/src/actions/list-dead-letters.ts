import type { deadLetterSchema } from "@episante/contracts/audit";
import { refuse } from "@episante/contracts/problem";
import { toInstant } from "@episante/contracts/time";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { z } from "zod";
import type { DeadLetter } from "../dead-letters.ts";
import type { AuditDeps } from "../deps.ts";
import { listReplays } from "../storage/replays.ts";
import { cursorOf } from "./list-records.ts";

export type DeadLetterItem = z.infer<typeof deadLetterSchema>;

/** A page of dead letters, newest first: where they came from and why, never what they say. Admins only, by the endpoint's policy. */
export const listDeadLetters = defineAction<
  AuditDeps,
  { cursor?: string | undefined; limit?: number | undefined },
  { items: DeadLetterItem[]; next?: string }
>({
  name: "audit.list-dead-letters",
  access: () => grant.public(),
  run: async ({ deps, input, tx }) => {
    const limit = input.limit ?? 50;
    const before = cursorOf(input.cursor);
    if (before === null) return refuse("invalid-input", { errors: [{ path: "cursor", message: "not a cursor of this list" }] });
    const letters = await deps.deadLetters.list(before, limit);
    const replays = await listReplays(
      tx,
      letters.map((letter) => letter.seq),
    );
    const last = letters.at(-1)?.seq;
    return {
      items: letters.map((letter) => itemOf(letter, replays.get(letter.seq))),
      ...(letters.length === limit && last ? { next: String(last) } : {}),
    };
  },
});

/** A dead letter as people see it. */
export function itemOf(letter: DeadLetter, replayedAtMs: number | undefined): DeadLetterItem {
  return {
    id: String(letter.seq),
    service: letter.service,
    reader: letter.reader,
    subject: letter.subject,
    reason: letter.reason,
    at: toInstant(letter.atMs),
    bytes: letter.data.length,
    ...(replayedAtMs === undefined ? {} : { replayedAt: toInstant(replayedAtMs) }),
  };
}
