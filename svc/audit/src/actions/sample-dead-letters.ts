import type { Gauge } from "@episante/service/metrics";
import type { Sample } from "@episante/service/sample";
import type { RunningAuditDeps } from "../deps.ts";
import { countReplaysFrom } from "../storage/replays.ts";

/** Dead letters that nobody has replayed yet. Replayed ones stay on the stream until they age out, and do not count. */
export function deadLetterSample(deps: Pick<RunningAuditDeps, "db" | "deadLetters">, waiting: Gauge): Sample {
  const take = async () => {
    const { messages, firstSeq } = await deps.deadLetters.extent();
    const replayed = messages === 0 ? 0 : await countReplaysFrom(deps.db, firstSeq);
    waiting.set(Math.max(0, messages - replayed));
  };
  return { name: "dead-letters", everyMs: 10_000, take };
}
