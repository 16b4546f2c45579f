import type { appointmentForMessage as endpoint } from "@episante/contracts/appointment";
import type { ResponseOf } from "@episante/contracts/endpoint";
import { refuse } from "@episante/contracts/problem";
import { toInstant } from "@episante/contracts/time";
import { defineAction } from "@episante/service/action";
import { grant, type Tx } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { isOpen } from "../domain/visit.ts";
import { writeLink } from "../domain/visit-link.ts";
import { findClinic } from "../storage/doctors.ts";
import { listSeriesVisits } from "../storage/series.ts";
import { findVisit, toVisit, type VisitRow } from "../storage/visits.ts";
import { type CalendarPlace, icsOf, seriesIcs } from "./appointment-ics.ts";

/** A visit as it is now, for a message about to be sent; with its calendar file. The endpoint's policy lets only notification in. */
export const showForMessage = defineAction<Deps, { id: string }, ResponseOf<typeof endpoint>>({
  name: "appointment.for-message",
  access: ({ actor }) => (actor.kind === "service" ? grant.system("appointment.for-message") : refuse("not-found")),
  run: async ({ input, deps, tx, now, audit }) => {
    const row = await findVisit(tx, input.id);
    if (!row) return refuse("not-found");
    audit({ patientIds: [row.patientId], entity: { type: "appointment", id: row.id } });
    const visit = toVisit(row, false);
    const signed =
      deps.linkKey && isOpen(row) && row.startMs > now ? writeLink(deps.linkKey, { ...row, appointmentId: row.id }) : undefined;
    const place = await findClinic(tx, row.clinicId);
    const series = row.seriesPlace ? await readSeries(tx, row, { place, nowMs: now }) : undefined;
    return { ...visit, ics: icsOf(visit, place, now), ...(signed ? { signed } : {}), ...(series ? { series } : {}) };
  },
});

/** The other visits of a series, of which a message tells at once: those to come, and those cancelled in the same step. */
async function readSeries(
  tx: Tx,
  { seriesPlace, cancelledMs }: VisitRow,
  { place, nowMs }: { readonly place: CalendarPlace | null; readonly nowMs: number },
): Promise<ResponseOf<typeof endpoint>["series"]> {
  const toCome = (await listSeriesVisits(tx, seriesPlace?.id ?? "")).filter(({ startMs }) => startMs > nowMs);
  const open = toCome.filter(isOpen);
  const cancelled = toCome.filter((visit) => visit.cancelledMs !== null && visit.cancelledMs === cancelledMs);
  const starts = (visits: readonly VisitRow[]) => visits.map(({ startMs }) => toInstant(startMs));
  const told = [...open, ...cancelled].map((visit) => toVisit(visit, false));
  return { open: starts(open), cancelled: starts(cancelled), ics: seriesIcs(told, place, nowMs) };
}
