import type { Appointment } from "@episante/contracts/appointment";
import type { ResponseOf } from "@episante/contracts/endpoint";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import type { offerForMessage as forMessageEndpoint } from "@episante/contracts/waitlist";
import { defineAction } from "@episante/service/action";
import type { AuditNote } from "@episante/service/audit";
import { grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Emit } from "@episante/service/outbox";
import type { Deps } from "../deps.ts";
import { cancelUntil, judgeTime } from "../domain/policy.ts";
import { timesOf } from "../domain/rules.ts";
import { judgeMove, lastInstant } from "../domain/visit.ts";
import type { AppointmentRow } from "../storage/appointments.ts";
import { takeTime } from "../storage/busy.ts";
import { lockDoctors } from "../storage/moves.ts";
import { lockResources } from "../storage/resources.ts";
import { findVisit, toVisit, type VisitRow } from "../storage/visits.ts";
import { type EntryRow, endEntry, findEntry, saveDue } from "../storage/waitlist.ts";
import { findOffer, insertVisit, type OfferRow, releaseOffered, takeOffered } from "../storage/waitlist-offers.ts";
import { type Bookable, findBookable, needsOf, slotTaken } from "./bookable.ts";
import { endOffer } from "./end-offer.ts";
import { toOffer } from "./keep-waitlist.ts";
import { refuseHoldAfterNoShows } from "./no-show-gate.ts";
import { placeVisit } from "./place-visit.ts";
import { publishOpenings } from "./publish-openings.ts";
import { accountOf, worksAt } from "./viewpoint.ts";
import { findVisitorFacts } from "./visitor-facts.ts";
import { accessWaiting } from "./waitlist-access.ts";

type Input = { readonly id: string };

/** The transaction an offer is answered in. */
interface Answering {
  readonly tx: Tx;
  readonly actor: Actor;
  readonly now: number;
  readonly emit: Emit;
  readonly audit: (note: AuditNote) => void;
}
interface Open {
  readonly offer: OfferRow;
  readonly entry: EntryRow;
  /** The visit that moves when the offer is accepted. */
  readonly visit: VisitRow | null;
}

/** Finds an open offer and locks the doctors concerned; nobody else answers it until the transaction ends. */
async function lockOpen({ tx, now, audit }: Answering, id: string): Promise<Open | Refusal> {
  const seen = await findOffer(tx, id);
  const entry = seen && (await findEntry(tx, seen.entryId));
  if (!entry) return refuse("not-found");
  const before = entry.insteadOf && (await findVisit(tx, entry.insteadOf));
  await lockDoctors(tx, [seen.doctorId, ...(before ? [before.doctorId] : [])]);
  const offer = await findOffer(tx, id, { lock: true });
  if (!offer) return refuse("not-found");
  audit({ patientIds: [offer.patientId], clinicIds: [offer.clinicId], entity: { type: "waitlist-offer", id } });
  if (offer.status === "expired" || (offer.status === "open" && offer.untilMs <= now)) return expired(offer);
  if (offer.status !== "open") return refuse("wrong-state", { detail: `This offer was ${offer.status} before.` });
  const visit = entry.insteadOf ? await findVisit(tx, entry.insteadOf, { lock: true }) : null;
  // Moved to another doctor while this request waited: the lock is on the wrong one.
  if (visit && before && visit.doctorId !== before.doctorId) return refuse("version-conflict");
  return { offer, entry, visit };
}

function expired({ untilMs }: OfferRow): Refusal {
  const until = toInstant(untilMs);
  return refuse("hold-expired", { detail: `This time was offered until ${until}. You are still on the list.`, extra: { until } });
}

/** Takes an offered time: as a new visit, or for the visit it is instead of, which then gives up its own. */
export const acceptOffer = defineAction<Deps, Input, Appointment>({
  name: "appointment.accept-offer",
  access: accessWaiting,
  run: async ({ input, ...answering }) => {
    const { tx, actor, now, emit } = answering;
    const open = await lockOpen(answering, input.id);
    if (isRefusal(open)) return open;
    const { offer, entry } = open;
    const byMember = worksAt(actor, offer.clinicId);
    const bookable = await findBookable(tx, offer.doctorId, offer.reasonId);
    if (isRefusal(bookable)) return bookable;
    const refusal = await judge(answering, open, bookable, byMember);
    if (refusal) return refusal;
    const visit = open.visit ? await moveThere(answering, open.visit, offer, bookable) : await bookThere(answering, offer, bookable);
    if (visit === null) {
      const { doctorId, reasonId } = offer;
      return slotTaken(tx, { doctorId, reasonId, start: toInstant(offer.startMs) }, now, actor);
    }
    await endOffer({ tx, emit, now }, offer, "accepted", visit.id);
    await endEntry(tx, entry.id, "served", now);
    // Others may have been told of the same time.
    await saveDue(tx, offer.doctorId, now);
    return toVisit(visit, byMember);
  },
});

