import type { DeviceEntry } from "@episante/contracts/device";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { maxBatchBytes, type RefusedItem, type ServerFrame } from "@episante/contracts/reading";
import type { Clock } from "@episante/service/clock";
import { toProblem } from "@episante/service/problem";
import { inSpan, isTracing } from "@episante/service/trace";
import { accept } from "../domain/accept.ts";
import { jsonDepthMeter } from "../domain/json-depth.ts";
import type { Trace } from "../domain/trace.ts";
import { traceOf } from "../trace.ts";
import type { Committer } from "./committer.ts";
import type { Safety } from "./safety.ts";

/** What a door tells the device about one batch. `boot` and `seq` are null when the batch did not even tell them. */
export interface Receipt {
  readonly boot: string | null;
  readonly seq: number | null;
  readonly result: { readonly readings: number; readonly refusedItems: RefusedItem[] } | Refusal;
  /** Absent when the batch has no trace: a refusal then gets an id of its own. */
  readonly traceId?: string;
}

/** How a batch came in, for its trace. */
export interface Origin {
  readonly door: "socket" | "http" | "nats";
  /** Where the door has headers; else the batch may name its trace itself. */
  readonly trace?: Trace;
}

/** The one behaviour behind all doors: judge a batch, commit it, say what became of it. */
export type Receive = (batch: unknown, device: DeviceEntry, origin: Origin) => Promise<Receipt>;

/** Ties judging and committing together. */
export function makeReceive(deps: { clock: Clock; committer: Committer; safety: Safety }): Receive {
  const { clock, committer, safety } = deps;
  /** @param submit how the frame gets to the log */
  async function take(batch: unknown, device: DeviceEntry, submit: Committer["submit"]): Promise<Receipt> {
    const named = nameOf(batch);
    const refused = (refusal: Refusal): Receipt => ({ ...named, result: refusal });
    if (!safety.isSafe()) return refused(refuse("not-ready"));
    const judged = accept(batch, device, clock.now());
    if (isRefusal(judged)) return refused(judged);
    const { frame, refusedItems } = judged;
    // Also when no reading is left: the readers' marks of what they saw must not get a gap.
    const outcome = await submit(frame);
    if (outcome !== "committed") return refused(refuse("back-pressure", { extra: { retryAfterSeconds: 1 } }));
    return { boot: frame.boot, seq: frame.seq, result: { readings: frame.readings.length, refusedItems } };
  }

  /** The batch as the first span of its trace, its way to the disk as the second; the frame carries that one to the readers. */
  function takeTraced(batch: unknown, device: DeviceEntry, { door, trace }: Origin): Promise<Receipt> {
    const entry = trace ?? traceOf((batch as { traceparent?: unknown } | null)?.traceparent);
    return inSpan({ name: "receive readings", kind: "server", entry, attributes: { "episante.door": door } }, async (span) => {
      const receipt = await take(batch, device, (frame) =>
        inSpan({ name: "commit readings", kind: "producer", parent: span.traceparent }, ({ traceparent }) =>
          committer.submit(traceparent ? { ...frame, traceparent } : frame),
        ),
      );
      const { result } = receipt;
      span.set(
        isRefusal(result) ? { "episante.outcome": result.refused } : { "episante.outcome": "ok", "episante.readings": result.readings },
      );
      return { ...receipt, traceId: entry.traceId };
    });
  }
  return (batch, device, origin) => (isTracing() ? takeTraced(batch, device, origin) : take(batch, device, committer.submit));
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Parses the text of a batch within the limits every door has. A batch over the size limit is still parsed, so that it can be named. */
export function parseBatch(message: Uint8Array | string): { readonly batch: unknown; readonly refusal: Refusal | null } {
  const bytes = typeof message === "string" ? Buffer.from(message) : message;
  if (!jsonDepthMeter().add(bytes)) return { batch: null, refusal: refuse("too-deep") };
  try {
    const batch: unknown = JSON.parse(typeof message === "string" ? message : utf8.decode(message));
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

/**
 * The frames of the device socket that say what became of a batch; single refused readings first, the verdict last.
 * @param traceId made only for a refusal that has no trace
 */
export function framesOf({ boot, seq, result, traceId: known }: Receipt, traceId: () => string): ServerFrame[] {
  const name = boot ?? "";
  const number = seq ?? -1;
  if (isRefusal(result)) return [{ boot: name, nack: number, problem: toProblem(result, known ?? traceId()) }];
  const ack: ServerFrame = { boot: name, ack: number };
  return result.refusedItems.length === 0 ? [ack] : [{ boot: name, refused: number, items: result.refusedItems }, ack];
}
