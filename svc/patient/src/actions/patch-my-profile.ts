import type { BodyOf } from "@episante/contracts/endpoint";
import type { patchMyProfile as endpoint, Patient } from "@episante/contracts/patient";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { updateContact } from "../storage/patients.ts";
import { ownPatientId } from "./decide-access.ts";
import { readMyProfile } from "./read-my-profile.ts";
import { patientOf } from "./shape.ts";

type Input = BodyOf<typeof endpoint>;

const patch = defineAction<PatientDeps, Input, Patient>({
  name: "patient.patch-mine",
  access: ({ actor }) => grant.patients([ownPatientId(actor)]),
  run: async ({ actor, input, tx, audit }) => {
    const { phone, gender, locale } = input;
    const change = {
      ...(phone === undefined ? {} : { phone: phone === "" ? null : phone }),
      ...(gender ? { gender } : {}),
      ...(locale ? { locale } : {}),
    };
    const row = await updateContact(tx, ownPatientId(actor), change);
    if (!row) return refuse("not-found");
    audit({ entity: { type: "patient", id: row.id } });
    return patientOf(row);
  },
});

/** Changes the own contact details; an empty phone number removes it. */
export async function patchMyProfile(deps: PatientDeps, actor: Actor, input: Input, meta: ActionMeta): Promise<Patient | Refusal> {
  const current = await readMyProfile(deps, actor, meta);
  return isRefusal(current) ? current : patch(deps, actor, input, meta);
}
