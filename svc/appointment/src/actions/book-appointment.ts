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
import { type AppointmentRow, bookFreeTime, bookHeldTime, toAppointment } from "../storage/appointments.ts";
import { findDoctorOfHolder, removeExpiredHolds } from "../storage/busy.ts";
import { findDoctor, findReason, lockDoctor } from "../storage/doctors.ts";
import { findOwnHold, releaseHolds } from "../storage/holds.ts";
import { isKnownPatient } from "../storage/patients.ts";
import { type Bookable, findBookable, slotTaken } from "./bookable.ts";
import { publishOpenings } from "./publish-openings.ts";
import { accountOf, viewOf, worksAt } from "./viewpoint.ts";

type Input = BodyOf<typeof endpoint>;

/** The time a visit may have if nobody else has it, and what the visit needs to know of its reason. */
interface Wanted {
  /** Absent for a held time, which is the caller's already. */
  readonly bookable?: Bookable;
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
    const request = { tx, actor, now };
    const wanted = "holdId" in input ? await judgeHeld({ ...request, input }) : await judgeFree({ ...request, input });
    if (isRefusal(wanted)) return wanted;
    const visit: AppointmentRow = {
      id: newId("apt", now),
      clinicId: wanted.clinicId as ClinicId,
      doctorId: wanted.doctorId as DoctorId,
      patientId: patientId as PatientId,
      reasonId: wanted.reasonId as ReasonId,
      status: "booked",
      startMs: wanted.startMs,
      endMs: wanted.endMs,
      zone: wanted.zone,
      cancelUntilMs: cancelUntil(wanted.startMs, wanted.cancelHours),
      bookedMs: now,
      cancelledMs: null,
      cancelReason: null,
    };
    const refusal = "holdId" in input ? await takeHeld(request, visit, input.holdId) : await takeFree(request, visit, wanted.bookable);
    if (refusal) return refusal;
    const { id, doctorId, clinicId, reasonId, start, end } = { ...toAppointment(visit), clinicId: visit.clinicId };
    await emit("appointment.booked", { appointmentId: id, doctorId, patientId: visit.patientId, clinicId, reasonId, start, end });
    await publishOpenings(tx, doctorId, now, emit, visit);
    audit({ patientIds: [patientId], clinicIds: [clinicId], entity: { type: "appointment", id } });
    return toAppointment(visit);
  },
});

function isForSomebodyElse(actor: Actor, input: Input): input is Input & { patientId: PatientId } {
  return input.patientId !== undefined && !(actor.kind === "user" && actor.patientId === input.patientId);
}

async function judgeHeld({ tx, actor, input, now }: Request<Extract<Input, { holdId: string }>>): Promise<Wanted | Refusal> {
  const held = await findOwnHold(tx, input.holdId, accountOf(actor), now);
  if (!held) return refuse("not-found");
  const [reason] = await Promise.all([findReason(tx, held.reasonId), lockDoctor(tx, held.doctorId)]);
  if (held.startMs <= now) return refuse("slot-in-past");
  return { ...held, cancelHours: reason?.cancelHours ?? 0 };
}

async function judgeFree({ tx, actor, input, now }: Request<Exclude<Input, { holdId: string }>>): Promise<Wanted | Refusal> {
  const { doctorId, reasonId } = input;
  // Sent in one go. What is read of the doctor is read after the lock; a refusal takes the released holds back.
  const [, bookable] = await Promise.all([
    lockDoctor(tx, doctorId),
    findBookable(tx, doctorId, reasonId),
    releaseHolds(tx, { accountId: accountOf(actor), doctorId, nowMs: now }),
  ]);
  if (isRefusal(bookable)) return bookable;
  const { schedule, reason, clinicId } = bookable;
  const startMs = Date.parse(input.start);
  const endMs = startMs + reason.minutes * 60_000;
  const byMember = worksAt(actor, clinicId);
  const refusal = judgeTime({ schedule, minutes: reason.minutes, isOnline: reason.isOnline, startMs, nowMs: now, byMember });
  if (refusal) return refusal;
  return { bookable, clinicId, doctorId, reasonId, startMs, endMs, zone: schedule.zone, cancelHours: reason.cancelHours };
}

type Taking = Omit<Request<unknown>, "input">;

async function takeHeld({ tx, actor }: Taking, visit: AppointmentRow, holdId: string): Promise<Refusal | null> {
  return (await bookHeldTime(tx, visit, holdId, accountOf(actor))) ? null : refuse("hold-expired");
}

/** Nearly always the time is free. When it is not, an expired hold may be all that is in the way. */
async function takeFree({ tx, actor, now }: Taking, visit: AppointmentRow, bookable: Bookable | undefined): Promise<Refusal | null> {
  const accountId = accountOf(actor);
  if (await bookFreeTime(tx, visit, accountId)) return null;
  await removeExpiredHolds(tx, { ...visit, nowMs: now });
  if (await bookFreeTime(tx, visit, accountId)) return null;
  return bookable ? slotTaken(tx, bookable, visit.startMs, now, accountId) : refuse("slot-taken");
}
