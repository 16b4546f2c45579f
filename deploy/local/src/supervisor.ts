import { closeSync, writeFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { Failure } from "@episante/setup/failure";
import { startGuardian } from "./guardian.ts";
import { lastLines, logPath, openLog, readLine } from "./logs.ts";
import { isAlive, type ProcessRef, refTo, waitForEnd } from "./pids.ts";

/** A process to keep running. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stopSignal: "SIGTERM" | "SIGINT";
  readonly port?: number;
  readonly readyUrl?: string;
  /** True when it does its work; asked after each start until it says yes. */
  readonly isReady: () => Promise<boolean>;
  /** Just before each start: gives reserved ports up. */
  readonly beforeStart?: () => Promise<void>;
  readonly uid?: number;
  readonly gid?: number;
  /** So much nicer than the launcher: of two that want the processor, the less nice one gets more of it (docs/decisions/0027). 0 unless said. */
  readonly nice?: number;
}

export interface SupervisedProcess {
  readonly spec: ProcessSpec;
  /** The running process, or the last one while it is being restarted. Null before the first start. */
  readonly ref: ProcessRef | null;
  readonly ready: boolean;
}

export type SupervisorEvent =
  | { readonly kind: "ready"; readonly name: string; readonly ms: number; readonly again: boolean }
  | { readonly kind: "ended"; readonly name: string; readonly reason: string; readonly restartInMs: number };

export interface Supervisor {
  /** Starts a process and keeps it running until `stop`. */
  start(spec: ProcessSpec): void;
  /** Resolves when the named ones have been ready once since their start. @throws Failure naming the one that is not, with its last words */
  ready(names: readonly string[], timeoutMs: number): Promise<void>;
  /** Stops in the given order of groups, each together; a process that does not end in time is killed. */
  stop(groups: readonly (readonly string[])[]): Promise<void>;
  processes(): readonly SupervisedProcess[];
}

/** Wait before the nth restart in a row; the first comes at once. */
export const restartDelaysMs = [0, 250, 500, 1_000, 2_000, 4_000, 8_000] as const;
/** A process that ran this long has recovered: its next restart comes at once again. */
const steadyMs = 5_000;
const stopTimeoutMs = 10_000;
/** Ends in a row before the first readiness after which starting is given up. */
const startAttempts = 3;

/** Wait before a restart, given how many short lives came before it in a row. */
export function restartDelayMs(shortLives: number): number {
  return restartDelaysMs[Math.min(shortLives, restartDelaysMs.length - 1)] ?? 0;
}

/** For what nobody waits for: a tenth of the weight of the others, and never nothing, so that heartbeats go on. */
export const backgroundNice = 10;
const nicest = 19;

interface Kept {
  readonly spec: ProcessSpec;
  ref: ProcessRef | null;
  lastRef: ProcessRef | null;
  ready: boolean;
  wasReady: boolean;
  earlyEnds: number;
  lastEnd: string;
  stopping: boolean;
  done: Promise<void>;
}

