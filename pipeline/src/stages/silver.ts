import type { LandedStream } from "../domain/bronze.ts";
import type { Manifest } from "../domain/manifest.ts";
import { bronzeTables } from "../domain/tables.ts";
import type { Duck } from "../duck.ts";
import { localFiles } from "../lake.ts";
import type { SqlFile } from "../sql-files.ts";
import { buildTable, isUpToDate, loadManifest, saveManifest, sqlHashes, viewOver } from "./build.ts";
import type { StageDeps } from "./stage-deps.ts";

/** A bronze object of a day. */
export interface BronzeInput {
  readonly stream: LandedStream;
  readonly key: string;
  readonly sha256: string;
  readonly rows: number;
}

/** Name of a day's silver table in the lake. */
export const silverKey = (table: string, day: string) => `silver/${table}/day=${day}.parquet`;
/** Name of a day's silver manifest. */
export const silverManifestKey = (day: string) => `manifest/silver/day=${day}.json`;

/** Builds the silver tables of one day from all its bronze. Unchanged inputs are not computed again, unchanged bytes not written. */
export async function buildSilver(
  deps: StageDeps,
  duck: Duck,
  day: string,
  bronze: readonly BronzeInput[],
  sql: readonly SqlFile[],
): Promise<{ manifest: Manifest; changed: boolean; isRebuilt: boolean }> {
  const inputs = Object.fromEntries(bronze.map((object) => [object.key, object.sha256]));
  const before = await loadManifest(deps, silverManifestKey(day));
  if (before && (await isUpToDate(deps, before, inputs, sql))) return { manifest: before, changed: false, isRebuilt: false };
  await openBronze(deps, duck, bronze);
  const outputs: Manifest["outputs"] = {};
  let changed = false;
  for (const file of sql) {
    const key = silverKey(file.name, day);
    const built = await buildTable(deps, duck, file, key);
    outputs[key] = { sha256: built.sha256, rows: built.rows };
    changed ||= built.changed;
  }
  const rowsIn = bronze.reduce((sum, object) => sum + object.rows, 0);
  const manifest: Manifest = { v: 1, stage: "silver", part: day, inputs, sql: sqlHashes(sql), outputs, rowsIn };
  await saveManifest(deps, silverManifestKey(day), manifest);
  return { manifest, changed, isRebuilt: true };
}

/** Views `bronze_readings`, `bronze_events`, `bronze_alerts` over a day's objects. */
export async function openBronze(deps: StageDeps, duck: Duck, bronze: readonly BronzeInput[]): Promise<void> {
  for (const [stream, table] of Object.entries(bronzeTables)) {
    const files = await localFiles(
      deps.lake,
      bronze.filter((object) => object.stream === stream),
      duck.folder,
    );
    await viewOver(duck, table.name, files, table.columns);
  }
}
