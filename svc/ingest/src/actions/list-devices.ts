import type { Device } from "@episante/contracts/device";
import { defineAction } from "@episante/service/action";
import type { IngestDeps } from "../deps.ts";
import { listDevices as listRows } from "../storage/devices.ts";
import { grantAllPatients, grantPatient } from "./grant-patient.ts";

/** Devices of one patient, or of everybody the caller treats, their own included. */
export const listDevices = defineAction<IngestDeps, { patientId?: string | undefined }, { items: Device[] }>({
  name: "ingest.list-devices",
  access: ({ input, ...context }) => (input.patientId ? grantPatient(context, input.patientId) : grantAllPatients(context)),
  run: async ({ tx, grant }) => ({ items: await listRows(tx, grant.kind === "patients" ? grant.ids : []) }),
});
