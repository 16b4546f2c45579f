import { rmSync } from "node:fs";
import type { DataFolder } from "./paths.ts";
import { isAlive, markedProcesses, type ProcessRef, signal, waitForEnd } from "./pids.ts";
import { readRunState } from "./state.ts";

/**
 * Stops what a dead supervisor left behind: the processes it had written down, and any that carries the folder's mark. Services
 * first, then Postgres and nats-server. Call it only when no supervisor holds the folder.
 * @returns how many were still running
 */
export async function clearLeftovers(folder: DataFolder): Promise<number> {
  const recorded = (readRunState(folder)?.processes ?? []).filter(isAlive);
  const isServer = (ref: ProcessRef & { name?: string }) => ref.name === "postgres" || ref.name === "nats";
  const servers = recorded.filter(isServer);
  const known = new Set(recorded.map((ref) => ref.pid));
  const services = [...recorded.filter((ref) => !isServer(ref)), ...markedProcesses(folder.dir).filter((ref) => !known.has(ref.pid))];
  await stopAll(services, "SIGTERM");
  await stopAll(servers, "SIGINT");
  rmSync(folder.runFile, { force: true });
  return services.length + servers.length;
}

async function stopAll(refs: readonly ProcessRef[], first: NodeJS.Signals): Promise<void> {
  for (const ref of refs) signal(ref, first);
  const stubborn = await waitForEnd(refs, 8_000);
  for (const ref of stubborn) signal(ref, "SIGKILL");
  await waitForEnd(stubborn, 5_000);
}
