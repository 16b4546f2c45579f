import type { previewSchedule as previewEndpoint, Schedule } from "@episante/contracts/appointment";
import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { AppointmentId, PatientId, ReasonId } from "@episante/contracts/ids";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { type Grant, grant, type Tx } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { addDays, startOfDay } from "../domain/calendar.ts";
import { faultsOf } from "../domain/hours.ts";
import { outsideOf, previewWeek } from "../domain/preview.ts";
import { findDoctor, findHours, findOffer, lockDoctor, saveSchedule } from "../storage/doctors.ts";
import { listComingVisits, listTaken } from "../storage/taken.ts";
import { toSlot } from "./bookable.ts";
import { publishOpenings } from "./publish-openings.ts";

/** The doctor, or the staff of the doctor's clinic. Hours hold no patient data. */
export async function accessHours({ actor, input, tx }: { actor: Actor; input: { doctorId: string }; tx: Tx }): Promise<Grant | Refusal> {
  const doctor = await findDoctor(tx, input.doctorId);
  if (!doctor) return refuse("not-found");
  const isAllowed = doctorIdsOf(actor).includes(doctor.doctorId) || clinicIdsOf(actor, "staff").includes(doctor.clinicId);
  return isAllowed ? grant.clinics([doctor.clinicId]) : refuse("not-found");
}

/** Hours of a doctor. */
export const showSchedule = defineAction<Deps, { doctorId: string }, Schedule>({
  name: "appointment.get-schedule",
  access: accessHours,
  run: async ({ input, tx }) => (await findHours(tx, input.doctorId))?.schedule ?? refuse("not-found"),
});

/** Replaces the hours. Visits booked before stay, also outside the new hours. */
export const replaceSchedule = defineAction<Deps, { doctorId: string; schedule: Schedule }, Schedule>({
  name: "appointment.put-schedule",
  access: accessHours,
  run: async ({ input: { doctorId, schedule }, tx, now, emit, audit }) => {
    const errors = faultsOf(schedule);
    if (errors.length > 0) return refuse("invalid-input", { errors });
    await lockDoctor(tx, doctorId);
    await saveSchedule(tx, doctorId, schedule, now);
    await publishOpenings(tx, doctorId, now, emit);
    audit({ entity: { type: "schedule", id: doctorId } });
    return schedule;
  },
});

/** Most visits outside the hours that a preview names. */
const mostOutside = 200;

/** What a draft would give in one week, and the visits to come that it would leave outside the hours. Stores nothing. */
export const previewSchedule = defineAction<
  Deps,
  { doctorId: string } & BodyOf<typeof previewEndpoint>,
  ResponseOf<typeof previewEndpoint>
>({
  name: "appointment.preview-schedule",
  access: accessHours,
  run: async ({ input: { doctorId, schedule, reasonId, week }, tx, now, audit }) => {
    const faults = faultsOf(schedule);
    if (faults.length > 0)
      return refuse("invalid-input", { errors: faults.map(({ path, message }) => ({ path: `schedule.${path}`, message })) });
    const offer = await findOffer(tx, doctorId, reasonId);
    if (!offer?.reason || offer.reason.isRetired) return refuse("not-found");
    const { reason, closedDays } = offer;
    const { zone } = schedule;
    // The week and a day either side: buffers reach over midnight.
    const around = { startMs: startOfDay(zone, addDays(week, -8)), endMs: startOfDay(zone, addDays(week, 9)) };
    const [taken, visits] = await Promise.all([listTaken(tx, { doctorId, nowMs: now, ...around }), listComingVisits(tx, doctorId, now)]);
    const outside = outsideOf(schedule, closedDays, visits);
    const named = outside.slice(0, mostOutside);
    audit({ patientIds: named.map(({ patientId }) => patientId), entity: { type: "schedule", id: doctorId } });
    return {
      days: previewWeek({ schedule, reason, closedDays, taken, week }).map(({ slots, ...day }) => ({
        ...day,
        slots: slots.map((slot) => ({ ...toSlot(slot, zone), taken: slot.taken })),
      })),
      outside: named.map(({ id, patientId, reasonId: itsReasonId, ...time }) => ({
        id: id as AppointmentId,
        patientId: patientId as PatientId,
        reasonId: itsReasonId as ReasonId,
        start: toSlot(time, zone).start,
        end: toSlot(time, zone).end,
      })),
      outsideTotal: outside.length,
    };
  },
});
