import {
  createPatient as createEndpoint,
  getPatient as getEndpoint,
  listPatients as listEndpoint,
  patientBirthDates,
  patientContact,
} from "@episante/contracts/patient";
import { bind } from "@episante/service/endpoint";
import { newId } from "@episante/service/ids";
import { createPatient } from "../actions/create-patient.ts";
import { getPatient } from "../actions/get-patient.ts";
import { listPatients } from "../actions/list-patients.ts";
import { readBirthDates } from "../actions/read-birth-dates.ts";
import { readContact } from "../actions/read-contact.ts";
import type { PatientDeps } from "../deps.ts";

/** `GET /api/patients`, `POST /api/patients`, `GET /api/patients/:id`, and what other services read */
export const patientRoutes = (deps: PatientDeps) => [
  bind(listEndpoint, ({ query, actor, meta }) => listPatients(deps, actor, query, meta)),
  bind(createEndpoint, ({ body, actor, meta }) => createPatient(deps, actor, { ...body, id: newId("pat", deps.clock.now()) }, meta)),
  bind(getEndpoint, ({ params, actor, meta }) => getPatient(deps, actor, params, meta)),
  bind(patientBirthDates, ({ body, actor, meta }) => readBirthDates(deps, actor, body, meta)),
  bind(patientContact, ({ params, actor, meta }) => readContact(deps, actor, params, meta)),
];
