import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { AppointmentId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type {
  cancelSeries as cancelEndpoint,
  JudgedDate,
  moveSeries as moveEndpoint,
  previewSeriesChange as previewEndpoint,
  Series,
  SeriesFate,
} from "@episante/contracts/series";
import type { Actor } from "@episante/contracts/session";
import { type Action, defineAction } from "@episante/service/action";
import type { AuditNote } from "@episante/service/audit";
import type { Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Emit } from "@episante/service/outbox";
import type { Deps } from "../deps.ts";
import { fateOf, shiftedWith, wallTimeOf } from "../domain/series.ts";
import { findHours, findReason } from "../storage/doctors.ts";
import { lockDoctors } from "../storage/moves.ts";
import { lockClinicResources } from "../storage/resources.ts";
import {
  findSeries,
  listSeriesVisits,
  lockVisits,
  markOfSeries,
  occupyTime,
  releaseTimes,
  type SeriesRow,
  type SeriesVisit,
} from "../storage/series.ts";
import type { Bookable } from "./bookable.ts";
import { cancelVisit } from "./cancel-visit.ts";
import { judgeDates, lostDate, refuseDates, type Wish, wishAt, wishFor } from "./judge-series.ts";
import { type Changing, placeVisit } from "./place-visit.ts";
import { publishOpenings } from "./publish-openings.ts";
import { accessSeries, readSeries, toSeriesVisit } from "./show-series.ts";
import { takenBack } from "./taken-back.ts";
import { accountOf } from "./viewpoint.ts";

const minuteMs = 60_000;

interface Context {
  readonly tx: Tx;
  readonly actor: Actor;
  readonly now: number;
  readonly emit: Emit;
  readonly audit: (note: AuditNote) => void;
}
/** A series that nobody else changes until the transaction ends. */
interface Locked {
  readonly series: SeriesRow;
  readonly visits: readonly SeriesVisit[];
}

/** Locks the doctors and the visits of a series, and notes whose they are. */
async function lockSeries({ tx, audit }: Context, id: string): Promise<Locked | Refusal> {
  const series = await findSeries(tx, id);
  if (!series) return refuse("not-found");
  const before = await listSeriesVisits(tx, id);
  const doctorIds = new Set(before.map(({ doctorId }) => doctorId));
  await lockDoctors(tx, [...doctorIds]);
  await lockVisits(
    tx,
    before.map((visit) => visit.id),
  );
  const visits = await listSeriesVisits(tx, id);
  audit({ patientIds: visits.map(({ patientId }) => patientId), clinicIds: [series.clinicId], entity: { type: "series", id } });
  // Moved to another doctor while this request waited: the locks are on the wrong ones.
  return visits.every(({ doctorId }) => doctorIds.has(doctorId)) ? { series, visits } : refuse("version-conflict");
}

/** What the visits keep where they move: their doctor, their reason with the length each has. One object for what is alike. */
async function findPlaces(tx: Tx, visits: readonly SeriesVisit[]): Promise<Map<string, Bookable> | Refusal> {
  const known = new Map<string, Bookable>();
  const places = new Map<string, Bookable>();
  for (const { id, doctorId, reasonId, startMs, endMs } of visits) {
    const minutes = (endMs - startMs) / minuteMs;
    const key = `${doctorId} ${reasonId} ${minutes}`;
    let place = known.get(key);
    if (!place) {
      const [hours, reason] = [await findHours(tx, doctorId), await findReason(tx, reasonId)];
      if (!hours || !reason) return refuse("not-found");
      place = { ...hours, reason: { ...reason, minutes } };
      known.set(key, place);
    }
    places.set(id, place);
  }
  return places;
}

/** Judges new times of visits of which some give up their own first. */
async function judgeMoves(
  { tx, actor, now }: Pick<Context, "tx" | "actor" | "now">,
  moves: readonly { readonly visit: SeriesVisit; readonly wish: Wish }[],
  leaving: readonly SeriesVisit[],
): Promise<(JudgedDate & { appointmentId: AppointmentId })[]> {
  const [first] = moves;
  if (!first) return [];
  await releaseTimes(
    tx,
    leaving.map(({ id }) => id),
  );
  const asking = { patientId: first.visit.patientId, accountId: accountOf(actor), nowMs: now };
  const dates = await judgeDates(
    tx,
    moves.map(({ wish }) => wish),
    asking,
  );
  return dates.flatMap((date, index) => {
    const appointmentId = moves[index]?.visit.id;
    return appointmentId ? [{ ...date, appointmentId }] : [];
  });
}

type Preview = BodyOf<typeof previewEndpoint> & { readonly id: string };

/** What a change would do to each visit it is about. The real thing, taken back: nothing is stored. */
export const previewSeriesChange = defineAction<Deps, Preview, ResponseOf<typeof previewEndpoint>>({
  name: "appointment.preview-series-change",
  access: accessSeries,
  run: async ({ input, ...context }) => {
    const { tx, now } = context;
    const locked = await lockSeries(context, input.id);
    if (isRefusal(locked)) return locked;
    const named = locked.visits.find(({ id }) => id === input.appointmentId);
    if (!named) return refuse("not-found");
    const isMeant = (visit: SeriesVisit) =>
      input.scope === "all" || visit.id === named.id || (input.scope === "following" && visit.startMs >= named.startMs);
    const items = locked.visits
      .filter(isMeant)
      .map((visit) => ({ visit, fate: fateOf(visit, { nowMs: now, isNamed: visit.id === named.id }) }));
    const shown = { zone: named.zone, items: items.map(({ visit, fate }) => ({ visit: toSeriesVisit(visit), fate })) };
    if (!input.to) return shown;
    const visitsOf = (...fates: readonly SeriesFate[]) => items.filter(({ fate }) => fates.includes(fate)).map(({ visit }) => visit);
    // What was moved alone keeps its time unless it is chosen: it is judged, too, and nobody else gets what it has.
    const open = visitsOf("change", "moved-alone");
    const places = await findPlaces(tx, open);
    if (isRefusal(places)) return places;
    const from = { startMs: named.startMs, to: wallTimeOf(input.to) };
    const moves = open.flatMap((visit) => {
      const place = places.get(visit.id);
      return place ? [{ visit, wish: wishAt(place, shiftedWith(place.schedule.zone, visit.startMs, from)) }] : [];
    });
    const dates = await takenBack(tx, (inner) => judgeMoves({ ...context, tx: inner }, moves, visitsOf("change")));
    const dateOf = new Map(dates.map(({ appointmentId, ...date }) => [appointmentId, date]));
    return { ...shown, items: shown.items.map((item) => ({ ...item, ...withDate(dateOf.get(item.visit.id)) })) };
  },
});

function withDate(date: JudgedDate | undefined): { date?: JudgedDate } {
  return date ? { date } : {};
}

/** The visits that are named, if each of them may be changed. */
function chosenOf({ visits }: Locked, ids: readonly string[], now: number): SeriesVisit[] | Refusal {
  const chosen = visits.filter(({ id }) => ids.includes(id));
  if (chosen.length < new Set(ids).size) return refuse("not-found");
  const stuck = chosen.filter((visit) => fateOf(visit, { nowMs: now, isNamed: true }) !== "change");
  if (stuck.length === 0) return chosen;
  return refuse("wrong-state", {
    detail: "A visit that is over, has begun or is cancelled cannot be changed with its series.",
    extra: { appointmentIds: stuck.map(({ id }) => id) },
  });
}

/** The same transaction, whose visit events tell that they belong together: people are told once. */
function inOneStep(context: Context, { id: seriesId }: SeriesRow, visits: readonly unknown[]): Changing {
  // One alone is told as any visit is.
  if (visits.length < 2) return context;
  const step = newId("evt", context.now);
  const emit: Emit = (type, data, traceparent) => context.emit(type, { ...data, series: { seriesId, step } } as typeof data, traceparent);
  return { ...context, emit };
}

type Moving = BodyOf<typeof moveEndpoint> & { readonly id: string };

/** Moves visits of a series in one step, all or none: each may have a time that another one of them leaves. */
export const moveSeries: Action<Deps, Moving, Series> = defineAction<Deps, Moving, Series>({
  name: "appointment.move-series",
  idempotent: true,
  access: accessSeries,
  run: async ({ input, ...context }) => {
    const { tx, now, emit } = context;
    const locked = await lockSeries(context, input.id);
    if (isRefusal(locked)) return locked;
    const startOf = new Map(input.visits.map(({ appointmentId, start }) => [appointmentId as string, Date.parse(start)]));
    if (startOf.size < input.visits.length)
      return refuse("invalid-input", { errors: [{ path: "visits", message: "names a visit twice" }] });
    const chosen = chosenOf(locked, [...startOf.keys()], now);
    if (isRefusal(chosen)) return chosen;
    const going = chosen.filter((visit) => startOf.get(visit.id) !== visit.startMs);
    const places = await findPlaces(tx, going);
    if (isRefusal(places)) return places;
    if (going.some((visit) => visit.resourceIds.length > 0 || (places.get(visit.id)?.reason.resourceTypes.length ?? 0) > 0))
      await lockClinicResources(tx, locked.series.clinicId);
    const moves = going.flatMap((visit) => {
      const [place, startMs] = [places.get(visit.id), startOf.get(visit.id)];
      return place && startMs !== undefined ? [{ visit, wish: wishFor(place, startMs), startMs }] : [];
    });
    const dates = await judgeMoves(
      context,
      moves,
      moves.map(({ visit }) => visit),
    );
    const refusal = refuseDates(dates);
    if (refusal) return refusal;
    const changing = inOneStep(context, locked.series, moves);
    const lost = new Set<string>();
    for (const { visit, wish, startMs } of moves) {
      const { doctorId, schedule, reason } = { ...wish.bookable, doctorId: visit.doctorId };
      const isPlaced = await placeVisit(changing, visit, { doctorId, zone: schedule.zone, reason, startMs });
      if (!isPlaced || !(await occupyTime(tx, visit))) lost.add(visit.id);
    }
    if (lost.size > 0)
      return refuseDates(dates.map((date) => (lost.has(date.appointmentId) ? lostDate(date) : date))) ?? refuse("slot-taken");
    await markOfSeries(
      tx,
      moves.map(({ visit }) => visit.id),
    );
    for (const doctorId of new Set(moves.map(({ visit }) => visit.doctorId))) await publishOpenings(tx, doctorId, now, emit);
    return readSeries(tx, locked.series);
  },
});

type Cancelling = BodyOf<typeof cancelEndpoint> & { readonly id: string };

/** Cancels visits of a series in one step, all or none. */
export const cancelSeries: Action<Deps, Cancelling, Series> = defineAction<Deps, Cancelling, Series>({
  name: "appointment.cancel-series",
  idempotent: true,
  access: accessSeries,
  run: async ({ input, ...context }) => {
    const { tx, now, emit } = context;
    const locked = await lockSeries(context, input.id);
    if (isRefusal(locked)) return locked;
    const chosen = chosenOf(locked, input.appointmentIds, now);
    if (isRefusal(chosen)) return chosen;
    const changing = inOneStep(context, locked.series, chosen);
    for (const visit of chosen) await cancelVisit(changing, visit, input.reason);
    await markOfSeries(
      tx,
      chosen.map(({ id }) => id),
    );
    for (const doctorId of new Set(chosen.map((visit) => visit.doctorId))) await publishOpenings(tx, doctorId, now, emit);
    return readSeries(tx, locked.series);
  },
});
