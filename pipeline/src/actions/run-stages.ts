import { createHash } from "node:crypto";
import type { Actor } from "@episante/contracts/session";
import { grant } from "@episante/service/db";
import { ObjectStoreError } from "@episante/service/objects";
import { emitter } from "@episante/service/outbox";
import type { PipelineDeps } from "../deps.ts";
import type { Manifest } from "../domain/manifest.ts";
import { type Duck, withDuck } from "../duck.ts";
import { LakeError } from "../lake.ts";
import { loadSql, type SqlFile } from "../sql-files.ts";
import { loadManifest } from "../stages/build.ts";
import { type BuiltPart, buildGold, partsOf } from "../stages/gold.ts";
import { checkDay } from "../stages/quality.ts";
import { buildSilver, silverManifestKey } from "../stages/silver.ts";
import { type GoldPart, listGoldParts, markBuilt, replaceGoldParts } from "../storage/gold.ts";
import { listBronzeOf, listDaysArrivedOn, listDueDays } from "../storage/landing.ts";
import { type CheckResult, saveQuality } from "../storage/quality.ts";
import { failInterruptedRuns, finishRun, type Run, type RunResult, type Stage, withRunLock } from "../storage/runs.ts";

/** A run that was recorded and is to be carried out. `wantedDay` is absent when every due day is meant. */
export interface StartedRun {
  readonly id: Run["id"];
  readonly stage: Stage;
  readonly day: string;
  readonly wantedDay?: string;
}

interface Sql {
  readonly silver: readonly SqlFile[];
  readonly gold: readonly SqlFile[];
  readonly checks: readonly SqlFile[];
}

/** What the stages made, ready to be committed. */
interface Outcome {
  readonly days: readonly string[];
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly changed: boolean;
  readonly built: readonly { day: string; inputs: string }[];
  readonly parts: readonly BuiltPart[];
  readonly quality: readonly CheckResult[];
}

/**
 * Carries out a run and ends its record; one run at a time on the whole installation. A fault fails the run, it is not thrown:
 * what was built stays whole, and the next run takes up from there.
 */
export async function runStages(deps: PipelineDeps, actor: Actor, run: StartedRun): Promise<Run> {
  const startedAt = performance.now();
  const ended = await carryOut(deps, actor, run);
  const { stage, status } = ended;
  deps.runMetrics.runSeconds.observe({ stage, status }, (performance.now() - startedAt) / 1000);
  deps.runMetrics.rows.inc({ stage, direction: "in" }, ended.rowsIn);
  deps.runMetrics.rows.inc({ stage, direction: "out" }, ended.rowsOut);
  return ended;
}

function carryOut(deps: PipelineDeps, actor: Actor, run: StartedRun): Promise<Run> {
  return withRunLock(deps.db, async () => {
    await failInterruptedRuns(deps.db, run.id, deps.clock.now());
    try {
      const sql = loadAll();
      if (run.stage === "bronze" || run.stage === "all") {
        const landed = await deps.lander.flush();
        if (run.stage === "bronze") return await finish(deps, actor, run, landedOutcome(landed));
      }
      const days = await daysOf(deps, run, sql);
      return await withDuck(deps.duck, async (duck) => finish(deps, actor, run, await build(deps, duck, run, days, sql)));
    } catch (error) {
      deps.log.error({ stage: run.stage, err: error }, "run failed");
      return await fail(deps, run, error);
    }
  });
}

/** Days whose gold is not made of their present bronze and the present SQL. */
export function dueDays(deps: PipelineDeps): Promise<string[]> {
  return listDueDays(deps.db, hashOfSql(loadAll()));
}

function loadAll(): Sql {
  return { silver: loadSql("silver"), gold: loadSql("gold"), checks: loadSql("checks") };
}

function landedOutcome(landed: { messages: number; rows: number; objects: number }): Outcome {
  return { days: [], rowsIn: landed.messages, rowsOut: landed.rows, changed: landed.objects > 0, built: [], parts: [], quality: [] };
}

/** With a day: that day, and the days which facts that arrived on it are about. Without: every day whose gold is not made of its present bronze. */
async function daysOf(deps: PipelineDeps, run: StartedRun, sql: Sql): Promise<string[]> {
  if (run.wantedDay === undefined) return listDueDays(deps.db, hashOfSql(sql));
  return [...new Set([run.wantedDay, ...(await listDaysArrivedOn(deps.db, run.wantedDay))])].sort();
}

