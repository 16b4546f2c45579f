import type { Appointment, book as endpoint } from "@episante/contracts/appointment";
import type { BodyOf } from "@episante/contracts/endpoint";
import type { ClinicId, DoctorId, PatientId, ReasonId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import type { Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { cancelUntil, judgeTime } from "../domain/policy.ts";
import { type AppointmentRow, insertAppointment, toAppointment } from "../storage/appointments.ts";
import { findDoctorOfHolder, takeTime, turnHoldIntoBooking } from "../storage/busy.ts";
import { findDoctor, findReason, lockDoctor } from "../storage/doctors.ts";
import { findOwnHold, releaseHolds } from "../storage/holds.ts";
import { isKnownPatient } from "../storage/patients.ts";
import { findBookable, slotTaken } from "./bookable.ts";
import { publishOpenings } from "./publish-openings.ts";
import { accountOf, viewOf, worksAt } from "./viewpoint.ts";

type Input = BodyOf<typeof endpoint>;

/** A time that was taken for the visit, and what the visit needs to know of its reason. */
interface Taken {
  readonly busyId: string;
  readonly clinicId: string;
  readonly doctorId: string;
  readonly reasonId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly zone: string;
  readonly cancelHours: number;
}
interface Request<I> {
  readonly tx: Tx;
  readonly actor: Actor;
  readonly input: I;
  readonly now: number;
  readonly appointmentId: string;
}

/** Books a visit, from a hold or directly. Who loses the race gets `slot-taken` with alternatives; the exclusion constraint decides. */
export const bookAppointment = defineAction<Deps, Input, Appointment>({
  name: "appointment.book",
  idempotent: true,
  access: async ({ actor, input, tx }) => {
    const doctor = "holdId" in input ? await findDoctorOfHolder(tx, input.holdId) : await findDoctor(tx, input.doctorId);
    if (!doctor && !("holdId" in input)) return refuse("not-found");
    if (isForSomebodyElse(actor, input)) {
      if (!doctor || !worksAt(actor, doctor.clinicId) || !(await isKnownPatient(tx, input.patientId))) return refuse("not-found");
    }
    return viewOf(actor, doctor?.clinicId);
  },
  run: async ({ actor, input, tx, now, emit, audit }) => {
    const patientId = input.patientId ?? (actor.kind === "user" ? actor.patientId : undefined);
    if (!patientId) return refuse("invalid-input", { errors: [{ path: "patientId", message: "name the patient" }] });
    const appointmentId = newId("apt", now);
    const request = { tx, actor, now, appointmentId };
    const taken = "holdId" in input ? await takeHeld({ ...request, input }) : await takeFree({ ...request, input });
    if (isRefusal(taken)) return taken;
    const visit: AppointmentRow = {
      id: appointmentId,
      clinicId: taken.clinicId as ClinicId,
      doctorId: taken.doctorId as DoctorId,
      patientId: patientId as PatientId,
      reasonId: taken.reasonId as ReasonId,
      status: "booked",
      startMs: taken.startMs,
      endMs: taken.endMs,
      zone: taken.zone,
      cancelUntilMs: cancelUntil(taken.startMs, taken.cancelHours),
      bookedMs: now,
      cancelledMs: null,
      cancelReason: null,
    };
    await insertAppointment(tx, visit, taken.busyId, accountOf(actor));
    const { id, doctorId, clinicId, reasonId, start, end } = { ...toAppointment(visit), clinicId: visit.clinicId };
    await emit("appointment.booked", { appointmentId: id, doctorId, patientId: visit.patientId, clinicId, reasonId, start, end });
    await publishOpenings(tx, doctorId, now, emit);
    audit({ patientIds: [patientId], clinicIds: [clinicId], entity: { type: "appointment", id } });
    return toAppointment(visit);
  },
});

function isForSomebodyElse(actor: Actor, input: Input): input is Input & { patientId: PatientId } {
  return input.patientId !== undefined && !(actor.kind === "user" && actor.patientId === input.patientId);
}

async function takeHeld({ tx, actor, input, now, appointmentId }: Request<Extract<Input, { holdId: string }>>): Promise<Taken | Refusal> {
  const held = await findOwnHold(tx, input.holdId, accountOf(actor), now);
  if (!held) return refuse("not-found");
  await lockDoctor(tx, held.doctorId);
  if (held.startMs <= now) return refuse("slot-in-past");
  const busyId = await turnHoldIntoBooking(tx, held.id, appointmentId, now);
  if (!busyId) return refuse("hold-expired");
  const reason = await findReason(tx, held.reasonId);
  return { ...held, busyId, cancelHours: reason?.cancelHours ?? 0 };
}

async function takeFree({ tx, actor, input, now, appointmentId }: Request<Exclude<Input, { holdId: string }>>): Promise<Taken | Refusal> {
  const { doctorId, reasonId } = input;
  const accountId = accountOf(actor);
  await lockDoctor(tx, doctorId);
  const bookable = await findBookable(tx, doctorId, reasonId);
  if (isRefusal(bookable)) return bookable;
  const { schedule, reason, clinicId } = bookable;
  const startMs = Date.parse(input.start);
  const endMs = startMs + reason.minutes * 60_000;
  const byMember = worksAt(actor, clinicId);
  const refusal = judgeTime({ schedule, minutes: reason.minutes, isOnline: reason.isOnline, startMs, nowMs: now, byMember });
  if (refusal) return refusal;
  await releaseHolds(tx, { accountId, doctorId, nowMs: now });
  const busyId = await takeTime(tx, { doctorId, startMs, endMs, holder: appointmentId, nowMs: now });
  if (!busyId) return slotTaken(tx, bookable, startMs, now, accountId);
  return { busyId, clinicId, doctorId, reasonId, startMs, endMs, zone: schedule.zone, cancelHours: reason.cancelHours };
}
