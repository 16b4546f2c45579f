import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Grant, grant, type Tx } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { countNoShows, isProxyOfSomebody, listMissers, type NoShows } from "../storage/no-shows.ts";

interface Asked {
  readonly clinicId: string;
  readonly patientId: string;
  readonly nowMs: number;
}

/** True when these missed visits end online booking. */
export function isBlocked({ count, limit }: Pick<NoShows, "count" | "limit">): boolean {
  return limit !== null && count >= limit;
}

const rememberedMs = 1_000;
/** Who missed a visit at all, per database: few, so that a booking need not ask. Another instance's no-show is known here a second later. */
const missers = new WeakMap<Deps["db"], { readonly readAt: number; readonly found: Promise<ReadonlySet<string>> }>();

function findMissers({ db }: Pick<Deps, "db">, nowMs: number): Promise<ReadonlySet<string>> {
  const known = missers.get(db);
  if (known && performance.now() - known.readAt < rememberedMs) return known.found;
  const found = db.transaction(grant.system("appointment.no-shows"), (tx) => listMissers(tx, nowMs));
  missers.set(db, { readAt: performance.now(), found });
  found.catch(() => missers.delete(db));
  return found;
}

/** After a no-show was said or taken back. */
export function forgetMissers({ db }: Pick<Deps, "db">): void {
  missers.delete(db);
}

/**
 * Whether a patient may book online with a clinic: a refusal that gives no reason, or null. For visits that patients and relatives book
 * themselves; members of the clinic are not asked. @param granted shows the patient's visits
 */
export async function refuseAfterNoShows(deps: Pick<Deps, "db">, granted: Grant, asked: Asked): Promise<Refusal | null> {
  if (!(await findMissers(deps, asked.nowMs)).has(`${asked.clinicId} ${asked.patientId}`)) return null;
  const noShows = await deps.db.transaction(granted, (tx) => countNoShows(tx, asked));
  return isBlocked(noShows) ? refuse("online-booking-closed") : null;
}

/** The same before a time is held. Whom it is for is not said yet: who may act for a relative is asked when the visit is booked. */
export async function refuseHoldAfterNoShows(tx: Tx, asked: Asked): Promise<Refusal | null> {
  if (!isBlocked(await countNoShows(tx, asked)) || (await isProxyOfSomebody(tx, asked))) return null;
  return refuse("online-booking-closed");
}
