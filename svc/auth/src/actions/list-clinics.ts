import type { listClinics as endpoint } from "@episante/contracts/auth";
import type { ResponseOf } from "@episante/contracts/endpoint";
import type { ClinicId } from "@episante/contracts/ids";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AuthDeps } from "../deps.ts";
import { listClinicRows } from "../storage/clinics.ts";

/** Public facts of every clinic of this installation. */
export const listClinics = defineAction<AuthDeps, object, ResponseOf<typeof endpoint>>({
  name: "auth.list-clinics",
  access: () => grant.public(),
  run: async ({ tx }) => ({ items: (await listClinicRows(tx)).map((row) => ({ ...row, id: row.id as ClinicId })) }),
});
