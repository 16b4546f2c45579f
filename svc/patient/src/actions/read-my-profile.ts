import type { Patient } from "@episante/contracts/patient";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { findPatient } from "../storage/patients.ts";
import { ownPatientId } from "./decide-access.ts";
import { pullOwnProfile } from "./pull-profile.ts";
import { patientOf } from "./shape.ts";

const read = defineAction<PatientDeps, object, { patient: Patient | null }>({
  name: "patient.get-mine",
  access: ({ actor }) => grant.patients([ownPatientId(actor)]),
  run: async ({ actor, tx }) => {
    const row = await findPatient(tx, ownPatientId(actor));
    return { patient: row && patientOf(row) };
  },
});

/** The own profile, also in the moment after the registration. */
export async function readMyProfile(deps: PatientDeps, actor: Actor, meta: ActionMeta): Promise<Patient | Refusal> {
  const first = await read(deps, actor, {}, meta);
  if (isRefusal(first)) return first;
  if (first.patient) return first.patient;
  const refusal = await pullOwnProfile(deps, actor, meta);
  if (refusal) return refusal;
  const again = await read(deps, actor, {}, meta);
  return isRefusal(again) ? again : (again.patient ?? refuse("not-found"));
}
