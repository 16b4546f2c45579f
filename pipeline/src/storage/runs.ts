import type { runSchema, stages } from "@episante/contracts/pipeline";
import type { Database, Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { z } from "zod";

export type Stage = (typeof stages)[number];
export type Run = z.infer<typeof runSchema>;

/** Starts a run's record. */
export async function insertRun(tx: Tx, run: { id: string; stage: Stage; day: string; startedAtMs: number }): Promise<void> {
  await tx.execute(sql`
    insert into runs (id, stage, day, status, started_at) values (${run.id}, ${run.stage}, ${run.day}, 'running', ${new Date(run.startedAtMs).toISOString()})`);
}

export interface RunResult {
  readonly status: "done" | "failed";
  readonly days: readonly string[];
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly changed: boolean;
  readonly error?: string;
}

/** Ends a run's record and answers it. */
export async function finishRun(tx: Tx, id: string, result: RunResult, finishedAtMs: number): Promise<Run> {
  const [row] = await tx.execute(sql`
    update runs set status = ${result.status}, finished_at = ${new Date(finishedAtMs).toISOString()}, rows_in = ${result.rowsIn}, rows_out = ${result.rowsOut},
      changed = ${result.changed}, error = ${result.error ?? null}, days = string_to_array(${result.days.join(",")}, ',')::date[]
    where id = ${id}
    returning id, stage, day::text as day, status, started_at, finished_at, rows_in, rows_out, changed, error`);
  if (!row) throw new Error("no such run");
  return runOf(row);
}

/** Runs cut off by a crash are failed: only the process that holds the run lock may call this. */
export async function failInterruptedRuns(db: Database, exceptId: string, atMs: number): Promise<void> {
  await db.drizzle.execute(sql`
    update runs set status = 'failed', error = 'interrupted', finished_at = ${new Date(atMs).toISOString()}
    where status = 'running' and id <> ${exceptId} and started_at <= (select started_at from runs where id = ${exceptId})`);
}

/** When a run of each stage last ended well, ms. */
export async function listLastSuccesses(db: Database): Promise<Map<string, number>> {
  const rows = await db.drizzle.execute(sql`
    select stage, extract(epoch from max(finished_at)) * 1000 as at from runs where status = 'done' group by stage`);
  return new Map(rows.map((row) => [String(row.stage), Number(row.at)]));
}

/** A page of runs, newest first. @param before id of the last run of the page before */
export async function listRunPage(tx: Tx, before: string | undefined, limit: number): Promise<Run[]> {
  const rows = await tx.execute(sql`
    select id, stage, day::text as day, status, started_at, finished_at, rows_in, rows_out, changed, error from runs
    where ${before ?? null}::text is null or id < ${before ?? ""}
    order by id desc limit ${limit}`);
  return rows.map(runOf);
}

function runOf(row: Record<string, unknown>): Run {
  return {
    id: String(row.id) as Run["id"],
    stage: row.stage as Stage,
    day: String(row.day),
    status: row.status as Run["status"],
    startedAt: new Date(String(row.started_at)).toISOString(),
    rowsIn: Number(row.rows_in),
    rowsOut: Number(row.rows_out),
    changed: Boolean(row.changed),
    ...(row.finished_at ? { finishedAt: new Date(String(row.finished_at)).toISOString() } : {}),
    ...(row.error ? { error: String(row.error) } : {}),
  };
}

/** Holds the right to run, across processes, while `work` runs: a second run waits for the first. */
export async function withRunLock<T>(db: Database, work: () => Promise<T>): Promise<T> {
  return (await db.bulk
    .begin(async (tx) => {
      await tx`set local statement_timeout = 0`;
      await tx`select pg_advisory_xact_lock(hashtext('episante.pipeline.run'))`;
      return { result: await work() };
    })
    .then(({ result }) => result)) as T;
}
