import { defineAction } from "@episante/service/action";
import type { CsvPage } from "@episante/service/csv";
import type { PatientDeps } from "../deps.ts";
import { listForExport } from "../storage/transfer.ts";
import { accessTransfer } from "./access-transfer.ts";

/** Patients of one page, who are named in its audit record. */
const pageSize = 1_000;

/** One page of a clinic's patients, in the columns that an import reads. @param input.cursor id of the last one of the page before */
export const exportPatientsPage = defineAction<PatientDeps, { readonly clinicId: string; readonly cursor: string | undefined }, CsvPage>({
  name: "patient.export",
  access: accessTransfer,
  run: async ({ input: { clinicId, cursor = "" }, tx, audit }) => {
    const found = await listForExport(tx, clinicId, cursor, pageSize);
    audit({ patientIds: found.map(({ id }) => id), entity: { type: "export", id: "patients" } });
    return {
      rows: found.map((one) => [
        one.familyName,
        one.givenName,
        one.birthDate,
        one.gender,
        one.phone ?? "",
        one.email ?? "",
        one.locale,
        one.externalId ?? one.id,
      ]),
      next: found.length === pageSize ? found.at(-1)?.id : undefined,
    };
  },
});
