import type { DeviceEntry } from "@episante/contracts/device";
import type { Frame } from "@episante/contracts/envelope";
import { type ProblemCode, type Refusal, refuse } from "@episante/contracts/problem";
import {
  type BatchFrame,
  batchFrameSchema,
  earliestReadingMs,
  maxAheadMs,
  maxReadingsPerBatch,
  type RefusedItem,
} from "@episante/contracts/reading";
import {
  crossChecks,
  flagOf,
  isCoded,
  isWithheld,
  numberOf,
  type Signal,
  signalOf,
  toCanonical,
  wordsOf,
} from "@episante/contracts/signals";

/** A batch that may be committed: the frame for the stream, and the single readings that were left out of it. */
export interface Accepted {
  readonly frame: Frame;
  readonly refusedItems: RefusedItem[];
}

type StoredReading = Frame["readings"][number];

/**
 * Judges one batch, the same for every door. A bad frame is refused whole, a bad reading alone.
 * Devices of kind `replay` bring their own receive time (`sentAt`), which may not lie ahead of the clock.
 * @param batch what the device sent, already parsed from JSON
 * @param nowMs the gateway's business clock, ms
 */
export function accept(batch: unknown, device: DeviceEntry, nowMs: number): Accepted | Refusal {
  const shaped = plainBatch(batch) ?? parseShape(batch);
  if ("refused" in shaped) return shaped;
  const { boot, seq, readings, status } = shaped;
  if (readings.length === 0) return refuse("empty-batch");
  if (readings.length > maxReadingsPerBatch) return refuse("batch-too-large");
  const receivedAtMs = receiveTime(shaped, device, nowMs);
  if (typeof receivedAtMs !== "number") return receivedAtMs;

  const kept: StoredReading[] = [];
  const refusedItems: RefusedItem[] = [];
  for (let index = 0; index < readings.length; index++) {
    const judged = judgeReading(readings[index], receivedAtMs);
    if (typeof judged === "string") refusedItems.push({ index, code: judged });
    else kept.push(judged);
  }
  crossCheck(kept);
  const frame: Frame = {
    deviceId: device.deviceId,
    patientId: device.patientId,
    clinicId: device.clinicId,
    kind: device.kind,
    boot,
    seq,
    receivedAtMs,
    readings: kept,
  };
  if (status?.battery !== undefined) frame.battery = status.battery;
  if (status?.worn !== undefined) frame.worn = status.worn;
  if (refusedItems.length > 0) frame.refused = refusedItems.length;
  const skewMs = device.kind === "replay" ? undefined : skewOf(shaped, frame, refusedItems);
  if (skewMs !== undefined) frame.skewMs = skewMs;
  return { frame, refusedItems };
}

/** Bit of each signal that takes part in a cross-check, and the bits of each pair. */
const pairs = crossChecks.map((check, index) => ({ ...check, bits: 3 << (2 * index) }));
const bitOf: { readonly [S in Signal]?: number } = Object.fromEntries(
  pairs.flatMap(({ signals: [first, second] }, index) => [
    [first, 1 << (2 * index)],
    [second, 2 << (2 * index)],
  ]),
);

/** Flags readings of one instant that contradict each other. Only a batch that holds both signals of a pair costs more than one look at each. */
function crossCheck(kept: StoredReading[]): void {
  if (kept.length < 2) return;
  let present = 0;
  for (const [, signal] of kept) present |= bitOf[signal] ?? 0;
  for (const { signals, bits, fails, flags } of pairs) {
    if ((present & bits) !== bits) continue;
    const [firsts, seconds] = signals.map((signal) => placesOf(kept, signal));
    for (const [atMs, places] of firsts ?? []) {
      for (const first of places) {
        for (const second of seconds?.get(atMs) ?? []) {
          if (!fails(kept[first]?.[2] ?? Number.NaN, kept[second]?.[2] ?? Number.NaN)) continue;
          flag(kept, first, flags[0]);
          flag(kept, second, flags[1]);
        }
      }
    }
  }
}

/** Where in the list the evaluated readings of a signal stand, by their instant. */
function placesOf(kept: readonly StoredReading[], signal: Signal): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const [index, [, of, , atMs, flagged]] of kept.entries()) {
    if (of !== signal || isWithheld(flagged)) continue;
    const same = places.get(atMs);
    if (same) same.push(index);
    else places.set(atMs, [index]);
  }
  return places;
}

function flag(kept: StoredReading[], index: number, as: StoredReading[4]): void {
  const reading = kept[index];
  if (reading && as) kept[index] = [reading[0], reading[1], reading[2], reading[3], as];
}

const bootPattern = /^[A-Za-z0-9_-]{1,40}$/;

