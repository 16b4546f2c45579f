import type { Frame } from "@episante/contracts/envelope";
import type { Signal } from "@episante/contracts/signals";
import { grant, type Tx } from "@episante/service/db";
import { readMarks } from "@episante/service/reader";
import type { IngestDeps } from "../deps.ts";
import { allDaysOf, dayOf, daysOf, keyOf, type ReadingRow, rowsOf } from "../domain/readings.ts";
import { retentionClassOf } from "../domain/retention.ts";
import { firstOfLog, type LogMessage, readLog } from "../log-range.ts";
import { writeSeen } from "../storage/devices.ts";
import { ensureDays, findLost, insertLost, insertNew } from "../storage/readings.ts";
import {
  deleteRangesBefore,
  findReconciliation,
  finishPass,
  type LandedRange,
  listRangesToCompare,
  lockStore,
  refreshGaps,
  writeCompared,
} from "../storage/reconciliation.ts";
import { readerName, rollUp, seenIn, thinnedAmong } from "./store-readings.ts";

const everyMs = 3_600_000;
/** Readings compared by one statement. */
const mostAtOnce = 5_000;
const name = "reconcile-readings";

interface Tally {
  messages: number;
  readings: number;
  repaired: number;
}

/**
 * One pass, when it is due: each range of the log that bronze holds and the store has passed is read again. What the store lacks of it is stored by
 * now; what bronze lacks is recorded, and so are batches that nobody ever saw. Null when none was due. @throws when log or database are away: the next turn goes on
 */
export async function reconcileReadings(deps: IngestDeps, nowMs: number): Promise<Tally | null> {
  const system = <T>(run: (tx: Tx) => Promise<T>) => deps.db.transaction(grant.system(name), run);
  const begun = await system(findReconciliation);
  if (begun.dueAtMs > nowMs) return null;
  const logBegins = await firstOfLog(deps.js);
  const done: Tally = { messages: 0, readings: 0, repaired: 0 };
  for (const range of await system((tx) => listRangesToCompare(tx, begun))) {
    const short = await compareRange(deps, range, logBegins, done);
    await system((tx) => writeCompared(tx, range, short, nowMs));
  }
  await system(async (tx) => {
    await refreshGaps(tx, nowMs);
    await deleteRangesBefore(tx, logBegins);
    await finishPass(tx, begun, done, { nowMs, nextMs: nowMs + everyMs });
  });
  if (done.repaired > 0) deps.log.warn({ job: name, count: done.repaired }, "readings of the log were missing in the store and are back");
  return done;
}

/** Makes the store right for a range. Answers of whom bronze has fewer readings than the log. */
async function compareRange(deps: IngestDeps, range: LandedRange, logBegins: number, done: Tally) {
  const counts = new Map<string, { deviceId: string; boot: string; expected: number }>();
  for await (const messages of readLog(deps.js, range)) {
    for (const part of parted(messages)) done.repaired += await repairOrEach(deps, range.partition, part);
    for (const { deviceId, boot, readings } of messages.flatMap(({ envelope }) => envelope.frames)) {
      const { expected } = counts.get(`${deviceId} ${boot}`) ?? { expected: 0 };
      counts.set(`${deviceId} ${boot}`, { deviceId, boot, expected: expected + readings.length });
      done.readings += readings.length;
    }
    done.messages += messages.length;
  }
  // Its beginning has left the log: what is left of it proves nothing about bronze.
  if (range.firstSeq < logBegins) return [];
  const landed = new Map(range.counts.map(({ deviceId, boot, readings }) => [`${deviceId} ${boot}`, readings]));
  return [...counts].flatMap(([key, count]) => {
    const readings = landed.get(key) ?? 0;
    return readings < count.expected ? [{ ...count, readings }] : [];
  });
}

/** Messages in parts of about `mostAtOnce` readings. */
function parted(messages: readonly LogMessage[]): LogMessage[][] {
  const parts: LogMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    if (room <= 0) {
      parts.push([]);
      room = mostAtOnce;
    }
    parts.at(-1)?.push(message);
    room -= message.envelope.frames.reduce((sum, { readings }) => sum + readings.length, 0);
  }
  return parts;
}

/** A message that the store could not handle (it lies with the dead letters) must not keep the others from coming back. */
async function repairOrEach(deps: IngestDeps, partition: number, messages: readonly LogMessage[]): Promise<number> {
  try {
    return await repair(deps, partition, messages);
  } catch (error) {
    if (messages.length > 1) {
      let repaired = 0;
      for (const message of messages) repaired += await repairOrEach(deps, partition, [message]);
      return repaired;
    }
    deps.log.warn({ job: name, partition, err: error }, "a message of the log cannot be stored again");
    return 0;
  }
}

/** Stores what is missing of these messages, by marks and by rows. Returns the number of readings written. */
async function repair(deps: IngestDeps, partition: number, messages: readonly LogMessage[]): Promise<number> {
  const frames = messages.flatMap(({ envelope }) => envelope.frames);
  const isRight = await deps.db.transaction(grant.system(name), async (tx) => {
    const { fresh } = await readMarks(tx, readerName, frames);
    return fresh.length === 0 && (await findKeptLost(tx, frames, deps.clock.now())).length === 0;
  });
  if (isRight) return 0;
  return deps.db.transaction(grant.system(name), async (tx) => {
    // The reader waits meanwhile: two who write a patient's readings would not see each other's in the roll-ups.
    await lockStore(tx, partition);
    const nowMs = deps.clock.now();
    const { fresh, save } = await readMarks(tx, readerName, frames);
    await save();
    const lost = await findKeptLost(tx, frames, nowMs);
    await ensureDays(
      tx,
      daysOf(
        lost.map(({ row }) => row),
        nowMs,
      ),
    );
    const unknown = new Map<string, ReadingRow>();
    const others: ReadingRow[] = [];
    for (const { row, isKnown } of lost) {
      if (isKnown || unknown.has(keyOf(row))) others.push(row);
      else unknown.set(keyOf(row), row);
    }
    await insertNew(tx, [...unknown.values()]);
    const written = [...unknown.values()];
    let repaired = written.length;
    for (const row of others) {
      const kind = await insertLost(tx, row);
      if (kind) written.push(row);
      if (kind === "insert") repaired++;
    }
    if (written.length > 0) await rollUp(tx, written, { partition, lastSeq: messages.at(-1)?.seq ?? 0, nowMs });
    await writeSeen(tx, seenIn(fresh));
    deps.readingMetrics.repaired.inc(repaired);
    return repaired;
  });
}

/** Lost readings but for those that retention has deleted. */
async function findKeptLost(tx: Tx, frames: readonly Frame[], nowMs: number) {
  const rows = rowsOf(frames);
  const thinned = await thinnedAmong(tx, allDaysOf(rows), nowMs);
  return findLost(
    tx,
    thinned.size === 0 ? rows : rows.filter(({ at, signal }) => !thinned.has(`${dayOf(at)} ${retentionClassOf(signal as Signal)}`)),
  );
}
