import type { Alert, listAlerts as listAlertsEndpoint } from "@episante/contracts/alert";
import type { QueryOf } from "@episante/contracts/endpoint";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { patientsOf } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { type AlertRow, currentCursor, listAlerts as listRows } from "../storage/alerts.ts";
import { grantAllPatients, grantPatient } from "./grant-patient.ts";
import { presentAlerts, shownTo } from "./present-alerts.ts";

type Input = QueryOf<typeof listAlertsEndpoint>;
interface Page {
  items: Alert[];
  next?: string;
  cursor: number;
}
const defaultLimit = 100;

/** Alerts of one patient, or of everybody the caller treats; newest first. `cursor` is where the feed goes on. */
export const listAlerts = defineAction<AlertDeps, Input, Page>({
  name: "alert.list",
  access: ({ input, ...context }) => (input.patientId ? grantPatient(context, input.patientId) : grantAllPatients(context)),
  run: async ({ actor, input, tx, now, grant }) => {
    const before = input.cursor === undefined ? undefined : decodeCursor(input.cursor);
    if (before === null) return refuse("invalid-input", { errors: [{ path: "cursor", message: "not a cursor of this list" }] });
    // Read before the list: a change between the two is then seen twice, never missed.
    const cursor = await currentCursor(tx);
    const limit = input.limit ?? defaultLimit;
    const rows = await listRows(tx, {
      patientIds: patientsOf(grant),
      limit: limit + 1,
      ...(input.status ? { status: input.status } : {}),
      ...(input.from ? { fromMs: Date.parse(input.from) } : {}),
      ...(input.to ? { toMs: Date.parse(input.to) } : {}),
      ...(before ? { before } : {}),
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const items = presentAlerts(page, now).map((alert) => shownTo(actor, alert));
    return { items, cursor, ...(rows.length > limit && last ? { next: encodeCursor(last) } : {}) };
  },
});

function encodeCursor({ firedAt, id }: AlertRow): string {
  return `${firedAt}.${id}`;
}

function decodeCursor(text: string): { firedAt: number; id: string } | null {
  const [, firedAt, id] = /^(\d{1,15})\.(alr_[0-9a-f]{32})$/.exec(text) ?? [];
  return firedAt && id ? { firedAt: Number(firedAt), id } : null;
}
