import type { Device, listDevices as endpoint } from "@episante/contracts/device";
import type { QueryOf } from "@episante/contracts/endpoint";
import { defineAction } from "@episante/service/action";
import type { IngestDeps } from "../deps.ts";
import { listDevices as listRows } from "../storage/devices.ts";
import { grantAllPatients, grantPatient } from "./grant-patient.ts";

const pageSize = 200;

/** Devices of one patient, or of everybody the caller treats, their own included; newest first. */
export const listDevices = defineAction<IngestDeps, QueryOf<typeof endpoint>, { items: Device[]; next?: string }>({
  name: "ingest.list-devices",
  access: ({ input, ...context }) => (input.patientId ? grantPatient(context, input.patientId) : grantAllPatients(context)),
  run: async ({ input, tx, grant }) => {
    const limit = input.limit ?? pageSize;
    const items = await listRows(tx, {
      patientIds: grant.kind === "patients" ? grant.ids : [],
      isActiveOnly: input.state === "active",
      ...(input.cursor ? { before: input.cursor } : {}),
      limit: limit + 1,
    });
    const last = items.length > limit ? items[limit - 1] : undefined;
    return { items: items.slice(0, limit), ...(last ? { next: last.id } : {}) };
  },
});
