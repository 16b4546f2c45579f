import { maxReadingsPerBatch } from "@episante/contracts/reading";
import { testClockPath } from "@episante/contracts/system";
import { openDevice } from "./client.ts";
import { type DoorName, type LinkTarget, targetOf } from "./links/link.ts";
import { type ColumnMap, defaultMap, groupRows, readingsOf, readRecording } from "./recording.ts";

export interface ReplayOptions extends LinkTarget {
  readonly file: string;
  /** Default `ws`. */
  readonly door?: DoorName;
  /** How much faster than recorded; `max` sends as fast as the server takes it. */
  readonly speed: number | "max";
  /** Instant of second 0, RFC 3339; default: such that the recording ends now. */
  readonly start?: string;
  /** Columns to send; default HR, PULSE, RESP, SpO2. */
  readonly map?: ColumnMap;
  readonly onProgress?: (progress: ReplayProgress) => void;
  readonly signal?: AbortSignal;
}

/** Readings sent, on disk at the server, and refused; batches acknowledged. */
export interface ReplayResult {
  readonly sent: number;
  readonly acked: number;
  readonly refused: number;
  readonly batches: number;
}
export interface ReplayProgress extends ReplayResult {
  /** Seconds of the recording sent, and its length. */
  readonly seconds: number;
  readonly totalSeconds: number;
}

/** Batches that may wait for their acknowledgement before the source is held. */
const maxWaiting = 256;
/** How long the end waits for the last acknowledgements. */
const lastAckMs = 60_000;

/**
 * Streams a recording through the real path as if it happened now at `speed`. Each batch holds about one recorded second and says when it would have been sent
 * (`sentAt`), which the server takes as receive time for replay devices. A pause of the network holds the recording, it is never skipped.
 * @throws Error when the file cannot be read or the token is refused
 */
export async function runReplay(options: ReplayOptions): Promise<ReplayResult> {
  const map = options.map ?? defaultMap;
  const { first, last } = await measure(options.file, map);
  const startMs = options.start === undefined ? (await businessNow(options)) - last * 1000 : Date.parse(options.start);
  if (Number.isNaN(startMs)) throw new Error("start is not an instant");
  const totals = { sent: 0, acked: 0, refused: 0, batches: 0 };
  const device = await openDevice({
    ...targetOf(options),
    // What was recorded later must not overtake.
    order: "in-order",
    onSettled(batch, settlement) {
      const left = settlement.kind === "acked" ? settlement.refusedItems.length : batch.readings.length;
      totals.refused += left;
      totals.acked += batch.readings.length - left;
      if (settlement.kind === "acked") totals.batches += 1;
    },
  });
  try {
    const span = options.speed === "max" ? 2 : Math.max(1, options.speed / 50);
    let beganAtMs: number | null = null;
    for await (const group of groupRows(readRecording(options.file, map), span, maxReadingsPerBatch)) {
      const readings = readingsOf(group, startMs);
      if (readings.length === 0) continue;
      beganAtMs ??= performance.now() - (options.speed === "max" ? 0 : ((group.to - first) / options.speed) * 1000);
      if (options.speed !== "max") await sleep(beganAtMs + ((group.to - first) / options.speed) * 1000 - performance.now(), options.signal);
      while (device.waiting() >= maxWaiting && !isStopped(options, device.state())) await Bun.sleep(5);
      if (isStopped(options, device.state())) break;
      totals.sent += readings.length;
      await device.send(readings, { sentAt: new Date(startMs + Math.round(group.to * 1000)).toISOString() });
      options.onProgress?.({ ...totals, seconds: group.to - first, totalSeconds: last - first });
    }
    if (!options.signal?.aborted) await device.drained(lastAckMs);
    if (device.state() === "rejected") throw new Error("the server refuses the device's token");
    options.onProgress?.({ ...totals, seconds: last - first, totalSeconds: last - first });
    return { ...totals };
  } finally {
    await device.close();
  }
}

function isStopped(options: ReplayOptions, state: string): boolean {
  return options.signal?.aborted === true || state === "rejected";
}

/** First and last second of the recording. */
async function measure(file: string, map: ColumnMap): Promise<{ first: number; last: number }> {
  let first: number | null = null;
  let last = 0;
  for await (const row of readRecording(file, map)) {
    first ??= row.seconds;
    last = row.seconds;
  }
  if (first === null) throw new Error("the file holds no readings");
  return { first, last };
}

/** The server's idea of now where it runs with a test clock, else ours. */
async function businessNow({ url, ca }: ReplayOptions): Promise<number> {
  try {
    const answer = await fetch(new URL(testClockPath, url), {
      signal: AbortSignal.timeout(2_000),
      ...(ca ? { tls: { ca } } : {}),
    } as RequestInit);
    const at = answer.ok ? Date.parse(((await answer.json()) as { at: string }).at) : Number.NaN;
    return Number.isNaN(at) ? Date.now() : at;
  } catch {
    return Date.now();
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (ms <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
