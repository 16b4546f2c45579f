import type { Frame } from "@episante/contracts/envelope";
import { freshFrames, type ReaderContext } from "@episante/service/reader";
import type { IngestDeps } from "../deps.ts";
import { daysOf, splitReadings } from "../domain/readings.ts";
import { bucketsOf } from "../domain/rollups.ts";
import { type Seen, writeSeen } from "../storage/devices.ts";
import { ensureDays, insertNew, insertVersion, withoutRepeats } from "../storage/readings.ts";
import { refreshRollups } from "../storage/rollups.ts";

export const readerName = "store";

/** Stores a batch of the log: rows, roll-ups, marks and the reader's checkpoint are one transaction. */
export async function storeReadings({ tx, messages, deps }: ReaderContext<IngestDeps>): Promise<void> {
  const frames = await freshFrames(
    tx,
    readerName,
    messages.flatMap(({ envelope }) => envelope.frames),
  );
  if (frames.length === 0) return;
  const { first, again } = splitReadings(frames);
  await ensureDays(tx, daysOf(first, deps.clock.now()));
  // In order: what is known already may be a duplicate or a correction, and so may what a later frame of the batch repeats.
  const repeated = [...(await withoutRepeats(tx, await insertNew(tx, first))), ...again];
  for (const row of repeated) await insertVersion(tx, row);
  const minutes = bucketsOf(first, 60_000);
  await refreshRollups(tx, minutes, bucketsOf(minutes, 3_600_000));
  await writeSeen(tx, seenIn(frames));
}

function seenIn(frames: readonly Frame[]): Seen[] {
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