export function makeSupervisor(input: { logsDir: string; onEvent: (event: SupervisorEvent) => void; onChange: () => void }): Supervisor {
  const { logsDir, onEvent, onChange } = input;
  const guardian = startGuardian();
  const kept = new Map<string, Kept>();

  async function keepRunning(entry: Kept): Promise<void> {
    const { spec } = entry;
    let shortLives = 0;
    while (!entry.stopping) {
      await spec.beforeStart?.();
      const startedAt = performance.now();
      const reason = await runOnce(entry, startedAt);
      if (entry.stopping) return;
      if (!entry.wasReady) entry.earlyEnds++;
      entry.lastEnd = reason;
      if (performance.now() - startedAt > steadyMs) shortLives = 0;
      const restartInMs = restartDelayMs(shortLives++);
      onEvent({ kind: "ended", name: spec.name, reason, restartInMs });
      for (let waited = 0; waited < restartInMs && !entry.stopping; waited += 50) await Bun.sleep(50);
    }
  }

  /** One life of a process. @returns how it ended */
  async function runOnce(entry: Kept, startedAt: number): Promise<string> {
    const { spec } = entry;
    const log = openLog(logsDir, spec.name);
    let child: Bun.Subprocess;
    try {
      const identity = spec.uid === undefined ? {} : { uid: spec.uid, gid: spec.gid ?? spec.uid };
      // A session of its own: Ctrl-C reaches the supervisor alone, which then stops everything in order.
      child = Bun.spawn([...spec.command], {
        stdin: "ignore",
        stdout: log,
        stderr: log,
        cwd: spec.cwd,
        env: { ...spec.env },
        detached: true,
        ...identity,
      });
    } catch (error) {
      return `cannot be started: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      closeSync(log);
    }
    if (spec.nice) void giveWay(child.pid, spec.nice);
    const ref = refTo(child.pid);
    entry.ref = ref;
    entry.lastRef = ref ?? entry.lastRef;
    if (ref) guardian.add(ref, spec.stopSignal);
    onChange();
    void watchReadiness(entry, ref, startedAt);
    await child.exited;
    guardian.remove(child.pid);
    entry.ref = null;
    entry.ready = false;
    return child.signalCode ? `killed by ${child.signalCode}` : `ended with status ${child.exitCode}`;
  }

  async function watchReadiness(entry: Kept, ref: ProcessRef | null, startedAt: number): Promise<void> {
    while (ref && entry.ref === ref && !entry.stopping) {
      if (await entry.spec.isReady().catch(() => false)) {
        if (entry.ref !== ref) return;
        entry.ready = true;
        onEvent({ kind: "ready", name: entry.spec.name, ms: performance.now() - startedAt, again: entry.wasReady });
        entry.wasReady = true;
        onChange();
        return;
      }
      await Bun.sleep(100);
    }
  }

  function failureOf(entry: Kept, what: string): Failure {
    const words = lastLines(logsDir, entry.spec.name, 12).map((line) => `    ${readLine(line).text}`);
    return new Failure([`${entry.spec.name} ${what}. Its last words (${logPath(logsDir, entry.spec.name)}):`, ...words].join("\n"));
  }

  async function stopOne(entry: Kept): Promise<void> {
    entry.stopping = true;
    const { ref } = entry;
    if (ref) {
      kill(ref, entry.spec.stopSignal);
      if ((await waitForEnd([ref], stopTimeoutMs)).length > 0) kill(ref, "SIGKILL");
    }
    await entry.done;
  }

  return {
    start: (spec) => {
      const entry: Kept = {
        spec,
        ref: null,
        lastRef: null,
        ready: false,
        wasReady: false,
        earlyEnds: 0,
        lastEnd: "",
        stopping: false,
        done: Promise.resolve(),
      };
      kept.set(spec.name, entry);
      entry.done = keepRunning(entry);
    },
    ready: async (names, timeoutMs) => {
      const deadline = performance.now() + timeoutMs;
      for (const name of names) {
        const entry = kept.get(name);
        if (!entry) throw new Error(`no process ${name}`);
        while (!entry.wasReady) {
          if (entry.earlyEnds >= startAttempts) throw failureOf(entry, `does not start (${entry.lastEnd})`);
          if (performance.now() > deadline) throw failureOf(entry, `is not ready after ${Math.round(timeoutMs / 1000)} s`);
          if (entry.stopping) throw new Failure("stopped while starting");
          await Bun.sleep(50);
        }
      }
    },
    stop: async (groups) => {
      const named = new Set(groups.flat());
      const others = [...kept.keys()].filter((name) => !named.has(name));
      for (const group of [others, ...groups]) {
        await Promise.all(group.flatMap((name) => kept.get(name) ?? []).map(stopOne));
      }
      await guardian.dismiss();
    },
    processes: () => [...kept.values()].map(({ spec, lastRef, ready }) => ({ spec, ref: lastRef, ready })),
  };
}

/** Lowers a process's priority, which needs no rights; its threads inherit it. Where it cannot be set, all are equal. */
async function giveWay(pid: number, by: number): Promise<void> {
  const nice = Math.min(nicest, getPriority() + by);
  try {
    setPriority(pid, nice);
  } catch {
    // It ended in between, or the system knows no priorities.
  }
  // Linux shares the cores among sessions first (sched(7), autogroup), and each process has a session of its own: there the nice value of the
  // process says nothing, its session's does. Only every tenth of a second one may be set (EAGAIN).
  for (let attempts = 0; attempts < 20; attempts++) {
    try {
      writeFileSync(`/proc/${pid}/autogroup`, String(nice));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      await Bun.sleep(120);
    }
  }
}

function kill(ref: ProcessRef, name: NodeJS.Signals): void {
  if (!isAlive(ref)) return;
  try {
    process.kill(ref.pid, name);
  } catch {
    // It ended in between.
  }
}
