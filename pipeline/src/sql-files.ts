import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "./lake.ts";

/** One SQL file: one table of that name. */
export interface SqlFile {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** The SQL files of a folder beside `src`, by name. */
export function loadSql(folder: "silver" | "gold" | "checks"): SqlFile[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => {
      const text = readFileSync(join(root, folder, file), "utf8").trim();
      return { name: basename(file, ".sql"), text, sha256: sha256(text) };
    });
}
