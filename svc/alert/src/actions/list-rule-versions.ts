import { refuse } from "@episante/contracts/problem";
import type { RuleVersion } from "@episante/contracts/rule";
import { clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { treatedPatients } from "../storage/relationships.ts";
import { listVersions, scopeOfRule } from "../storage/rule-versions.ts";

/** Every version of a rule, retired ones included; of a rule for one patient only to doctors who treat that patient. */
export const listRuleVersions = defineAction<AlertDeps, { id: string }, { items: RuleVersion[] }>({
  name: "alert.list-rule-versions",
  access: ({ actor }) => grant.clinics(clinicIdsOf(actor, "doctor")),
  run: async ({ actor, input, deps, tx, now, audit }) => {
    audit({ entity: { type: "rule", id: input.id } });
    const scope = await scopeOfRule(tx, input.id);
    if (!scope) return refuse("not-found");
    if (scope.kind === "patient") {
      if (!deps.relationships.fresh()) return refuse("mirror-stale");
      const treated = await treatedPatients(tx, doctorIdsOf(actor), now, [scope.id ?? ""]);
      if (treated.length === 0) return refuse("not-found");
    }
    return { items: await listVersions(tx, input.id) };
  },
});
