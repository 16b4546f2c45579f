import { type Refusal, refuse } from "@episante/contracts/problem";
import type { Series } from "@episante/contracts/series";
import type { Actor } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { type Grant, grant, type Tx } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { findHours } from "../storage/doctors.ts";
import { findSeries, listSeriesVisits, type SeriesRow, type SeriesVisit } from "../storage/series.ts";
import { toVisit } from "../storage/visits.ts";
import { worksAt } from "./viewpoint.ts";

/** Members of the series' clinic; for everybody else there is no such series. */
export async function accessSeries({ actor, input, tx }: { actor: Actor; input: { id: string }; tx: Tx }): Promise<Grant | Refusal> {
  const series = await findSeries(tx, input.id);
  return series && worksAt(actor, series.clinicId) ? grant.clinics([series.clinicId]) : refuse("not-found");
}

/** A visit of a series as the API shows it to members of the clinic. */
export function toSeriesVisit(visit: SeriesVisit): Series["items"][number] {
  return { ...toVisit(visit, true), movedAlone: visit.isMovedAlone };
}

/** A series with its visits as they are now. */
export async function readSeries(tx: Tx, { id, doctorId, rhythm }: SeriesRow): Promise<Series> {
  const visits = await listSeriesVisits(tx, id);
  const [first] = visits;
  const zone = (await findHours(tx, doctorId))?.schedule.zone ?? first?.zone ?? "UTC";
  return { id, doctorId, zone, rhythm, size: first?.seriesPlace?.size ?? 0, items: visits.map(toSeriesVisit) };
}

/** One series: what it repeats, and all its visits, cancelled ones too. */
export const showSeries = defineAction<Deps, { readonly id: string }, Series>({
  name: "appointment.get-series",
  access: accessSeries,
  run: async ({ input, tx, audit }) => {
    const series = await findSeries(tx, input.id);
    if (!series) return refuse("not-found");
    const shown = await readSeries(tx, series);
    audit({ patientIds: shown.items.map(({ patientId }) => patientId), entity: { type: "series", id: series.id } });
    return shown;
  },
});
