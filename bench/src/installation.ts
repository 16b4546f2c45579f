import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeSigner, type Signer } from "@episante/service/token";
import { freePort } from "@episante/testkit/servers";
import postgres from "postgres";
import { z } from "zod";
import { callersEnvironment } from "./config.ts";
import type { BenchContext } from "./harness.ts";

const runSchema = z.object({
  url: z.string(),
  supervisor: z.object({ pid: z.number() }),
  processes: z.array(z.object({ name: z.string(), pid: z.number(), port: z.number().optional() })),
});
const demoSchema = z.object({
  accounts: z.array(z.object({ role: z.string(), email: z.string(), password: z.string() })),
  doctors: z.array(z.object({ id: z.string(), reasons: z.array(z.object({ id: z.string(), minutes: z.number() })) })),
});

/** The whole product on a data folder of its own, started as an operator does it. */
export interface Installation {
  readonly data: string;
  /** Starts it in the background. @returns seconds until the command said that it is ready */
  up(): Promise<number>;
  down(): Promise<void>;
  readonly url: string;
  /** What the demo clinic's file tells. */
  demo(): z.infer<typeof demoSchema>;
  portOf(process: string): number;
  /** Every process of it with all descendants. */
  pids(): number[];
  /** Lets these processes stand still while a part runs. Less than the 5 s after which what mirrors them would refuse. */
  without<T>(processes: readonly string[], run: () => Promise<T>): Promise<T>;
  /** Postgres as owner of one service's database, for planting and resetting. */
  owner(database: string, connections: number): postgres.Sql;
  /** A signer for calls from inside, as the launcher's own commands make them. */
  operator(): Promise<Signer>;
  /** CPU time used so far by all processes and their children, seconds. */
  cpuSeconds(): number;
  /** Waits until what earlier parts left to do is done: all processes together take little. @returns seconds it took @throws when they do not within `mostMs` */
  quiet(mostMs: number): Promise<number>;
  /** The same by process; Postgres' backends by the database they serve. */
  cpuByProcess(): Record<string, number>;
}

/** What the product with its demo clinic takes at most when nobody asks it for anything; simulated devices and timers go on. */
const idleCores = 0.25;

/** Prepares an installation that is not started yet; it stops with the bench. @param kind a demo clinic, or an empty one */
export async function prepareInstallation(context: BenchContext, kind: "demo" | "empty"): Promise<Installation> {
  const data = join(context.folder("installation"), "data");
  const port = await freePort();
  const cli = fileURLToPath(new URL("../../deploy/local/src/cli.ts", import.meta.url));
  const episante = async (...words: string[]) => {
    const child = Bun.spawn([process.execPath, "--no-env-file", cli, ...words, "--data", data], {
      env: callersEnvironment(),
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    const said = await new Response(child.stderr).text();
    if ((await child.exited) !== 0) throw new Error(`episante ${words[0]}: ${said.trim()}`);
  };
  let isUp = false;
  const down = async () => {
    if (isUp) await episante("down");
    isUp = false;
  };
  context.onEnd(down);
  const json = (name: string): unknown => JSON.parse(readFileSync(join(data, name), "utf8"));
  const secret = (name: string) => readFileSync(join(data, "secrets", name), "utf8").trim();
  const state = () => runSchema.parse(json("run.json"));
  const pids = () => {
    const { supervisor, processes } = state();
    return withChildren([supervisor.pid, ...processes.map(({ pid }) => pid)]);
  };
  const cpuSeconds = () => pids().reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
  const portOf = (name: string) => state().processes.find((process) => process.name === name)?.port ?? 0;
  return {
    data,
    async up() {
      const startedAt = performance.now();
      isUp = true;
      await episante("up", "--port", String(port), "--detach", ...(kind === "empty" ? ["--no-demo-data"] : []));
      return (performance.now() - startedAt) / 1000;
    },
    down,
    url: `http://127.0.0.1:${port}`,
    demo: () => demoSchema.parse(json("demo.json")),
    portOf,
    pids,
    async without(names, run) {
      const stopped = withChildren(
        state()
          .processes.filter(({ name }) => names.includes(name))
          .map(({ pid }) => pid),
      );
      for (const pid of stopped) process.kill(pid, "SIGSTOP");
      try {
        return await run();
      } finally {
        for (const pid of stopped) process.kill(pid, "SIGCONT");
      }
    },
    owner(database, connections) {
      const { protocol, pathname } = new URL(secret(`${database}-app.url`));
      const login = `${database}_owner:${encodeURIComponent(secret(`${database}-owner.password`))}`;
      const client = postgres(`${protocol}//${login}@127.0.0.1:${portOf("postgres")}${pathname}`, { max: connections, onnotice: () => {} });
      context.onEnd(() => client.end({ timeout: 1 }));
      return client;
    },
    operator: () => makeSigner("operator", secret("operator.jwk")),
    cpuSeconds,
    async quiet(mostMs) {
      const startedAt = performance.now();
      for (;;) {
        const [before, at] = [cpuSeconds(), performance.now()];
        await Bun.sleep(1_000);
        const cores = (cpuSeconds() - before) / ((performance.now() - at) / 1000);
        const waitedMs = performance.now() - startedAt;
        // What a process that ended had used is no longer counted: less than nothing tells nothing.
        if (cores >= 0 && cores < idleCores) return waitedMs / 1000;
        if (waitedMs > mostMs)
          throw new Error(`the product still takes ${cores.toFixed(2)} cores: what comes next would be measured beside it`);
      }
    },
    cpuByProcess() {
      const byName: Record<string, number> = {};
      for (const { name, pid } of state().processes) {
        for (const own of withChildren([pid])) {
          const key = name === "postgres" ? `postgres ${databaseOf(own)}` : name;
          byName[key] = (byName[key] ?? 0) + cpuSecondsOf(own);
        }
      }
      return byName;
    },
  };
}

/** Processes with all their descendants. */
function withChildren(roots: readonly number[]): number[] {
  const parents = readdirSync("/proc").flatMap((name) => {
    const fields = /^\d+$/.test(name) ? statOf(Number(name)) : null;
    return fields ? [[Number(name), Number(fields[1])] as const] : [];
  });
  const found = new Set(roots);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** Fields of `/proc/PID/stat` behind the name: state, parent, …; null when the process is gone. */
function statOf(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}

/** User and system time; the kernel counts in hundredths of a second (USER_HZ, proc(5)). */
function cpuSecondsOf(pid: number): number {
  const fields = statOf(pid);
  return fields ? (Number(fields[11]) + Number(fields[12])) / 100 : 0;
}

/** The database a backend of Postgres serves, by its title (`postgres: user database …`); `itself` for its other processes. */
function databaseOf(pid: number): string {
  try {
    const title = readFileSync(`/proc/${pid}/cmdline`, "latin1");
    return /^postgres: \S+ (\w+db) /.exec(title)?.[1] ?? "itself";
  } catch {
    return "itself";
  }
}

/** Proportional set size of a process, bytes: shared pages count by their share. 0 when it is gone. */
export function pssBytes(pid: number): number {
  try {
    const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