/** What was right when the time was offered may have changed: judged again as any booking or move is. */
async function judge(
  { tx, actor, now }: Answering,
  { offer, entry, visit }: Open,
  bookable: Bookable,
  byMember: boolean,
): Promise<Refusal | null> {
  const { patientId, clinicId, startMs } = offer;
  if (entry.insteadOf) {
    if (!visit) return refuse("not-found");
    const { moveHours: hours } = visit;
    const unmovable = judgeMove(visit, { kind: "move", hours, untilMs: lastInstant(visit.startMs, hours) }, now, byMember);
    if (unmovable) return unmovable;
  }
  const time = timesOf(bookable.reason, startMs).visit;
  // The time this offer holds counts towards the day's cap as its own.
  const own = offer.isHeld ? offer.id : accountOf(actor);
  const facts = byMember ? {} : await findVisitorFacts(tx, bookable, { ...time, patientId, accountId: own, nowMs: now });
  const unfit = judgeTime({ ...bookable, ...facts, startMs, nowMs: now, byMember });
  return unfit ?? (byMember ? null : refuseHoldAfterNoShows(tx, { clinicId, patientId, nowMs: now }));
}

async function moveThere(
  { tx, actor, now, emit }: Answering,
  visit: VisitRow,
  offer: OfferRow,
  bookable: Bookable,
): Promise<VisitRow | null> {
  const { doctorId, startMs } = offer;
  const { schedule, reason } = bookable;
  await lockResources(tx, needsOf(bookable));
  if (offer.isHeld) await releaseOffered(tx, offer, now);
  const moved = await placeVisit({ tx, actor, emit, now }, visit, { doctorId, zone: schedule.zone, reason, startMs });
  if (!moved) return null;
  await publishOpenings(tx, visit.doctorId, now, emit, visit);
  await publishOpenings(tx, doctorId, now, emit, moved);
  return moved;
}

async function bookThere({ tx, actor, now, emit }: Answering, offer: OfferRow, bookable: Bookable): Promise<VisitRow | null> {
  const { schedule, reason } = bookable;
  const needs = needsOf(bookable);
  await lockResources(tx, needs);
  const { clinicId, doctorId, patientId, reasonId } = offer;
  const { visit: time, around } = timesOf(reason, offer.startMs);
  const row: AppointmentRow = {
    id: newId("apt", now),
    clinicId,
    doctorId,
    patientId,
    reasonId,
    status: "booked",
    ...time,
    zone: schedule.zone,
    cancelUntilMs: cancelUntil(time.startMs, reason.cancelHours),
    bookedMs: now,
  };
  const busyId = offer.isHeld
    ? await takeOffered(tx, offer.id, row.id)
    : await takeTime(tx, { ...around, doctorId, holder: row.id, nowMs: now, needs });
  if (!busyId) return null;
  await insertVisit(tx, row, busyId, accountOf(actor));
  const [start, end] = [toInstant(time.startMs), toInstant(time.endMs)];
  await emit("appointment.booked", { appointmentId: row.id, doctorId, patientId, clinicId, reasonId, start, end });
  await publishOpenings(tx, doctorId, now, emit, time);
  return findVisit(tx, row.id);
}

/** Passes on an offered time: it goes to the next who waits. One that is over already is no fault. */
export const declineOffer = defineAction<Deps, Input, undefined>({
  name: "appointment.decline-offer",
  access: accessWaiting,
  run: async ({ input, ...answering }) => {
    const { tx, now, emit } = answering;
    const open = await lockOpen(answering, input.id);
    if (isRefusal(open)) return open.refused === "hold-expired" ? undefined : open;
    await endOffer({ tx, emit, now }, open.offer, "declined");
    await saveDue(tx, open.offer.doctorId, now);
    return undefined;
  },
});

/** An offer as it is now, for a message about to be sent. The endpoint's policy lets only notification in. */
export const showOfferForMessage = defineAction<Deps, Input, ResponseOf<typeof forMessageEndpoint>>({
  name: "appointment.offer-for-message",
  access: ({ actor }) => (actor.kind === "service" ? grant.system("appointment.offer-for-message") : refuse("not-found")),
  run: async ({ input, tx, now, audit }) => {
    const offer = await findOffer(tx, input.id);
    if (!offer) return refuse("not-found");
    audit({ patientIds: [offer.patientId], entity: { type: "waitlist-offer", id: offer.id } });
    return { ...toOffer(offer, now), isOpen: offer.status === "open" && offer.untilMs > now };
  },
});
