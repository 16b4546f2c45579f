import type { Appointment, listAppointments as listEndpoint } from "@episante/contracts/appointment";
import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import { isRefusal, refuse } from "@episante/contracts/problem";
import { clinicIdsOf } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { decodeCursor, encodeCursor } from "../domain/cursor.ts";
import { findDoctor } from "../storage/doctors.ts";
import { findVisit, listVisits, toVisit } from "../storage/visits.ts";
import { viewOfPatient, worksAt } from "./viewpoint.ts";
import { accessVisit } from "./visit-access.ts";

const maxPeriodMs = 62 * 86_400_000;

/** One visit: the patient's own, or of the actor's clinic. */
export const showAppointment = defineAction<Deps, { id: string }, Appointment>({
  name: "appointment.get",
  access: accessVisit,
  run: async ({ actor, input, tx, audit }) => {
    const visit = await findVisit(tx, input.id);
    if (!visit) return refuse("not-found");
    audit({ patientIds: [visit.patientId], entity: { type: "appointment", id: visit.id } });
    return toVisit(visit, worksAt(actor, visit.clinicId));
  },
});

/** Own visits, a relative's, or the agenda of a doctor or of the actor's clinics. An agenda covers at most 62 days, by default from now on. */
export const readAgenda = defineAction<Deps, QueryOf<typeof listEndpoint>, ResponseOf<typeof listEndpoint>>({
  name: "appointment.list",
  access: async ({ input, ...asking }) => {
    const { actor, tx } = asking;
    if (actor.kind !== "user") return refuse("not-found");
    if (input.doctorId) {
      const doctor = await findDoctor(tx, input.doctorId);
      if (doctor && worksAt(actor, doctor.clinicId)) return grant.clinics([doctor.clinicId]);
      return input.patientId ? viewOfPatient(asking, input.patientId) : refuse("not-found");
    }
    const ofPatient = input.patientId && actor.patientId ? await viewOfPatient(asking, input.patientId) : refuse("not-found");
    const clinics = clinicIdsOf(actor, "doctor", "staff");
    if (!isRefusal(ofPatient)) return ofPatient;
    if (clinics.length > 0) return grant.clinics(clinics);
    return actor.patientId && !input.patientId ? grant.patients([actor.patientId]) : ofPatient;
  },
  run: async ({ actor, input, tx, now, grant: granted, audit }) => {
    const limit = input.limit ?? 50;
    const after = input.cursor === undefined ? undefined : decodeCursor(input.cursor);
    if (after === null) return refuse("invalid-input", { errors: [{ path: "cursor", message: "is not a cursor of this list" }] });
    let fromMs = input.from === undefined ? undefined : Date.parse(input.from);
    let toMs = input.to === undefined ? undefined : Date.parse(input.to);
    if (granted.kind === "clinics" && !input.patientId) {
      fromMs ??= toMs === undefined ? now : toMs - maxPeriodMs;
      toMs ??= fromMs + maxPeriodMs;
      if (toMs - fromMs > maxPeriodMs)
        return refuse("invalid-input", { errors: [{ path: "to", message: "at most 62 days after `from`" }] });
    }
    const rows = await listVisits(tx, {
      fromMs,
      toMs,
      doctorId: input.doctorId,
      patientId: input.patientId,
      after,
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    audit({ patientIds: page.map((visit) => visit.patientId) });
    return {
      items: page.map((visit) => toVisit(visit, worksAt(actor, visit.clinicId))),
      ...(rows.length > limit && last ? { next: encodeCursor(toInstant(last.startMs), last.id) } : {}),
    };
  },
});
