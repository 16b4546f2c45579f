import { refuse } from "@episante/contracts/problem";
import type { Rule } from "@episante/contracts/rule";
import { clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { treatedPatients } from "../storage/relationships.ts";
import { listRules as listRows } from "../storage/rules.ts";

/** Rules of the caller's clinics and their groups; a rule for one patient only to doctors who treat that patient. */
export const listRules = defineAction<AlertDeps, Record<string, never>, { items: Rule[] }>({
  name: "alert.list-rules",
  access: ({ actor }) => grant.clinics(clinicIdsOf(actor, "doctor", "admin")),
  run: async ({ actor, deps, tx, now }) => {
    const rules = await listRows(tx);
    const patientIds = rules.flatMap(({ scope }) => (scope.kind === "patient" && scope.id ? [scope.id] : []));
    if (patientIds.length > 0 && !deps.relationships.fresh()) return refuse("mirror-stale");
    const treated = new Set(await treatedPatients(tx, doctorIdsOf(actor), now, patientIds));
    return { items: rules.filter(({ scope }) => scope.kind !== "patient" || (scope.id !== undefined && treated.has(scope.id))) };
  },
});
