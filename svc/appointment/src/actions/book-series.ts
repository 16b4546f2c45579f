import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { ClinicId, DoctorId, PatientId, ReasonId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import {
  type bookSeries as bookEndpoint,
  mostOccurrences,
  type previewSeries as previewEndpoint,
  type Series,
} from "@episante/contracts/series";
import type { Actor } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import { defineAction } from "@episante/service/action";
import { type Grant, grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { cancelUntil } from "../domain/policy.ts";
import { timesOf } from "../domain/rules.ts";
import { daysOf, wallTimeOf } from "../domain/series.ts";
import type { AppointmentRow } from "../storage/appointments.ts";
import { takeTime } from "../storage/busy.ts";
import { findDoctor } from "../storage/doctors.ts";
import { lockDoctors } from "../storage/moves.ts";
import { isKnownPatient } from "../storage/patients.ts";
import { lockResources } from "../storage/resources.ts";
import { insertSeries, insertSeriesVisit } from "../storage/series.ts";
import { findBookable, needsOf } from "./bookable.ts";
import { judgeDates, lostDate, refuseDates, wishAt, wishFor } from "./judge-series.ts";
import { publishOpenings } from "./publish-openings.ts";
import { readSeries } from "./show-series.ts";
import { accountOf, worksAt } from "./viewpoint.ts";

type Preview = BodyOf<typeof previewEndpoint>;
type Booking = BodyOf<typeof bookEndpoint>;

/** Members of the doctor's clinic, for a patient who exists: as a single visit is booked by them. */
async function accessDoctor({ actor, input, tx }: { actor: Actor; input: Preview | Booking; tx: Tx }): Promise<Grant | Refusal> {
  const doctor = await findDoctor(tx, input.doctorId);
  if (!doctor || !worksAt(actor, doctor.clinicId)) return refuse("not-found");
  return (await isKnownPatient(tx, input.patientId)) ? grant.clinics([doctor.clinicId]) : refuse("not-found");
}

/** The dates a series would have, each with the rules that forbid it and other times near it. Stores nothing. */
export const previewSeries = defineAction<Deps, Preview, ResponseOf<typeof previewEndpoint>>({
  name: "appointment.preview-series",
  access: accessDoctor,
  run: async ({ actor, input, tx, now, audit }) => {
    const { doctorId, reasonId, patientId, rhythm, end } = input;
    const bookable = await findBookable(tx, doctorId, reasonId);
    if (isRefusal(bookable)) return bookable;
    const first = wallTimeOf(input.start);
    const days = daysOf(first.day, rhythm, end);
    if (days === null) return invalid("end.until", `more than ${mostOccurrences} visits`);
    if (days.length === 0) return invalid("end.until", "lies before `start`");
    const wishes = days.map((day) => wishAt(bookable, { ...first, day }));
    const items = await judgeDates(tx, wishes, { patientId, accountId: accountOf(actor), nowMs: now });
    audit({ patientIds: [patientId], entity: { type: "series", id: doctorId } });
    return { zone: bookable.schedule.zone, items };
  },
});

function invalid(path: string, message: string): Refusal {
  return refuse("invalid-input", { errors: [{ path, message }] });
}

/**
 * Books the visits of a series under the doctor's lock, in one transaction: all or none. The exclusion constraint has the last word; dates that
 * cannot be had are named with what is free instead.
 */
export const bookSeries = defineAction<Deps, Booking, Series>({
  name: "appointment.book-series",
  idempotent: true,
  access: accessDoctor,
  run: async ({ actor, input, tx, now, emit, audit }) => {
    const { doctorId, reasonId, patientId, rhythm } = input;
    await lockDoctors(tx, [doctorId]);
    const bookable = await findBookable(tx, doctorId, reasonId);
    if (isRefusal(bookable)) return bookable;
    const { schedule, reason } = bookable;
    const clinicId = bookable.clinicId as ClinicId;
    const needs = needsOf(bookable);
    await lockResources(tx, needs);
    const starts = input.starts.map((start) => Date.parse(start)).sort((a, b) => a - b);
    const twice = starts.findIndex((startMs, index) => startMs === starts[index - 1]);
    if (twice >= 0) return invalid("starts", "names a time twice");
    const wishes = starts.map((startMs) => wishFor(bookable, startMs));
    const dates = await judgeDates(tx, wishes, { patientId, accountId: accountOf(actor), nowMs: now });
    const refusal = refuseDates(dates);
    if (refusal) return refusal;

    const series = { id: newId("ser", now), clinicId, doctorId: doctorId as DoctorId, rhythm };
    await insertSeries(tx, series, now);
    const lost = new Set<number>();
    for (const [index, startMs] of starts.entries()) {
      const { visit: time, around } = timesOf(reason, startMs);
      const visit: AppointmentRow = {
        id: newId("apt", now),
        clinicId,
        doctorId: series.doctorId,
        patientId: patientId as PatientId,
        reasonId: reasonId as ReasonId,
        status: "booked",
        ...time,
        zone: schedule.zone,
        cancelUntilMs: cancelUntil(startMs, reason.cancelHours),
        bookedMs: now,
      };
      const busyId = await takeTime(tx, { ...around, doctorId, holder: visit.id, nowMs: now, needs });
      if (!busyId) {
        lost.add(index);
        continue;
      }
      const of = { busyId, bookedBy: accountOf(actor), seriesId: series.id, number: index + 1, size: starts.length };
      await insertSeriesVisit(tx, visit, of);
      await emit("appointment.booked", {
        appointmentId: visit.id,
        doctorId: visit.doctorId,
        patientId: visit.patientId,
        clinicId,
        reasonId: visit.reasonId,
        start: toInstant(time.startMs),
        end: toInstant(time.endMs),
        ...(starts.length > 1 ? { series: { seriesId: series.id, step: series.id } } : {}),
      });
    }
    if (lost.size > 0) return refuseDates(dates.map((date, index) => (lost.has(index) ? lostDate(date) : date))) ?? refuse("slot-taken");
    await publishOpenings(tx, doctorId, now, emit);
    audit({ patientIds: [patientId], entity: { type: "series", id: series.id } });
    return readSeries(tx, series);
  },
});
