import type { analyticsOverview } from "@episante/contracts/doctor";
import type { QueryOf } from "@episante/contracts/endpoint";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { periodOf } from "../domain/period.ts";
import { findBuiltAt, listAlerts, listVitals, listWeeks, type Scope, sumUp } from "../storage/gold.ts";
import { listTreatedPatients } from "../storage/relationships.ts";

type Query = QueryOf<typeof analyticsOverview>;

/** What the figures may cover, decided and audited in an action of its own; the warehouse is asked afterwards, outside the transaction. */
function scopeFor(name: string) {
  return defineAction<Deps, Query, Scope>({
    name,
    access: ({ actor, deps }) => {
      if (doctorIdsOf(actor).length === 0) return refuse("not-found");
      return deps.relationships.fresh() ? grant.clinics(clinicIdsOf(actor, "doctor")) : refuse("mirror-stale");
    },
    run: async ({ actor, input, tx, now, audit }) => {
      const period = periodOf(input, now);
      if (!period) return refuse("invalid-input", { errors: [{ path: "to", message: "0 to 400 days after `from`" }] });
      const doctorIds = doctorIdsOf(actor);
      const treated = await listTreatedPatients(tx, doctorIds, now);
      if (input.patientId && !treated.includes(input.patientId)) return refuse("not-found");
      const patientIds = input.patientId ? [input.patientId] : treated;
      audit({ patientIds });
      return { ...period, patientIds, doctorIds };
    },
  });
}

/** A figure: its scope, then the numbers of that scope, with the instant the warehouse was built. */
function figure<T extends object>(name: string, read: (deps: Deps, scope: Scope) => Promise<T>) {
  const decide = scopeFor(name);
  return async (...[deps, actor, query, meta]: Parameters<typeof decide>): Promise<(T & { asOf?: string }) | Refusal> => {
    const scope = await decide(deps, actor, query, meta);
    if (isRefusal(scope)) return scope;
    const asOf = await findBuiltAt(deps.gold);
    return { ...(await read(deps, scope)), ...(asOf ? { asOf } : {}) };
  };
}

/** Totals of the period. */
export const readOverview = figure("doctor.analytics-overview", async ({ gold }, scope) => ({
  ...(await sumUp(gold, scope)),
  patients: scope.patientIds.length,
}));
/** Vitals per day and signal. */
export const readVitals = figure("doctor.analytics-vitals", async ({ gold }, scope) => ({ items: await listVitals(gold, scope) }));
/** Alerts per day and severity. */
export const readAlerts = figure("doctor.analytics-alerts", async ({ gold }, scope) => ({ items: await listAlerts(gold, scope) }));
/** Visits per week; of the doctor, not of a patient. */
export const readWeeks = figure("doctor.analytics-appointments", async ({ gold }, scope) => ({ items: await listWeeks(gold, scope) }));
