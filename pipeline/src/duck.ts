import { mkdtemp, readdir, rm } from "node:fs/promises";
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

/** Folders of this name and a process id hold readings and events while a piece of work runs. */
const workName = "episante-duck";

/**
 * Removes the folders of pieces of work that a killed process left behind: they hold what patients measured. Call it before the first piece of work.
 * In a container the process before had the same id. @param parent where temporary folders are made
 */
export async function removeLeftWork(parent = tmpdir()): Promise<void> {
  const names = await readdir(parent);
  const left = names.filter((name) => {
    const pid = Number(new RegExp(`^${workName}-(\\d+)-`).exec(name)?.[1]);
    return pid > 0 && (pid === process.pid || !isRunning(pid));
  });
  // What belongs to another account of the machine stays.
  await Promise.allSettled(left.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Opens DuckDB, runs the work, closes it and removes its folder. The library is loaded at first use: an idle process stays small. */
export async function withDuck<T>(limits: DuckLimits, work: (duck: Duck) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const folder = await mkdtemp(join(tmpdir(), `${workName}-${process.pid}-`));
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
