import type { ResponseOf } from "@episante/contracts/endpoint";
import type { DoctorId, PatientId } from "@episante/contracts/ids";
import type { openRelationship as endpoint } from "@episante/contracts/patient";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { PatientDeps } from "../deps.ts";
import { findClinicOfDoctor } from "../storage/doctors.ts";
import { rememberClinic } from "../storage/patients.ts";
import { insertRelationship, listOpenRelationships, lockPatient } from "../storage/relationships.ts";
import { ownPatientId } from "./decide-access.ts";
import { changeOf, relationshipOf } from "./shape.ts";

/** The patient lets a doctor treat them from now on, until they end it. Asking again answers the relationship there is. */
export const openRelationship = defineAction<PatientDeps, { id: PatientId; doctorId: DoctorId }, ResponseOf<typeof endpoint>>({
  name: "patient.open-relationship",
  access: ({ actor, input }) => (ownPatientId(actor) === input.id ? grant.patients([input.id]) : refuse("not-found")),
  run: async ({ input, tx, now, emit, audit }) => {
    const at = new Date(now);
    const clinicId = await findClinicOfDoctor(tx, input.doctorId);
    if (!clinicId) return refuse("not-found");
    await lockPatient(tx, input.id);
    const open = await listOpenRelationships(tx, input.id, at, [input.doctorId]);
    const existing = open.find((row) => row.basis === "patient-invitation");
    if (existing) return relationshipOf(existing);
    const row = {
      id: newId("rel", now),
      patientId: input.id,
      doctorId: input.doctorId,
      clinicId,
      basis: "patient-invitation" as const,
      startsAt: at,
      endsAt: null,
      closedAt: null,
      createdAt: at,
    };
    await insertRelationship(tx, row);
    await rememberClinic(tx, input.id, clinicId, at);
    await emit("relationship.changed", changeOf(row));
    audit({ entity: { type: "relationship", id: row.id }, clinicIds: [clinicId] });
    return relationshipOf(row);
  },
  settle: true,
});
