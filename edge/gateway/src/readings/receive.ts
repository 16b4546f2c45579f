import type { DeviceEntry } from "@episante/contracts/device";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { maxBatchBytes, type RefusedItem, type ServerFrame } from "@episante/contracts/reading";
import type { Clock } from "@episante/service/clock";
import { toProblem } from "@episante/service/problem";
import { inSpan, isTracing } from "@episante/service/trace";
import { accept } from "../domain/accept.ts";
import { isTooDeep, jsonDepthMeter } from "../domain/json-depth.ts";
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

/** Ways a device hands its batches over. */
export const doors = ["socket", "http", "nats", "mqtt"] as const;
export type Door = (typeof doors)[number];

/** How a batch came in, for its trace. */
export interface Origin {
  readonly door: Door;
  /** Where the door has headers; else the batch may name its trace itself. */
  readonly trace?: Trace;
}

/**
 * The one behaviour behind all doors: judge a batch, commit it, say what became of it. `tell` is called once, for a refusal possibly at once;
 * a callback because promises per frame were a good part of the path.
 */
export type Receive = (batch: unknown, device: DeviceEntry, origin: Origin, tell: (receipt: Receipt) => void) => void;

/** The same for doors that answer one batch at a time. */
export function received(receive: Receive, batch: unknown, device: DeviceEntry, origin: Origin): Promise<Receipt> {
  return new Promise((resolve) => receive(batch, device, origin, resolve));
}

/** Ties judging and committing together. */
export function makeReceive(deps: { clock: Clock; committer: Committer; safety: Safety }): Receive {
  const { clock, committer, safety } = deps;
  /** @param commit how the frame gets to the log */
  function take(batch: unknown, device: DeviceEntry, commit: Committer["take"], tell: (receipt: Receipt) => void): void {
    const judged = safety.isSafe() ? accept(batch, device, clock.now()) : refuse("not-ready");
    if (isRefusal(judged)) {
      tell({ ...nameOf(batch), result: judged });
      return;
    }
    const { frame, refusedItems } = judged;
    const { boot, seq } = frame;
    const readings = frame.readings.length;
    // Also when no reading is left: the readers' marks of what they saw must not get a gap.
    commit(frame, (outcome) => {
      const result = outcome === "committed" ? { readings, refusedItems } : refuse("back-pressure", { extra: { retryAfterSeconds: 1 } });
      tell({ boot, seq, result });
    });
  }

  /** The batch as the first span of its trace, its way to the disk as the second; the frame carries that one to the readers. */
  function takeTraced(batch: unknown, device: DeviceEntry, { door, trace }: Origin): Promise<Receipt> {
    const entry = trace ?? traceOf((batch as { traceparent?: unknown } | null)?.traceparent);
    return inSpan({ name: "receive readings", kind: "server", entry, attributes: { "episante.door": door } }, async (span) => {
      const commit: Committer["take"] = (frame, decided) =>
        void inSpan({ name: "commit readings", kind: "producer", parent: span.traceparent }, ({ traceparent }) =>
          committer.submit(traceparent ? { ...frame, traceparent } : frame),
        ).then(decided);
      const receipt = await new Promise<Receipt>((resolve) => take(batch, device, commit, resolve));
      const { result } = receipt;
      span.set(
        isRefusal(result) ? { "episante.outcome": result.refused } : { "episante.outcome": "ok", "episante.readings": result.readings },
      );
      return { ...receipt, traceId: entry.traceId };
    });
  }
  return (batch, device, origin, tell) => {
    if (isTracing()) void takeTraced(batch, device, origin).then(tell);
    else take(batch, device, committer.take, tell);
  };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Parses the text of a batch within the limits every door has. A batch over the size limit is still parsed, so that it can be named. */
export function parseBatch(message: Uint8Array | string): { readonly batch: unknown; readonly refusal: Refusal | null } {
  const isText = typeof message === "string";
  if (isText ? isTooDeep(message) : !jsonDepthMeter().add(message)) return { batch: null, refusal: refuse("too-deep") };
  try {
    const batch: unknown = JSON.parse(isText ? message : utf8.decode(message));
    const bytes = isText ? Buffer.byteLength(message) : message.length;
    return { batch, refusal: bytes > maxBatchBytes ? refuse("body-too-large") : null };
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
