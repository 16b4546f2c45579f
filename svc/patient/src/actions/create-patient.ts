import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { PatientId } from "@episante/contracts/ids";
import type { createPatient as endpoint } from "@episante/contracts/patient";
import { refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { dayAt } from "../domain/civil-day.ts";
import { foldName } from "../domain/search.ts";
import { findZone } from "../storage/clinics.ts";
import { findPatient, insertPatient, rememberClinic } from "../storage/patients.ts";
import { patientMinOf } from "./shape.ts";

/** `id`: the new file's. */
type Input = BodyOf<typeof endpoint> & { readonly id: PatientId };

const clinicFor = (actor: Actor, asked: string | undefined) => {
  const clinics = clinicIdsOf(actor, "doctor", "staff");
  return asked === undefined ? clinics[0] : clinics.find((clinicId) => clinicId === asked);
};

/** Members of a clinic open a file for a caller: no account, no e-mail. That somebody like this is known already is the screen's to warn of. */
export const createPatient = defineAction<PatientDeps, Input, ResponseOf<typeof endpoint>>({
  name: "patient.create",
  access: ({ actor, input }) => (clinicFor(actor, input.clinicId) ? grant.patients([input.id]) : refuse("not-found")),
  run: async ({ actor, input, tx, now, emit, audit }) => {
    const clinicId = clinicFor(actor, input.clinicId);
    if (!clinicId) return refuse("not-found");
    const today = dayAt((await findZone(tx, clinicId)) ?? "UTC", now);
    if (input.birthDate > today) return refuse("invalid-input", { errors: [{ path: "birthDate", message: "lies in the future" }] });
    const { id, givenName, familyName, birthDate, phone, gender = "unknown", locale = "fr" } = input;
    const searchName = foldName(`${familyName} ${givenName}`);
    await insertPatient(tx, { id, givenName, familyName, searchName, birthDate, phone, gender, locale, createdAt: new Date(now) });
    await rememberClinic(tx, id, clinicId, new Date(now));
    await emit("patient.registered", { patientId: id });
    audit({ patientIds: [id], clinicIds: [clinicId] });
    const created = await findPatient(tx, id);
    return created ? patientMinOf(created) : refuse("not-found");
  },
});
