import type { Alert } from "@episante/contracts/alert";
import { refuse } from "@episante/contracts/problem";
import { doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { currentCursor, listChanged, patientsChanged } from "../storage/alerts.ts";
import { treatedPatients } from "../storage/relationships.ts";
import { presentAlerts } from "./present-alerts.ts";

/** Opens a feed: decides whether the caller may follow one at all, and where it starts without `Last-Event-ID`. */
export const openFeed = defineAction<AlertDeps, Record<string, never>, { cursor: number }>({
  name: "alert.feed",
  access: ({ deps }) => (deps.relationships.fresh() ? grant.public() : refuse("mirror-stale")),
  run: async ({ tx, audit }) => {
    audit({ entity: { type: "feed", id: "alerts" } });
    return { cursor: await currentCursor(tx) };
  },
});

/** A change as the feed tells it, and what caused it. */
export interface FeedAlert {
  readonly alert: Alert;
  readonly traceparent: string | undefined;
}

/** Changes after a cursor and up to another, of patients the caller treats now: access is decided again for every change. */
export const readFeed = defineAction<AlertDeps, { after: number; upTo: number }, { alerts: FeedAlert[] }>({
  name: "alert.feed",
  access: async ({ actor, input, deps, tx, now }) => {
    if (!deps.relationships.fresh()) return refuse("mirror-stale");
    const treated = await treatedPatients(tx, doctorIdsOf(actor), now, await patientsChanged(tx, input.after, input.upTo));
    return treated.length > 0 ? grant.patients(treated) : grant.public();
  },
  run: async ({ input, tx, now, grant: granted }) => {
    if (granted.kind !== "patients") return { alerts: [] };
    const rows = await listChanged(tx, granted.ids, input.after, input.upTo);
    const alerts = await presentAlerts(tx, rows, now);
    return { alerts: alerts.map((alert, index) => ({ alert, traceparent: rows[index]?.traceparent })) };
  },
});
