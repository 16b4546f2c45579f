import type { Absence, listAbsences as endpoint } from "@episante/contracts/absence";
import type { QueryOf } from "@episante/contracts/endpoint";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { listAbsences, toAbsence } from "../storage/absences.ts";
import { findDoctor } from "../storage/doctors.ts";
import { worksAt } from "./viewpoint.ts";

const mostShown = 500;

/** When a doctor is away, for members of the doctor's clinic. Holds no patient data. */
export const showAbsences = defineAction<Deps, QueryOf<typeof endpoint>, { items: Absence[] }>({
  name: "appointment.list-absences",
  access: async ({ actor, input, tx }) => {
    const doctor = await findDoctor(tx, input.doctorId);
    return doctor && worksAt(actor, doctor.clinicId) ? grant.clinics([doctor.clinicId]) : refuse("not-found");
  },
  run: async ({ input: { doctorId, from, to }, tx, now }) => {
    const [fromMs, toMs] = [from === undefined ? now : Date.parse(from), to === undefined ? undefined : Date.parse(to)];
    if (toMs !== undefined && toMs < fromMs) return refuse("invalid-input", { errors: [{ path: "to", message: "lies before `from`" }] });
    return { items: (await listAbsences(tx, { doctorId, fromMs, toMs, limit: mostShown })).map(toAbsence) };
  },
});
