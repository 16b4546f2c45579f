import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { PatientId } from "@episante/contracts/ids";
import type { patientReferences } from "@episante/contracts/transfer";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { findReferences } from "../storage/transfer.ts";

/** For the appointment service: whom the rows of a table of visits mean. The audit record names each of them. */
export const readReferences = defineAction<PatientDeps, BodyOf<typeof patientReferences>, ResponseOf<typeof patientReferences>>({
  name: "patient.references",
  access: ({ input }) => grant.clinics([input.clinicId]),
  run: async ({ input, tx, audit }) => {
    const found = await findReferences(tx, input.clinicId, input.references);
    audit({ patientIds: found.map(({ patientId }) => patientId) });
    return {
      items: found.map(({ reference, patientId, externalId }) => ({
        reference,
        patientId: patientId as PatientId,
        ...(externalId === null ? {} : { externalId }),
      })),
    };
  },
});
