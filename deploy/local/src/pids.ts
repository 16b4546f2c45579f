import { readdirSync, readFileSync } from "node:fs";

/** A process named so that a later one with the same number is not mistaken for it. */
export interface ProcessRef {
  readonly pid: number;
  /** Opaque: kernel start time of the process. */
  readonly started: string;
}

/** Variable that marks every process of an instance (value: the data folder), so that leftovers can be found. */
export const instanceVariable = "EPISANTE_DATA";

/** When the process started, or null when there is none (a zombie counts as none). Linux reads /proc, elsewhere `ps`. */
export function startOf(pid: number): string | null {
  if (process.platform === "linux") {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // proc(5): the name in parentheses may hold spaces; state is field 3, start time field 22.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null);
    } catch {
      return null;
    }
  }
  const ps = Bun.spawnSync(["ps", "-o", "stat=,lstart=", "-p", String(pid)]);
  const line = ps.stdout.toString().trim();
  return line === "" || line.startsWith("Z") ? null : line.replace(/^\S+\s+/, "");
}

/** Refers to a running process. Null when it is already gone. */
export function refTo(pid: number): ProcessRef | null {
  const started = startOf(pid);
  return started === null ? null : { pid, started };
}

/** True while that very process runs. */
export function isAlive(ref: ProcessRef): boolean {
  return startOf(ref.pid) === ref.started;
}

/** Signals that very process; false when it is gone. */
export function signal(ref: ProcessRef, name: NodeJS.Signals): boolean {
  if (!isAlive(ref)) return false;
  try {
    process.kill(ref.pid, name);
    return true;
  } catch {
    return false;
  }
}

/** Waits until all have ended. @returns those still alive after the time */
export async function waitForEnd(refs: readonly ProcessRef[], timeoutMs: number): Promise<ProcessRef[]> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const left = refs.filter(isAlive);
    if (left.length === 0 || performance.now() > deadline) return left;
    await Bun.sleep(50);
  }
}

/** Processes that carry the mark of a data folder. Linux only; elsewhere the recorded list has to do. */
export function markedProcesses(dataDir: string): ProcessRef[] {
  if (process.platform !== "linux") return [];
  const mark = `${instanceVariable}=${dataDir}`;
  const found: ProcessRef[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(mark)) continue;
    } catch {
      continue;
    }
    const ref = refTo(pid);
    if (ref) found.push(ref);
  }
  return found;
}

/** Resident memory in MiB: the process itself plus what its children hold alone (shared buffers count once). */
export function residentMiB(pid: number): number {
  if (process.platform !== "linux") {
    const ps = Bun.spawnSync(["ps", "-o", "rss=", "-p", String(pid)]);
    return Math.round(Number(ps.stdout.toString().trim() || 0) / 102.4) / 10;
  }
  const kib = memoryOf(pid, "VmRSS") + childrenOf(pid).reduce((sum, child) => sum + memoryOf(child, "RssAnon"), 0);
  return Math.round(kib / 102.4) / 10;
}

function memoryOf(pid: number, field: "VmRSS" | "RssAnon"): number {
  try {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(match?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
