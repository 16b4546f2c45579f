import type { Appointment, book as endpoint } from "@episante/contracts/appointment";
import type { BodyOf } from "@episante/contracts/endpoint";
import type { ClinicId, DoctorId, PatientId, ReasonId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import type { ActionMeta } from "@episante/service/action";
import type { AuditNote } from "@episante/service/audit";
import { type Grant, grant } from "@episante/service/db";
import { groupedAction, type Judged } from "@episante/service/grouped-action";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { cancelUntil, judgeTime, judgeVisitor } from "../domain/policy.ts";
import { timesOf } from "../domain/rules.ts";
import { type AppointmentRow, toAppointment } from "../storage/appointments.ts";
import { type BookingCommand, type BookingLost, toCommand, writeBookings } from "../storage/bookings.ts";
import { findDoctorOfHolder } from "../storage/busy.ts";
import { findOffer } from "../storage/doctors.ts";
import { findOwnHold } from "../storage/holds.ts";
import { findFreeLane } from "../storage/moves.ts";
import { isKnownPatient } from "../storage/patients.ts";
import { bookableOf, slotTaken } from "./bookable.ts";
import { refuseAfterNoShows } from "./no-show-gate.ts";
import { type Offers, offersOf } from "./offers.ts";
import { makeOpeningsRefresher } from "./refresh-openings.ts";
import { accountOf, viewOf, viewOfPatient, worksAt } from "./viewpoint.ts";
import { asksForVisitor, countsVisits, findVisitorFacts } from "./visitor-facts.ts";

type Input = BodyOf<typeof endpoint>;
type Held = Extract<Input, { holdId: string }>;
type Free = Exclude<Input, Held>;

/** Books a visit. */
export type BookAppointment = (actor: Actor, input: Input, meta: ActionMeta) => Promise<Appointment | Refusal>;

/** What is known of a request while it is judged. */
interface Request<I = Input> {
  readonly actor: Actor;
  readonly input: I;
  readonly deps: Deps;
  readonly now: number;
  readonly isRepeat: boolean;
  readonly audit: (note: AuditNote) => void;
  readonly offers: Offers;
}

/** A visit's time and rules, judged. The busy time is wider than the visit by the reason's buffers. */
interface Wanted {
  readonly clinicId: string;
  readonly doctorId: string;
  readonly reasonId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly busyFromMs: number;
  readonly busyToMs: number;
  readonly zone: string;
  readonly cancelHours: number;
  readonly version: number;
  readonly holdId: string | null;
  /** Judged by what else is booked, too. */
  readonly isCounted?: boolean;
  readonly resourceTypes?: readonly string[];
  /** Beside other visits, and why. */
  readonly overbooked?: { readonly lane: number; readonly reason: string };
}

/**
 * Makes the verb that books visits, from a hold or directly, for patients, their relatives and members of the clinic. Judged from facts in memory,
 * written in groups by one function of the database; its exclusion constraint decides. Who loses the race gets `slot-taken` with alternatives.
 */
export function makeBookAppointment(deps: Deps): BookAppointment {
  const offers = offersOf(deps);
  const refreshOpenings = makeOpeningsRefresher(deps);
  return groupedAction<Deps, Input, Appointment, BookingCommand, BookingLost>(
    {
      name: "appointment.book",
      access: (context) => decideAccess({ ...context, offers }),
      judge: (context) => judge({ ...context, offers }, context.grant),
      ownerOf: ({ doctor_id: doctorId }) => doctorId,
      write: async (_, commands) => {
        const outcomes = await writeBookings(deps.db, commands);
        outcomes.forEach(({ openingsDue }, index) => {
          const doctorId = commands[index]?.doctor_id;
          if (openingsDue && doctorId) refreshOpenings(doctorId);
        });
        return outcomes;
      },
      lost: (context) => explainLoss(context, context.grant, context.outcome),
    },
    deps,
  );
}

async function decideAccess(request: Request): Promise<Grant | Refusal> {
  const { actor, input, deps, now, isRepeat, audit, offers } = request;
  const doctor =
    "holdId" in input
      ? await deps.db.transaction(grant.public(), (tx) => findDoctorOfHolder(tx, input.holdId))
      : await offers.find(input.doctorId, input.reasonId, { isFresh: isRepeat });
  if (!doctor && !("holdId" in input)) return refuse("not-found");
  if (isForSomebodyElse(actor, input)) {
    const { patientId } = input;
    if (!doctor || !worksAt(actor, doctor.clinicId)) {
      const view = await deps.db.transaction(grant.public(), (tx) => viewOfPatient({ tx, actor, deps, now, audit }, patientId));
      // A hold is the relative's own: its row is under the relative's id, the visit's under the patient's.
      return isRefusal(view) || actor.kind !== "user" || !actor.patientId ? view : grant.patients([actor.patientId, patientId]);
    }
    const isKnown = await deps.db.transaction(grant.public(), (tx) => isKnownPatient(tx, patientId));
    if (!isKnown) return refuse("not-found");
  }
  return viewOf(actor, doctor?.clinicId);
}

function isForSomebodyElse(actor: Actor, input: Input): input is Input & { patientId: PatientId } {
  return input.patientId !== undefined && !(actor.kind === "user" && actor.patientId === input.patientId);
}

async function judge(request: Request, granted: Grant): Promise<Judged<Appointment, BookingCommand> | Refusal> {
  const { actor, input, now } = request;
  const patientId = input.patientId ?? (actor.kind === "user" ? actor.patientId : undefined);
  if (!patientId) return refuse("invalid-input", { errors: [{ path: "patientId", message: "name the patient" }] });
  const wanted =
    "holdId" in input
      ? await judgeHeld({ ...request, input }, granted, patientId)
      : await judgeFree({ ...request, input }, granted, patientId);
  if (isRefusal(wanted)) return wanted;
  const asked = { clinicId: wanted.clinicId, patientId, nowMs: now };
  const closed = worksAt(actor, wanted.clinicId) ? null : await refuseAfterNoShows(request.deps, granted, asked);
  if (closed) return closed;
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
  };
  const { overbooked } = wanted;
  const answer = { ...toAppointment(visit), ...(overbooked ? { overbooked: true, overbookedReason: overbooked.reason } : {}) };
  const { id, doctorId, clinicId, reasonId } = visit;
  const { start, end } = answer;
  return {
    command: toCommand(visit, { ...wanted, bookedBy: accountOf(actor) }),
    answer,
    note: { patientIds: [patientId], clinicIds: [clinicId], entity: { type: "appointment", id } },
    emit: (emit) => emit("appointment.booked", { appointmentId: id, doctorId, patientId: visit.patientId, clinicId, reasonId, start, end }),
  };
}

