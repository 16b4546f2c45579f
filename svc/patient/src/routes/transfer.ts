import {
  exportPatients as exportEndpoint,
  importPatients as importEndpoint,
  patientColumns,
  patientReferences,
} from "@episante/contracts/transfer";
import { csvAnswer } from "@episante/service/csv";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { exportPatientsPage } from "../actions/export-patients.ts";
import { importPatients } from "../actions/import-patients.ts";
import { readReferences } from "../actions/read-references.ts";
import type { PatientDeps } from "../deps.ts";

/** Patients from and to CSV files, and whom a table of visits means. */
export function transferRoutes(deps: PatientDeps): BoundRoute[] {
  return [
    bind(importEndpoint, ({ actor, body, meta }) => importPatients(deps, actor, body, meta)),
    bind(exportEndpoint, ({ actor, query, meta }) =>
      csvAnswer("patients.csv", patientColumns, (cursor) => exportPatientsPage(deps, actor, { ...query, cursor }, meta)),
    ),
    bind(patientReferences, ({ actor, body, meta }) => readReferences(deps, actor, body, meta)),
  ];
}
