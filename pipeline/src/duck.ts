import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signals } from "@episante/contracts/signals";

/** A DuckDB database in memory for one piece of work, with a folder for its files. */
export interface Duck {
  readonly folder: string;
  run(statement: string): Promise<void>;
  /** The one number a query answers. */
  count(query: string): Promise<number>;
}

/** Limits of a piece of work. DuckDB spills to its folder beyond `memoryMb`. */
export interface DuckLimits {
  readonly memoryMb: number;
  readonly threads: number;
}

/** A literal for SQL: quotes doubled. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Opens DuckDB, runs the work, closes it and removes its folder. The library is loaded at first use: an idle process stays small. */
export async function withDuck<T>(limits: DuckLimits, work: (duck: Duck) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const folder = await mkdtemp(join(tmpdir(), "episante-duck-"));
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${limits.memoryMb}MB`,
    threads: String(limits.threads),
    temp_directory: join(folder, "spill"),
  });
  try {
    const connection = await instance.connect();
    try {
      const run = async (statement: string) => {
        await connection.run(statement);
      };
      await run("set TimeZone = 'UTC'");
      await run(signalTable());
      return await work({
        folder,
        run,
        count: async (query) => Number((await connection.runAndReadAll(query)).getRows()[0]?.[0] ?? 0),
      });
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The registry of signals as a table that the SQL files join: signal, unit, min, max. */
function signalTable(): string {
  const rows = Object.entries(signals).map(([name, { unit, min, max }]) => `(${quoted(name)}, ${quoted(unit)}, ${min}, ${max})`);
  return `create table signals as select * from (values ${rows.join(", ")}) as t(signal, unit, min, max)`;
}