async function build(deps: PipelineDeps, duck: Duck, run: StartedRun, days: readonly string[], sql: Sql): Promise<Outcome> {
  let rowsIn = 0;
  let rowsOut = 0;
  let changed = false;
  const touched: string[] = [];
  const rebuilt = new Set<string>();
  const built: { day: string; inputs: string }[] = [];
  const bronzeOf = async (day: string) => listBronzeOf(deps.db, day);
  for (const day of days) {
    if (run.stage === "gold") {
      const manifest = await loadManifest(deps, silverManifestKey(day));
      if (!manifest) continue;
      touched.push(day);
      rowsIn += rowsOf(manifest);
      built.push({ day, inputs: inputsOf(manifest, sql) });
      continue;
    }
    const bronze = await bronzeOf(day);
    if (bronze.length === 0) continue;
    const silver = await buildSilver(deps, duck, day, bronze, sql.silver);
    touched.push(day);
    rowsIn += silver.manifest.rowsIn;
    if (run.stage === "silver") rowsOut += rowsOf(silver.manifest);
    changed ||= silver.changed;
    if (silver.isRebuilt) rebuilt.add(day);
    if (run.stage === "all") built.push({ day, inputs: inputsOf(silver.manifest, sql) });
  }
  if (run.stage === "silver") return { days: touched, rowsIn, rowsOut, changed, built, parts: [], quality: [] };

  const parts: BuiltPart[] = [];
  for (const place of partsOf(touched)) {
    const file = sql.gold.find(({ name }) => name === place.table);
    if (!file) throw new Error(`no SQL file for gold table ${place.table}`);
    const part = await buildGold(deps, duck, place, file);
    if (!part) continue;
    parts.push(part);
    rowsOut += part.rows;
    changed ||= part.changed;
    if (part.isRebuilt)
      for (const day of touched) if (partsOf([day]).some((own) => own.table === place.table && own.part === place.part)) rebuilt.add(day);
  }
  const quality: CheckResult[] = [];
  const silverTables = sql.silver.map(({ name }) => name);
  for (const day of rebuilt) quality.push(...(await checkDay(deps, duck, day, await bronzeOf(day), sql.checks, silverTables)));
  return { days: touched, rowsIn, rowsOut, changed, built, parts, quality };
}

const rowsOf = (manifest: Manifest) => Object.values(manifest.outputs).reduce((sum, output) => sum + output.rows, 0);

/** Gold in Postgres, marks, quality, the run's record and its event: one transaction. Parts that already stand are left alone. */
async function finish(deps: PipelineDeps, actor: Actor, run: StartedRun, outcome: Outcome): Promise<Run> {
  const standing = await listGoldParts(deps.db);
  const stale = outcome.parts.filter((part) => standing.get(`${part.table} ${part.part}`) !== part.sha256);
  const parts: GoldPart[] = [];
  for (const part of stale) parts.push(await part.load());
  const changed = outcome.changed || parts.length > 0;
  const ended = await deps.db.transaction(grant.system("pipeline.run"), async (tx) => {
    const now = deps.clock.now();
    if (run.stage === "gold" || run.stage === "all") {
      await replaceGoldParts(tx, parts);
      await markBuilt(tx, outcome.built, parts.length > 0, now);
    }
    await saveQuality(tx, run.id, outcome.quality, now);
    const { days, rowsIn, rowsOut } = outcome;
    const record = await finishRun(tx, run.id, { status: "done", days, rowsIn, rowsOut, changed }, now);
    await emitter(tx, actor, deps.clock)("pipeline.run-finished", { runId: record.id, stage: record.stage, day: record.day, changed });
    return record;
  });
  deps.outbox.wake();
  return ended;
}

async function fail(deps: PipelineDeps, run: StartedRun, error: unknown): Promise<Run> {
  const result: RunResult = {
    status: "failed",
    days: [],
    rowsIn: 0,
    rowsOut: 0,
    changed: false,
    error: reasonOf(error),
  };
  return deps.db.transaction(grant.system("pipeline.run"), (tx) => finishRun(tx, run.id, result, deps.clock.now()));
}

/** What an administrator reads beside a failed run. Other errors may quote values, so only their class is told. */
function reasonOf(error: unknown): string {
  if (error instanceof ObjectStoreError || error instanceof LakeError) return error.message;
  if (error instanceof Error && error.message.includes("No space left on device")) return "disk full: no room for the run's working files";
  return error instanceof Error ? error.name : "error";
}

/** What a day's gold is made of, as `listDueDays` computes it from the register of bronze: MD5 of keys and hashes, and the SQL's hash. */
function inputsOf(manifest: Manifest, sql: Sql): string {
  const lines = Object.keys(manifest.inputs)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    .map((key) => `${key} ${manifest.inputs[key]}`);
  return `${createHash("md5").update(lines.join("\n")).digest("hex")}:${hashOfSql(sql)}`;
}

function hashOfSql(sql: Sql): string {
  return createHash("md5")
    .update([...sql.silver, ...sql.gold].map((file) => file.sha256).join("\n"))
    .digest("hex");
}
