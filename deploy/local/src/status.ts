import { answersOk } from "./http.ts";
import { monitorName } from "./monitoring.ts";
import type { DataFolder } from "./paths.ts";
import { isAlive, residentMiB } from "./pids.ts";
import { lockHolder, readRunState } from "./state.ts";

export interface Status {
  readonly ready: boolean;
  readonly url: string | null;
  readonly processes: readonly { name: string; pid: number; port: number; ready: boolean; rssMiB: number }[];
}

/** Asks every process itself, now; nothing remembered counts. */
export async function statusOf(folder: DataFolder): Promise<Status> {
  const state = readRunState(folder);
  if (!state || !lockHolder(folder)) return { ready: false, url: null, processes: [] };
  const processes = await Promise.all(
    state.processes.map(async (entry) => {
      const alive = isAlive(entry);
      const ready = alive && (entry.readyUrl === undefined ? await accepts(entry.port) : await answersOk(entry.readyUrl));
      return { name: entry.name, pid: entry.pid, port: entry.port ?? 0, ready, rssMiB: alive ? residentMiB(entry.pid) : 0 };
    }),
  );
  return {
    ready: state.phase === "ready" && processes.length > 0 && processes.every(({ name, ready }) => ready || name === monitorName),
    url: state.url,
    processes,
  };
}

/** True when something listens on the port. */
async function accepts(port: number | undefined): Promise<boolean> {
  if (port === undefined) return true;
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}

/** The table people read. */
export function formatStatus(status: Status): string {
  if (status.url === null) return "Not running.";
  const rows = status.processes.map(({ name, pid, port, ready, rssMiB }) =>
    [
      name.padEnd(14),
      String(pid).padStart(8),
      String(port).padStart(6),
      (ready ? "ready" : "not ready").padEnd(9),
      `${rssMiB.toFixed(0).padStart(5)} MiB`,
    ].join("  "),
  );
  return [`${status.url}  ${status.ready ? "ready" : "not ready"}`, ...rows].join("\n");
}
