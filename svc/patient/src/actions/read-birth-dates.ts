import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { PatientId } from "@episante/contracts/ids";
import type { patientBirthDates } from "@episante/contracts/patient";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { findBirthDates } from "../storage/patients.ts";

/** For the appointment service: when patients were born. The audit record names each of them. */
export const readBirthDates = defineAction<PatientDeps, BodyOf<typeof patientBirthDates>, ResponseOf<typeof patientBirthDates>>({
  name: "patient.birth-dates",
  access: ({ input }) => grant.patients(input.ids),
  run: async ({ input, tx }) => ({
    items: (await findBirthDates(tx, input.ids)).map(({ id, birthDate }) => ({ patientId: id as PatientId, birthDate })),
  }),
});
