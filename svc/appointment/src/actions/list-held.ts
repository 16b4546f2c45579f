import type { listHeld as endpoint } from "@episante/contracts/appointment";
import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import { type DoctorId, idSchema } from "@episante/contracts/ids";
import { type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import { grant, type Tx } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { findDoctor } from "../storage/doctors.ts";
import { listHeldTimes } from "../storage/holds.ts";
import { worksAt } from "./viewpoint.ts";

/** A held time: of which doctor, when, until when. It names nobody. */
export type HeldTime = ResponseOf<typeof endpoint>["items"][number];

/** Times of doctors that are held now, in order. Who may see them is the caller's to decide. */
export async function findHeld(deps: Deps, tx: Tx, doctorIds: readonly string[]): Promise<HeldTime[]> {
  const held = await listHeldTimes(tx, doctorIds, deps.clock.now());
  return held.map((one) => ({
    doctorId: one.doctorId as DoctorId,
    start: toInstant(one.startMs),
    end: toInstant(one.endMs),
    expiresAt: toInstant(one.expiresMs),
  }));
}

const mostDoctors = 50;
const doctorId = idSchema("doc");

/** Times of own doctors that somebody is confirming. They name nobody, so this read leaves no audit record and is not an action. */
export async function listHeld(deps: Deps, actor: Actor, input: QueryOf<typeof endpoint>): Promise<ResponseOf<typeof endpoint> | Refusal> {
  const doctorIds = input.doctorIds.split(",");
  if (doctorIds.length > mostDoctors || !doctorIds.every((id) => doctorId.safeParse(id).success))
    return refuse("invalid-input", { errors: [{ path: "doctorIds", message: `up to ${mostDoctors} ids of doctors, with commas` }] });
  return deps.db.transaction(grant.public(), async (tx) => {
    for (const id of doctorIds) {
      const doctor = await findDoctor(tx, id);
      if (!doctor || !worksAt(actor, doctor.clinicId)) return refuse("not-found");
    }
    return { items: await findHeld(deps, tx, doctorIds) };
  });
}
