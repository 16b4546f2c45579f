import { grant } from "@episante/service/db";
import { type Job, job } from "@episante/service/jobs";
import type { BaseDeps } from "@episante/service/run";
import { refreshDoctor } from "../actions/refresh-openings.ts";
import { listDueDoctors } from "../storage/openings.ts";
import { callOpeningsDue, listDueClinics } from "../storage/resources.ts";

const name = "refresh-openings";
const batchSize = 200;

/** Works the next openings out again where time went by: a start has passed or come within the notice, or a new day opened the horizon. */
export async function refreshOpenings(deps: Pick<BaseDeps, "db" | "clock">, now: number): Promise<void> {
  // Somebody's room or device was taken or given back: others who need one may have other openings.
  const clinics = await deps.db.transaction(grant.system(name), (tx) => listDueClinics(tx, now));
  for (const clinicId of clinics) await deps.db.transaction(grant.system(name), (tx) => callOpeningsDue(tx, clinicId, now));
  const due = await deps.db.transaction(grant.system(name), (tx) => listDueDoctors(tx, now, batchSize));
  for (const doctorId of due) await refreshDoctor(deps, doctorId);
}

/** Twice a minute in business time. */
export const refreshOpeningsJob: Job<BaseDeps> = job<BaseDeps>({
  name,
  everyMs: 30_000,
  run: ({ deps, now }) => refreshOpenings(deps, now),
});
