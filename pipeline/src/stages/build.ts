import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isCurrent, type Manifest, readManifest, writeManifest } from "../domain/manifest.ts";
import { type Duck, quoted } from "../duck.ts";
import { hashOf, putIfChanged } from "../lake.ts";
import type { SqlFile } from "../sql-files.ts";
import type { StageDeps } from "./stage-deps.ts";

/** The manifest of a part as the lake holds it, or null. */
export async function loadManifest(deps: StageDeps, key: string): Promise<Manifest | null> {
  const bytes = await deps.lake.get(key);
  return bytes ? readManifest(new TextDecoder().decode(bytes)) : null;
}

/** True when the same inputs and SQL made this manifest and its outputs are still the bytes it names. */
export async function isUpToDate(
  deps: StageDeps,
  manifest: Manifest | null,
  inputs: Record<string, string>,
  sql: readonly SqlFile[],
): Promise<boolean> {
  if (!manifest || !isCurrent(manifest, inputs, sqlHashes(sql))) return false;
  for (const [key, { sha256 }] of Object.entries(manifest.outputs)) if ((await hashOf(deps.lake, key)) !== sha256) return false;
  return true;
}

/** Content hash of each SQL file. */
export function sqlHashes(sql: readonly SqlFile[]): Record<string, string> {
  return Object.fromEntries(sql.map((file) => [`${file.name}.sql`, file.sha256]));
}

/** Writes the table of one SQL file as an object; unchanged bytes are not written again. */
export async function buildTable(
  deps: StageDeps,
  duck: Duck,
  file: SqlFile,
  key: string,
): Promise<{ path: string; sha256: string; rows: number; changed: boolean }> {
  const path = join(duck.folder, `${key.replaceAll("/", "-")}`);
  await duck.run(`copy (${file.text}) to ${quoted(path)} (format parquet, compression zstd)`);
  const rows = await duck.count(`select count(*) from read_parquet(${quoted(path)})`);
  const { sha256, changed } = await putIfChanged(deps.lake, key, new Uint8Array(await readFile(path)));
  return { path, sha256, rows, changed };
}

/** Stores a part's manifest, last: a part without one is built again. */
export async function saveManifest(deps: StageDeps, key: string, manifest: Manifest): Promise<void> {
  await putIfChanged(deps.lake, key, writeManifest(manifest));
}

/** A view over Parquet files, or an empty table of the same shape when there are none. */
export async function viewOver(
  duck: Duck,
  name: string,
  paths: readonly string[],
  columns: Readonly<Record<string, string>>,
): Promise<void> {
  const empty = `select ${Object.entries(columns)
    .map(([column, type]) => `null::${type} as "${column}"`)
    .join(", ")} where false`;
  await duck.run(
    `create or replace view ${name} as ${paths.length > 0 ? `select * from read_parquet([${paths.map(quoted).join(", ")}])` : empty}`,
  );
}