/** A held time was judged when it was held, but for who it is for; that the hold still lives is seen when the visit is written. */
async function judgeHeld({ deps, actor, input, now }: Request<Held>, granted: Grant, patientId: string): Promise<Wanted | Refusal> {
  return deps.db.transaction(granted, async (tx) => {
    const held = await findOwnHold(tx, input.holdId, accountOf(actor), now);
    if (!held) return refuse("not-found");
    if (held.startMs <= now) return refuse("slot-in-past");
    const accountId = accountOf(actor);
    const offer = await findOffer(tx, held.doctorId, held.reasonId);
    const reason = offer?.reason;
    if (offer && reason && !worksAt(actor, offer.clinicId)) {
      const facts = await findVisitorFacts(tx, { ...offer, reason }, { ...held, patientId, accountId, nowMs: now });
      const refusal = judgeVisitor({ ...offer, ...facts, reason, startMs: held.startMs, nowMs: now });
      if (refusal) return refusal;
    }
    const { startMs: busyFromMs, endMs: busyToMs } = reason ? timesOf(reason, held.startMs).around : held;
    return {
      ...held,
      busyFromMs,
      busyToMs,
      cancelHours: reason?.cancelHours ?? 0,
      version: 0,
      holdId: held.id,
      resourceTypes: reason?.resourceTypes ?? [],
    };
  });
}

async function judgeFree({ deps, offers, actor, input, now }: Request<Free>, granted: Grant, patientId: string): Promise<Wanted | Refusal> {
  const { doctorId, reasonId } = input;
  // Read by `decideAccess` a moment ago; were it not in memory any more, this reads it anew.
  const offer = await offers.find(doctorId, reasonId, { isFresh: false });
  const bookable = bookableOf(offer);
  if (!offer || isRefusal(bookable)) return refuse("not-found");
  const { schedule, reason, clinicId } = bookable;
  const startMs = Date.parse(input.start);
  const { visit, around } = timesOf(reason, startMs);
  const byMember = worksAt(actor, clinicId);
  const asked = { ...visit, patientId, accountId: accountOf(actor), nowMs: now };
  const facts =
    byMember || !asksForVisitor(reason) ? {} : await deps.db.transaction(granted, (tx) => findVisitorFacts(tx, bookable, asked));
  const refusal = judgeTime({ ...bookable, ...facts, startMs, nowMs: now, byMember });
  if (refusal) return refusal;
  if (input.overbook && !byMember) return refuse("forbidden", { detail: "Only members of the clinic book beside another visit." });
  const lane = input.overbook && (await deps.db.transaction(granted, (tx) => findFreeLane(tx, { ...around, doctorId })));
  if (lane === null) return refuse("slot-taken");
  const { version } = offer;
  const time = { ...visit, busyFromMs: around.startMs, busyToMs: around.endMs };
  return {
    clinicId,
    doctorId,
    reasonId,
    ...time,
    zone: schedule.zone,
    cancelHours: reason.cancelHours,
    version,
    holdId: null,
    isCounted: countsVisits(reason),
    resourceTypes: reason.resourceTypes,
    ...(input.overbook && lane ? { overbooked: { lane, reason: input.overbook.reason } } : {}),
  };
}

/** Which times are free instead, at this moment and for this caller. */
async function explainLoss(context: Omit<Request, "offers">, granted: Grant, outcome: BookingLost): Promise<Refusal> {
  const { actor, input, deps, now } = context;
  if (outcome === "hold-expired" || "holdId" in input) return refuse("hold-expired");
  return deps.db.transaction(granted, (tx) => slotTaken(tx, input, now, actor));
}
