import type { PatientId } from "@episante/contracts/ids";
import type { Patient } from "@episante/contracts/patient";
import { isRefusal, refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { findPatient } from "../storage/patients.ts";
import { decideAccess } from "./decide-access.ts";
import { patientOf } from "./shape.ts";

/** A patient's profile: for the patient, treating doctors, relatives with any right, and staff of a clinic that knows the patient. */
export const getPatient = defineAction<PatientDeps, { id: PatientId }, Patient>({
  name: "patient.get",
  access: async ({ input, ...asking }) => {
    const view = await decideAccess(asking, input.id);
    return isRefusal(view) ? view : grant.patients([input.id]);
  },
  run: async ({ input, tx }) => {
    const row = await findPatient(tx, input.id);
    return row ? patientOf(row) : refuse("not-found");
  },
});
