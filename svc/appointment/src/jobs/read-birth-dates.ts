import { patientBirthDates } from "@episante/contracts/patient";
import { isRefusal } from "@episante/contracts/problem";
import type { CallInternal } from "@episante/service/call";
import { grant } from "@episante/service/db";
import { type Job, job } from "@episante/service/jobs";
import type { BaseDeps } from "@episante/service/run";
import { listBirthsDue, saveBirths } from "../storage/births.ts";

const name = "read-birth-dates";
/** Most that one question may name (contract). */
const batchSize = 200;
const mostBatches = 50;

/** Reads when patients were born whom this service has not asked about yet. What cannot be read now is read at the next turn. */
export async function readBirthDates(deps: Pick<BaseDeps, "db" | "log"> & { callInternal: CallInternal }): Promise<void> {
  for (let batch = 0; batch < mostBatches; batch++) {
    const ids = await deps.db.transaction(grant.system(name), (tx) => listBirthsDue(tx, batchSize));
    if (ids.length === 0) return;
    const answer = await deps.callInternal(patientBirthDates, { body: { ids } });
    if (isRefusal(answer)) return deps.log.warn({ job: name, code: answer.refused }, "birth dates could not be read, the next turn will");
    await deps.db.transaction(grant.system(name), (tx) => saveBirths(tx, ids, answer.items));
    if (ids.length < batchSize) return;
  }
}

/** Often: a new patient may book at once. Without anything due it is one look at an index. */
export const readBirthDatesJob: Job<BaseDeps> = job<BaseDeps>({ name, everyMs: 3_000, run: ({ deps }) => readBirthDates(deps) });
