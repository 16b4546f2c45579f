import type { Frame } from "@episante/contracts/envelope";
import type { Signal } from "@episante/contracts/signals";
import type { Tx } from "@episante/service/db";
import { freshFrames, type ReaderContext } from "@episante/service/reader";
import type { IngestDeps } from "../deps.ts";
import { allDaysOf, dayOf, daysOf, type ReadingRow, splitReadings } from "../domain/readings.ts";
import { leastRetentionDays, retentionClassOf } from "../domain/retention.ts";
import { type Bucket, bucketsOf, sumsOf } from "../domain/rollups.ts";
import { type Seen, writeSeen } from "../storage/devices.ts";
import { ensureDays, insertNew, insertVersion, withoutRepeats } from "../storage/readings.ts";
import { listThinned, writeDays } from "../storage/retention.ts";
import { addToRollups, refreshRollups } from "../storage/rollups.ts";

export const readerName = "store";

/** Stores a batch of the log: rows, roll-ups, marks and the reader's checkpoint are one transaction. */
export async function storeReadings({ tx, partition, messages, deps }: ReaderContext<IngestDeps>): Promise<void> {
  const frames = await freshFrames(
    tx,
    readerName,
    messages.flatMap(({ envelope }) => envelope.frames),
  );
  if (frames.length === 0) return;
  const { first, again } = splitReadings(frames);
  const nowMs = deps.clock.now();
  await ensureDays(tx, daysOf(first, nowMs));
  // In order: what is known already may be a duplicate or a correction, and so may what a later frame of the batch repeats.
  const known = await insertNew(tx, first);
  const repeated = [...(await withoutRepeats(tx, known)), ...again];
  for (const row of repeated) await insertVersion(tx, row);
  const areNew = known.length === 0 && again.length === 0;
  await rollUp(tx, first, { partition, lastSeq: messages.at(-1)?.seq ?? 0, nowMs, areNew });
  await writeSeen(tx, seenIn(frames));
}

/**
 * Makes the roll-ups of written readings right, and records for retention which days they fell on.
 * @param from the message of the log that held the last of them; `areNew`: this transaction inserted each of them, and none was known in any version
 */
export async function rollUp(
  tx: Tx,
  rows: readonly ReadingRow[],
  from: { readonly partition: number; readonly lastSeq: number; readonly nowMs: number; readonly areNew?: boolean },
): Promise<void> {
  const days = allDaysOf(rows);
  await writeDays(tx, days, from.partition, from.lastSeq, from.nowMs);
  const thinned = await thinnedAmong(tx, days, from.nowMs);
  // Nearly all that comes: what is already rolled up need not be read again.
  if (from.areNew && thinned.size === 0)
    return addToRollups(
      tx,
      [60, 3_600].flatMap((step) => sumsOf(rows, step)),
    );
  const minutes = bucketsOf(rows, 60_000);
  const hours = bucketsOf(minutes, 3_600_000);
  if (thinned.size === 0) return refreshRollups(tx, minutes, hours);
  const isThinned = ({ at, signal }: Bucket) => thinned.has(`${dayOf(at)} ${retentionClassOf(signal as Signal)}`);
  const isMinuteless = ({ at }: Bucket) => thinned.has(`${dayOf(at)} minutes`);
  await refreshRollups(
    tx,
    minutes.map((one) => ({ ...one, isThinned: isThinned(one) })),
    hours.map((one) => ({ ...one, isThinned: isThinned(one) || isMinuteless(one) })),
  );
}

/** `day class` of each of these days that has lost a class. Recent ones cannot have, and are not asked about. */
export async function thinnedAmong(tx: Tx, days: readonly string[], nowMs: number): Promise<ReadonlySet<string>> {
  const old = days.filter((day) => Date.parse(day) < nowMs - leastRetentionDays * 86_400_000);
  return old.length === 0 ? new Set() : listThinned(tx, old);
}

/** What frames tell about their devices, the newest of each. */
export function seenIn(frames: readonly Frame[]): Seen[] {
  const seen = new Map<string, Seen>();
  const inOrder = frames.toSorted((a, b) => a.receivedAtMs - b.receivedAtMs);
  for (const { deviceId, patientId, receivedAtMs, battery, worn, skewMs, readings, refused = 0 } of inOrder) {
    const before = seen.get(deviceId);
    seen.set(deviceId, {
      deviceId,
      patientId,
      atMs: receivedAtMs,
      battery: battery ?? before?.battery ?? null,
      worn: worn ?? before?.worn ?? null,
      skewMs: skewMs ?? before?.skewMs ?? null,
      refused: refused + (before?.refused ?? 0),
      first: before?.first ?? firstOf(readings),
    });
  }
  return [...seen.values()];
}

function firstOf([reading]: Frame["readings"]): Seen["first"] {
  if (!reading) return null;
  const [code, signal, value, atMs] = reading;
  return { code, signal, value, atMs };
}
