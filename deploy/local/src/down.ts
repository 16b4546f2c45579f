import { Failure } from "@episante/setup/failure";
import { clearLeftovers } from "./leftovers.ts";
import type { DataFolder } from "./paths.ts";
import { signal, waitForEnd } from "./pids.ts";
import { lockHolder } from "./state.ts";
import { say } from "./terminal.ts";

/** Stops everything on a data folder, also what a dead supervisor left behind. @throws Failure when something does not end */
export async function runDown(folder: DataFolder): Promise<void> {
  const supervisor = lockHolder(folder);
  if (supervisor) {
    signal(supervisor, "SIGTERM");
    if ((await waitForEnd([supervisor], 45_000)).length > 0) {
      signal(supervisor, "SIGKILL");
      await waitForEnd([supervisor], 5_000);
    }
    if (lockHolder(folder)) throw new Failure(`Process ${supervisor.pid} does not end.`);
  }
  const left = await clearLeftovers(folder);
  if (supervisor) say("Stopped.");
  else say(left > 0 ? `Stopped ${left} processes that had been left behind.` : "Nothing is running.");
}
