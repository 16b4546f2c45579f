import { weekOf } from "../domain/days.ts";
import { goldTableNames, goldTables } from "../domain/tables.ts";
import { type Duck, quoted } from "../duck.ts";
import { hashOf, LakeError, localFiles } from "../lake.ts";
import type { SqlFile } from "../sql-files.ts";
import type { CheckResult } from "../storage/quality.ts";
import { goldKey } from "./gold.ts";
import { type BronzeInput, openBronze, silverKey } from "./silver.ts";
import type { StageDeps } from "./stage-deps.ts";

/** Runs every check over one day: bronze, silver and gold as they stand in the lake. A check answers the rows that offend. */
export async function checkDay(
  deps: StageDeps,
  duck: Duck,
  day: string,
  bronze: readonly BronzeInput[],
  checks: readonly SqlFile[],
  silverTables: readonly string[],
): Promise<CheckResult[]> {
  await openBronze(deps, duck, bronze);
  for (const table of silverTables) await openObject(deps, duck, `silver_${table}`, silverKey(table, day));
  for (const table of goldTableNames) {
    await openObject(deps, duck, `gold_${table}`, goldKey(table, goldTables[table].part === "week" ? weekOf(day) : day));
  }
  await duck.run(`set variable day = ${quoted(day)}`);
  const results: CheckResult[] = [];
  for (const check of checks) results.push({ check: check.name, day, offending: await duck.count(`select count(*) from (${check.text})`) });
  return results;
}

async function openObject(deps: StageDeps, duck: Duck, view: string, key: string): Promise<void> {
  const sha256 = await hashOf(deps.lake, key);
  if (!sha256) throw new LakeError(`the lake lost an object: ${key}; the next run builds it again`);
  const [path] = await localFiles(deps.lake, [{ key, sha256 }], duck.folder);
  await duck.run(`create or replace view ${view} as select * from read_parquet(${quoted(path ?? "")})`);
}
