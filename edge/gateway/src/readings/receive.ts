import type { DeviceEntry } from "@episante/contracts/device";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { maxBatchBytes, type RefusedItem, type ServerFrame } from "@episante/contracts/reading";
import type { Clock } from "@episante/service/clock";
import { toProblem } from "@episante/service/problem";
import { accept } from "../domain/accept.ts";
import { jsonDepthMeter } from "../domain/json-depth.ts";
import type { Committer } from "./committer.ts";
import type { Safety } from "./safety.ts";

/** What a door tells the device about one batch. `boot` and `seq` are null when the batch did not even tell them. */
export interface Receipt {
  readonly boot: string | null;
  readonly seq: number | null;
  readonly result: { readonly readings: number; readonly refusedItems: RefusedItem[] } | Refusal;
}

/** The one behaviour behind all doors: judge a batch, commit it, say what became of it. */
export type Receive = (batch: unknown, device: DeviceEntry) => Promise<Receipt>;

/** Ties judging and committing together. */
export function makeReceive(deps: { clock: Clock; committer: Committer; safety: Safety }): Receive {
  const { clock, committer, safety } = deps;
  return async (batch, device) => {
    const named = nameOf(batch);
    const refused = (refusal: Refusal): Receipt => ({ ...named, result: refusal });
    if (!safety.isSafe()) return refused(refuse("not-ready"));
    const judged = accept(batch, device, clock.now());
    if (isRefusal(judged)) return refused(judged);
    const { frame, refusedItems } = judged;
    // Also when no reading is left: the readers' marks of what they saw must not get a gap.
    const outcome = await committer.submit(frame);
    if (outcome !== "committed") return refused(refuse("back-pressure", { extra: { retryAfterSeconds: 1 } }));
    return { boot: frame.boot, seq: frame.seq, result: { readings: frame.readings.length, refusedItems } };
  };
}

/** Parses the text of a batch within the limits every door has. A batch over the size limit is still parsed, so that it can be named. */
export function parseBatch(bytes: Uint8Array): { readonly batch: unknown; readonly refusal: Refusal | null } {
  if (!jsonDepthMeter().add(bytes)) return { batch: null, refusal: refuse("too-deep") };
  try {
    const batch: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return { batch, refusal: bytes.length > maxBatchBytes ? refuse("body-too-large") : null };
  } catch {
    return { batch: null, refusal: refuse("malformed-json") };
  }
}

/** Which batch this claims to be, as far as it can be told. */
export function nameOf(batch: unknown): { boot: string | null; seq: number | null } {
  if (typeof batch !== "object" || batch === null) return { boot: null, seq: null };
  const { boot, seq } = batch as Record<string, unknown>;
  return {
    boot: typeof boot === "string" ? boot.slice(0, 40) : null,
    seq: typeof seq === "number" && Number.isSafeInteger(seq) ? seq : null,
  };
}

/** The frames of the device socket that say what became of a batch; single refused readings first, the verdict last. */
export function framesOf({ boot, seq, result }: Receipt, traceId: string): ServerFrame[] {
  const name = boot ?? "";
  const number = seq ?? -1;
  if (isRefusal(result)) return [{ boot: name, nack: number, problem: toProblem(result, traceId) }];
  const ack: ServerFrame = { boot: name, ack: number };
  return result.refusedItems.length === 0 ? [ack] : [{ boot: name, refused: number, items: result.refusedItems }, ack];
}
