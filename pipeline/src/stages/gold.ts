import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { daysOfWeek, weekOf } from "../domain/days.ts";
import type { Manifest } from "../domain/manifest.ts";
import { type GoldTable, goldTableNames, goldTables } from "../domain/tables.ts";
import { type Duck, quoted } from "../duck.ts";
import { localFiles } from "../lake.ts";
import type { SqlFile } from "../sql-files.ts";
import type { GoldPart } from "../storage/gold.ts";
import { buildTable, isUpToDate, loadManifest, saveManifest, sqlHashes } from "./build.ts";
import { silverKey, silverManifestKey } from "./silver.ts";
import type { StageDeps } from "./stage-deps.ts";

/** Name of a gold part in the lake. */
export const goldKey = (table: GoldTable, part: string) => `gold/${table}/${goldTables[table].part}=${part}.parquet`;
const goldManifestKey = (table: GoldTable, part: string) => `manifest/gold/${table}/${goldTables[table].part}=${part}.json`;

/** The parts of gold that hold facts of the given days. */
export function partsOf(days: readonly string[]): { table: GoldTable; part: string }[] {
  return goldTableNames.flatMap((table) => {
    const parts = new Set(days.map((day) => (goldTables[table].part === "week" ? weekOf(day) : day)));
    return [...parts].map((part) => ({ table, part }));
  });
}

/** A gold part as it stands in the lake; `load` reads its rows for Postgres. */
export interface BuiltPart {
  readonly table: GoldTable;
  readonly part: string;
  readonly sha256: string;
  readonly rows: number;
  readonly changed: boolean;
  readonly isRebuilt: boolean;
  readonly load: () => Promise<GoldPart>;
}

/** Builds one part of a gold table from silver; null when silver holds nothing of it. */
export async function buildGold(
  deps: StageDeps,
  duck: Duck,
  { table, part }: { table: GoldTable; part: string },
  file: SqlFile,
): Promise<BuiltPart | null> {
  const { from } = goldTables[table];
  const days = goldTables[table].part === "week" ? daysOfWeek(part) : [part];
  const silver: { key: string; sha256: string }[] = [];
  for (const day of days) {
    const key = silverKey(from, day);
    const output = (await loadManifest(deps, silverManifestKey(day)))?.outputs[key];
    if (output) silver.push({ key, sha256: output.sha256 });
  }
  const key = goldKey(table, part);
  const load = async (sha256: string): Promise<GoldPart> => ({ table, part, sha256, json: await readJson(deps, duck, table, key, sha256) });
  const inputs = Object.fromEntries(silver.map((object) => [object.key, object.sha256]));
  const manifestKey = goldManifestKey(table, part);
  const before = await loadManifest(deps, manifestKey);
  const stands = before?.outputs[key];
  if (stands && (await isUpToDate(deps, before, inputs, [file]))) {
    return { table, part, ...stands, changed: false, isRebuilt: false, load: () => load(stands.sha256) };
  }
  if (silver.length === 0) return null;
  const paths = await localFiles(deps.lake, silver, duck.folder);
  await duck.run(`create or replace view silver_${from} as select * from read_parquet([${paths.map(quoted).join(", ")}])`);
  await duck.run(`set variable part = ${quoted(part)}`);
  const built = await buildTable(deps, duck, file, key);
  const manifest: Manifest = {
    v: 1,
    stage: "gold",
    part,
    inputs,
    sql: sqlHashes([file]),
    outputs: { [key]: { sha256: built.sha256, rows: built.rows } },
    rowsIn: await duck.count(`select count(*) from silver_${from}`),
  };
  await saveManifest(deps, manifestKey, manifest);
  return { table, part, sha256: built.sha256, rows: built.rows, changed: built.changed, isRebuilt: true, load: () => load(built.sha256) };
}

/** Rows of a gold object as a JSON array, made by DuckDB: no row becomes an object of ours. */
async function readJson(deps: StageDeps, duck: Duck, table: GoldTable, key: string, sha256: string): Promise<string> {
  const [path] = await localFiles(deps.lake, [{ key, sha256 }], duck.folder);
  const target = join(duck.folder, `${table}.json`);
  await duck.run(`copy (select * from read_parquet(${quoted(path ?? "")})) to ${quoted(target)} (format json, array true)`);
  return readFile(target, "utf8");
}