/** A batch of the three fields every batch has, told without the schema, which would cost as much as parsing it. Null: the schema decides. */
function plainBatch(batch: unknown): BatchFrame | null {
  if (typeof batch !== "object" || batch === null || Array.isArray(batch)) return null;
  for (const key in batch) if (key !== "boot" && key !== "seq" && key !== "readings") return null;
  const { boot, seq, readings } = batch as Record<string, unknown>;
  if (typeof boot !== "string" || !bootPattern.test(boot) || !Number.isSafeInteger(seq) || (seq as number) < 0) return null;
  return Array.isArray(readings) ? { boot, seq: seq as number, readings } : null;
}

function parseShape(batch: unknown): BatchFrame | Refusal {
  const parsed = batchFrameSchema.safeParse(batch);
  return parsed.success ? parsed.data : refuseShape(parsed.error.issues);
}

function receiveTime(batch: BatchFrame, device: DeviceEntry, nowMs: number): number | Refusal {
  if (device.kind !== "replay" || batch.sentAt === undefined) return nowMs;
  const sentAtMs = Date.parse(batch.sentAt);
  if (sentAtMs > nowMs + maxAheadMs) return refuse("time-in-future");
  if (sentAtMs < earliestReadingMs) return refuse("time-too-old");
  return sentAtMs;
}

/** Newest readings further back say nothing about the clock: the batch waited. */
const backlogMs = 2 * 60_000;
/** A reading further ahead is one with a wrong date; the clock is judged by the others. */
const mostSkewMs = 86_400_000;

/** The device's clock minus the gateway's, ms; undefined when the batch does not tell. */
function skewOf(
  { sentAt, readings }: BatchFrame,
  { receivedAtMs, readings: kept }: Frame,
  refused: readonly RefusedItem[],
): number | undefined {
  if (sentAt !== undefined) return Date.parse(sentAt) - receivedAtMs;
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const [, , , atMs] of kept) if (atMs > newestMs) newestMs = atMs;
  for (const { index, code } of refused) {
    if (code !== "time-in-future") continue;
    const atMs = Date.parse((readings[index] as { at: string }).at);
    if (atMs <= receivedAtMs + mostSkewMs && atMs > newestMs) newestMs = atMs;
  }
  const skewMs = newestMs - receivedAtMs;
  return skewMs >= -backlogMs ? skewMs : undefined;
}

const readingKeys = new Set(["code", "value", "unit", "at"]);
/** RFC 3339 with a zone. A leap second or an impossible day fails `Date.parse` instead. */
const instantPattern = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** The reading as stored, or why it is refused. Hand-written: a schema per reading would cost more than the rest of the path. */
function judgeReading(input: unknown, receivedAtMs: number): StoredReading | ProblemCode {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return "invalid-input";
  for (const key in input) if (!readingKeys.has(key)) return "unknown-field";
  const { code, value, unit, at } = input as Record<string, unknown>;
  const signal = typeof code === "string" ? signalOf(code) : undefined;
  if (typeof code !== "string" || !signal) return "unknown-code";
  const canonical = isCoded(signal) || typeof value === "string" ? judgeWord(signal, value, unit) : judgeNumber(signal, value, unit);
  if (typeof canonical === "string") return canonical;
  const atMs = typeof at === "string" && instantPattern.test(at) && isRealDay(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(atMs)) return "invalid-input";
  if (atMs > receivedAtMs + maxAheadMs) return "time-in-future";
  if (atMs < earliestReadingMs) return "time-too-old";
  const flag = flagOf(signal, canonical);
  return flag ? [code, signal, canonical, atMs, flag] : [code, signal, canonical, atMs];
}

function judgeNumber(signal: Signal, value: unknown, unit: unknown): number | ProblemCode {
  if (typeof value !== "number" || !Number.isFinite(value)) return "not-a-number";
  const canonical = typeof unit === "string" ? toCanonical(signal, value, unit) : undefined;
  if (canonical === undefined) return "unknown-unit";
  return Number.isFinite(canonical) ? canonical : "not-a-number";
}

/** A word says it all: a unit may be left out or empty, but not be one of something else. */
function judgeWord(signal: Signal, word: unknown, unit: unknown): number | ProblemCode {
  if (wordsOf(signal).length === 0) return "not-a-number";
  const value = typeof word === "string" ? numberOf(signal, word) : undefined;
  if (value === undefined) return "unknown-value";
  if (unit === undefined || unit === "") return value;
  return typeof unit === "string" && toCanonical(signal, value, unit) !== undefined ? value : "unknown-unit";
}

/** `Date.parse` rolls 30 February over into March; a device that says so has a broken clock. */
function isRealDay(instant: string): boolean {
  const day = Number(instant.slice(8, 10));
  return day <= 28 || day <= new Date(Date.UTC(Number(instant.slice(0, 4)), Number(instant.slice(5, 7)), 0)).getUTCDate();
}

function refuseShape(issues: readonly { readonly code: string; readonly path: readonly PropertyKey[] }[]): Refusal {
  const unknown = issues.some((issue) => issue.code === "unrecognized_keys");
  const errors = issues.slice(0, 10).map((issue) => ({ path: issue.path.join("."), message: issue.code }));
  return refuse(unknown ? "unknown-field" : "invalid-input", { errors });
}
