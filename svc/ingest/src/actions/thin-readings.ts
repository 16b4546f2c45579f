import { grant, type Tx } from "@episante/service/db";
import type { IngestDeps } from "../deps.ts";
import { isPastRetention, type Retention, type RetentionClass, retentionClasses, signalsOfClass } from "../domain/retention.ts";
import { deleteReadings, deleteRollups, isBronzeShort, listStoredDays, writeThinned } from "../storage/retention.ts";

const name = "thin-readings";

/** What a turn of retention did: rows deleted, and days whose time is over but that bronze does not hold whole. */
export interface Thinned {
  readonly deleted: number;
  readonly waitingDays: number;
}

/**
 * Deletes what has been kept long enough, class by class and day by day, each in a transaction of its own. Nothing goes before bronze holds every message of
 * the log that wrote to its day, and nothing at all while the reconciler knows that bronze lacks readings.
 */
export async function thinReadings(deps: IngestDeps, nowMs: number): Promise<Thinned> {
  const system = <T>(run: (tx: Tx) => Promise<T>) => deps.db.transaction(grant.system(name), run);
  const [days, isShort] = await system(async (tx) => [await listStoredDays(tx), await isBronzeShort(tx)] as const);
  let deleted = 0;
  let waitingDays = 0;
  for (const day of days) {
    const due = retentionClasses.filter((of) => !day.thinned.has(of) && isPastRetention(day, deps.retention[of], nowMs));
    if (due.length === 0) continue;
    if (isShort || !day.isLanded) {
      waitingDays++;
      continue;
    }
    deleted += await system((tx) => thinDay(tx, deps, day.day, due, nowMs));
  }
  if (deleted > 0) deps.log.info({ job: name, count: deleted }, "readings deleted that were kept long enough");
  return { deleted, waitingDays };
}

async function thinDay(tx: Tx, deps: IngestDeps, day: string, due: readonly RetentionClass[], nowMs: number): Promise<number> {
  let deleted = 0;
  for (const of of due) {
    const rows = await deleteClass(tx, day, of);
    deps.readingMetrics.deleted.inc({ class: of }, rows);
    deleted += rows;
    // Also when there was none: the day is not looked at again.
    await writeThinned(tx, day, of, nowMs);
  }
  return deleted;
}

function deleteClass(tx: Tx, day: string, of: RetentionClass): Promise<number> {
  if (of === "minutes") return deleteRollups(tx, day, 60);
  if (of === "hours") return deleteRollups(tx, day, 3600);
  return deleteReadings(tx, day, signalsOfClass(of));
}

/** What each class is kept for, as settings name it. */
export function retentionOf(config: {
  readonly RETAIN_BEATS_DAYS: number;
  readonly RETAIN_VITALS_DAYS: number;
  readonly RETAIN_MEASUREMENTS_DAYS: number;
  readonly RETAIN_MINUTES_DAYS: number;
  readonly RETAIN_HOURS_DAYS: number;
}): Retention {
  return {
    beats: config.RETAIN_BEATS_DAYS,
    vitals: config.RETAIN_VITALS_DAYS,
    measurements: config.RETAIN_MEASUREMENTS_DAYS,
    minutes: config.RETAIN_MINUTES_DAYS,
    hours: config.RETAIN_HOURS_DAYS,
  };
}
