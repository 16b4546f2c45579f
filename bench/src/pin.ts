import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Why processes cannot be pinned to cores here; null when they can. */
export function cannotPin(): string | null {
  if (process.platform !== "linux") return "the system is not Linux";
  if (cpus().length < 2) return "there is one core only";
  return Bun.which("taskset") ? null : "taskset (util-linux) is not on PATH";
}

/**
 * Runs a part with the system's processes on core 0 and the load's on core 1, then lets all of them share every core again.
 * @throws Error when a process cannot be pinned
 */
export async function pinned<T>(
  pids: { readonly system: readonly number[]; readonly load: readonly number[] },
  run: () => Promise<T>,
): Promise<T> {
  for (const pid of pids.system) setCores(pid, "0");
  for (const pid of pids.load) setCores(pid, "1");
  try {
    return await run();
  } finally {
    for (const pid of [...pids.system, ...pids.load]) setCores(pid, `0-${cpus().length - 1}`);
  }
}

/** All threads of a process; those it starts later follow. */
function setCores(pid: number, cores: string): void {
  const { stderr } = Bun.spawnSync(["taskset", "-acp", cores, String(pid)]);
  // taskset -a answers 0 also for a process that is gone.
  if (coresOf(pid) !== cores) throw new Error(`process ${pid} cannot be pinned to cores ${cores}: ${stderr.toString().trim()}`);
}

/** The cores a process may run on, as the kernel lists them; null when it is gone. */
export function coresOf(pid: number): string | null {
  try {
    return /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
}
