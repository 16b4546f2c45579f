import { grant } from "@episante/service/db";
import { emitter } from "@episante/service/outbox";
import type { Deps } from "../deps.ts";
import { lockDoctor } from "../storage/doctors.ts";
import { publishOpenings } from "./publish-openings.ts";

const job = "refresh-openings";
/** Longest that a change waits for the ones before it, ms: a busy doctor's openings are worked out once for many bookings. */
const pauseMs = 700;

/** Works one doctor's next openings out and tells others when they changed. */
export function refreshDoctor(deps: Pick<Deps, "db" | "clock">, doctorId: string): Promise<void> {
  return deps.db.transaction(grant.system(job), async (tx) => {
    await lockDoctor(tx, doctorId);
    await publishOpenings(tx, doctorId, deps.clock.now(), emitter(tx, { kind: "system", job }, deps.clock));
  });
}

/**
 * Makes the function that has a doctor's openings worked out soon, while nobody waits for it. Nothing is lost with the process: the
 * doctor's row is marked due in the transaction that changed something, and the job of the same name finds it.
 */
export function makeOpeningsRefresher(deps: Pick<Deps, "db" | "clock" | "outbox" | "log">): (doctorId: string) => void {
  const due = new Set<string>();
  let isRunning = false;
  async function run(): Promise<void> {
    while (due.size > 0) {
      const doctors = [...due];
      due.clear();
      for (const doctorId of doctors) {
        await refreshDoctor(deps, doctorId).catch((error) =>
          deps.log.warn({ err: error }, "openings could not be worked out, the job will"),
        );
      }
      deps.outbox.wake();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    isRunning = false;
  }
  return (doctorId) => {
    due.add(doctorId);
    if (isRunning) return;
    isRunning = true;
    void run();
  };
}
