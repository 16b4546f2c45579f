import type { AlertLoad, alertLoad as endpoint } from "@episante/contracts/alert-load";
import type { QueryOf } from "@episante/contracts/endpoint";
import type { ClinicId } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import { clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { effectOfHold, loadOf } from "../domain/load.ts";
import { countedAlerts, patientsJudged } from "../storage/load.ts";
import { treatedInClinic } from "../storage/relationships.ts";

const longestMs = 92 * 86_400_000;

/** Counts of a clinic's alerts. Everybody is counted, whoever asks; only patients whom the caller treats there have an id in the answer. */
export const alertLoad = defineAction<AlertDeps, QueryOf<typeof endpoint>, AlertLoad>({
  name: "alert.load",
  access: ({ actor, input, deps }) => {
    const clinicId = clinicIdsOf(actor, "doctor", "admin").find((id) => input.clinicId === undefined || id === input.clinicId);
    if (!clinicId) return refuse("not-found");
    return doctorIdsOf(actor).length > 0 && !deps.relationships.fresh() ? refuse("mirror-stale") : grant.clinics([clinicId]);
  },
  run: async ({ actor, input, tx, now, grant: granted, audit }) => {
    const clinicId = (granted.kind === "clinics" ? granted.ids[0] : "") as ClinicId;
    const { from, to, zone = "UTC", ruleId, holdSeconds } = input;
    const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
    if (toMs <= fromMs || toMs - fromMs > longestMs)
      return refuse("invalid-input", { errors: [{ path: "to", message: "after the beginning, by at most 92 days" }] });
    const alerts = await countedAlerts(tx, clinicId, fromMs, toMs);
    const patientIds = [...new Set(alerts.map(({ patientId }) => patientId))];
    const treated = await treatedInClinic(tx, { doctorIds: doctorIdsOf(actor), clinicId }, now, patientIds);
    const load = loadOf(alerts, { fromMs, toMs, zone, judged: await patientsJudged(tx, clinicId, fromMs), treated });
    audit({ patientIds: load.topPatients.flatMap(({ patientId }) => (patientId ? [patientId] : [])) });
    const effect = ruleId && holdSeconds !== undefined ? { effectOfHold: effectOfHold(alerts, ruleId, holdSeconds) } : {};
    return { clinicId, from, to, ...load, ...effect };
  },
});
