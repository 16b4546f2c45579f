import type { BodyOf, QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import type { AppointmentId, ClinicId, PatientId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import type {
  joinWaitlist as joinEndpoint,
  listWaitlist as listEndpoint,
  WaitlistEntry,
  WaitlistOffer,
} from "@episante/contracts/waitlist";
import { defineAction } from "@episante/service/action";
import { grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { dayAt, minutesOf } from "../domain/calendar.ts";
import { judgeMove, lastInstant } from "../domain/visit.ts";
import { findDoctor, findHours, findOffer as findHoursWithReason, lockDoctor } from "../storage/doctors.ts";
import { lockDoctors } from "../storage/moves.ts";
import { isKnownPatient } from "../storage/patients.ts";
import { findVisit } from "../storage/visits.ts";
import { type EntryRow, endEntry, findEntry, findWaitlist, insertEntry, listEntries, saveDue, saveSettings } from "../storage/waitlist.ts";
import { listOffersOf, type OfferRow } from "../storage/waitlist-offers.ts";
import { endOffer } from "./end-offer.ts";
import { refuseHoldAfterNoShows } from "./no-show-gate.ts";
import { noteOpenHours } from "./note-open-hours.ts";
import { accountOf, viewOfPatient, worksAt } from "./viewpoint.ts";
import { accessWaiting } from "./waitlist-access.ts";

/** Entries one patient may have that wait. */
const mostEntries = 10;
const mostListed = 500;

/** An offer as the API shows it; `serverTime` lets a countdown start right on a wrong device clock. */
export function toOffer(offer: OfferRow, nowMs: number): WaitlistOffer {
  const { id, entryId, patientId, doctorId, reasonId, zone, isHeld: held } = offer;
  const [start, end] = [toInstant(offer.startMs), toInstant(offer.endMs)];
  return {
    id,
    entryId,
    patientId,
    doctorId,
    reasonId,
    start,
    end,
    zone,
    until: toInstant(offer.untilMs),
    held,
    serverTime: toInstant(nowMs),
  };
}

function toEntry(row: EntryRow, offer: OfferRow | undefined, nowMs: number): WaitlistEntry {
  const { wishes, insteadOf, id, patientId } = row;
  const [first, ...others] = wishes;
  if (!first) throw new Error("an entry without a wish");
  const { days, hours, from, until } = row;
  const criteria = { days: days && [...days], hours, from, until };
  const shown = offer && offer.untilMs > nowMs ? { offer: toOffer(offer, nowMs) } : {};
  const instead = insteadOf ? { insteadOf } : {};
  return { id, patientId, ...first, others, ...criteria, ...instead, createdAt: toInstant(row.createdMs), ...shown };
}

/** Who waits: the own entries or a relative's, or those of a doctor or of the actor's clinics, for their members. */
export const readWaitlist = defineAction<Deps, QueryOf<typeof listEndpoint>, ResponseOf<typeof listEndpoint>>({
  name: "appointment.list-waitlist",
  access: async ({ input, ...asking }) => {
    const { actor, tx } = asking;
    if (actor.kind !== "user") return refuse("not-found");
    const doctor = input.doctorId ? await findDoctor(tx, input.doctorId) : null;
    if (doctor && worksAt(actor, doctor.clinicId)) return grant.clinics([doctor.clinicId]);
    const clinics = clinicIdsOf(actor, "doctor", "staff");
    const isOwn = actor.patientId !== undefined && input.patientId === actor.patientId;
    if (clinics.length > 0 && !input.doctorId && !isOwn) return grant.clinics(clinics);
    const patientId = input.patientId ?? actor.patientId;
    return patientId ? viewOfPatient(asking, patientId) : refuse("not-found");
  },
  run: async ({ input, tx, now, audit }) => {
    const rows = await listEntries(tx, { ...input, limit: mostListed });
    const offers = new Map(
      (
        await listOffersOf(
          tx,
          rows.map(({ id }) => id),
        )
      ).map((offer) => [offer.entryId, offer]),
    );
    audit({ patientIds: rows.map(({ patientId }) => patientId) });
    return { items: rows.map((row) => toEntry(row, offers.get(row.id), now)) };
  },
});

type Joining = BodyOf<typeof joinEndpoint>;

/** Puts a patient on the list of one or several doctors of a clinic. */
export const joinWaitlist = defineAction<Deps, Joining, WaitlistEntry>({
  name: "appointment.join-waitlist",
  access: async ({ input, ...asking }) => {
    const { actor, tx } = asking;
    const doctor = await findDoctor(tx, input.doctorId);
    if (!doctor) return refuse("not-found");
    if (worksAt(actor, doctor.clinicId)) {
      if (!input.patientId) return refuse("invalid-input", { errors: [{ path: "patientId", message: "name the patient" }] });
      return (await isKnownPatient(tx, input.patientId)) ? grant.clinics([doctor.clinicId]) : refuse("not-found");
    }
    const patientId = input.patientId ?? (actor.kind === "user" ? actor.patientId : undefined);
    return patientId ? viewOfPatient(asking, patientId) : refuse("not-found");
  },
  run: async ({ actor, input, tx, now, audit }) => {
    const { doctorId, reasonId, others = [], patientId: named, insteadOf, days, hours, from, until } = input;
    const patientId = named ?? (actor.kind === "user" ? actor.patientId : undefined);
    if (!patientId) return refuse("not-found");
    const wishes = [{ doctorId, reasonId }, ...others];
    await lockDoctors(
      tx,
      wishes.map((wish) => wish.doctorId),
    );
    const clinicId = await judgeWishes(tx, wishes);
    if (isRefusal(clinicId)) return clinicId;
    const byMember = worksAt(actor, clinicId);
    const refusal =
      (await judgeCriteria(tx, input, now)) ??
      (await judgeVisit(tx, { insteadOf, patientId, clinicId, now })) ??
      (await judgePatient(tx, { patientId, doctorId, reasonId, insteadOf })) ??
      (byMember ? null : await refuseHoldAfterNoShows(tx, { clinicId, patientId, nowMs: now }));
    if (refusal) return refusal;
    for (const wish of wishes) {
      const doctor = await findHours(tx, wish.doctorId);
      // What was open before is not what somebody who joins now waits for.
      if (doctor) await noteOpenHours(tx, doctor, now);
      await saveDue(tx, wish.doctorId, now);
    }
    const id = newId("wle", now);
    await insertEntry(tx, {
      id,
      clinicId,
      patientId,
      accountId: accountOf(actor),
      wishes,
      insteadOf: insteadOf ?? null,
      createdMs: now,
      days: days && [...new Set(days)].sort(),
      hours,
      from,
      until,
    });
    audit({ patientIds: [patientId], clinicIds: [clinicId], entity: { type: "waitlist-entry", id } });
    const entry = await findEntry(tx, id);
    return entry ? toEntry(entry, undefined, now) : refuse("not-found");
  },
});

/** The one clinic of the wished doctors, whose waitlists are all on and whose reasons are booked online. */
async function judgeWishes(tx: Tx, wishes: readonly { doctorId: string; reasonId: string }[]): Promise<ClinicId | Refusal> {
  const clinics = new Set<string>();
  for (const [index, { doctorId, reasonId }] of wishes.entries()) {
    const path = index === 0 ? "doctorId" : `others.${index - 1}.doctorId`;
    if (wishes.findIndex((wish) => wish.doctorId === doctorId) < index)
      return refuse("invalid-input", { errors: [{ path, message: "stands twice" }] });
    const offer = await findHoursWithReason(tx, doctorId, reasonId);
    if (!offer?.isActive || !offer.reason || offer.reason.isRetired) return refuse("not-found");
    clinics.add(offer.clinicId);
    if (clinics.size > 1) return refuse("invalid-input", { errors: [{ path, message: "works at another clinic" }] });
    if (!offer.reason.isOnline)
      return refuse("slot-outside-hours", { detail: "This visit is booked by telephone.", extra: { why: "not-online" } });
    if ((await findWaitlist(tx, doctorId)).mode === "off") return refuse("wrong-state", { detail: "This doctor keeps no waitlist." });
  }
  const [clinicId] = clinics;
  return clinicId as ClinicId;
}

async function judgeCriteria(tx: Tx, { hours, from, until, doctorId }: Joining, now: number): Promise<Refusal | null> {
  const fault = (path: string, message: string) => refuse("invalid-input", { errors: [{ path, message }] });
  if (hours && minutesOf(hours.to) <= minutesOf(hours.from)) return fault("hours.to", "lies before `hours.from`");
  if (from && until && until < from) return fault("until", "lies before `from`");
  const zone = (await findHours(tx, doctorId))?.schedule.zone;
  return zone && until && until < dayAt(zone, now) ? fault("until", "has passed") : null;
}

/** A visit that is to move must be the patient's, at this clinic, and one the patient may still move. */
async function judgeVisit(
  tx: Tx,
  { insteadOf, patientId, clinicId, now }: { insteadOf: AppointmentId | undefined; patientId: string; clinicId: string; now: number },
): Promise<Refusal | null> {
  if (!insteadOf) return null;
  const visit = await findVisit(tx, insteadOf);
  if (visit?.patientId !== patientId || visit.clinicId !== clinicId) return refuse("not-found");
  return judgeMove(visit, { kind: "move", hours: visit.moveHours, untilMs: lastInstant(visit.startMs, visit.moveHours) }, now, false);
}

async function judgePatient(
  tx: Tx,
  wanted: { patientId: PatientId; doctorId: string; reasonId: string; insteadOf: string | undefined },
): Promise<Refusal | null> {
  const entries = await listEntries(tx, { patientId: wanted.patientId, limit: mostEntries });
  if (entries.length >= mostEntries) return refuse("wrong-state", { detail: `One can wait for ${mostEntries} things at once.` });
  const isSame = ({ wishes: [first] }: EntryRow) => first?.doctorId === wanted.doctorId && first.reasonId === wanted.reasonId;
  return entries.some(isSame) ? refuse("wrong-state", { detail: "You wait for this doctor and this reason already." }) : null;
}

/** Takes an entry off the list, and gives back what is offered to it. */
export const leaveWaitlist = defineAction<Deps, { readonly id: string }, undefined>({
  name: "appointment.leave-waitlist",
  access: accessWaiting,
  run: async ({ input, tx, now, emit, audit }) => {
    const entry = await findEntry(tx, input.id);
    if (!entry) return refuse("not-found");
    audit({ patientIds: [entry.patientId], clinicIds: [entry.clinicId], entity: { type: "waitlist-entry", id: entry.id } });
    await lockDoctors(
      tx,
      entry.wishes.map(({ doctorId }) => doctorId),
    );
    // One that ended before is no fault: a second press changes nothing.
    if (!(await endEntry(tx, entry.id, "left", now))) return undefined;
    for (const offer of await listOffersOf(tx, [entry.id])) await endOffer({ tx, emit, now }, offer, "declined");
    for (const { doctorId } of entry.wishes) await saveDue(tx, doctorId, now);
    return undefined;
  },
});

type Settings = Pick<EntryRow["wishes"][number], "doctorId">;

/** How a doctor's waitlist works. Names nobody: public. */
export const showWaitlistSettings = defineAction<Deps, Settings, Awaited<ReturnType<typeof settingsOf>>>({
  name: "appointment.get-waitlist-settings",
  access: () => grant.public(),
  run: async ({ input: { doctorId }, tx }) => ((await findDoctor(tx, doctorId)) ? settingsOf(tx, doctorId) : refuse("not-found")),
});

async function settingsOf(tx: Tx, doctorId: Settings["doctorId"]) {
  const { mode, offerMinutes } = await findWaitlist(tx, doctorId);
  return { doctorId, mode, offerMinutes };
}

/** Sets how a doctor's waitlist works: the doctor, or the staff of the doctor's clinic. */
export const keepWaitlistSettings = defineAction<
  Deps,
  Settings & { mode: "one-by-one" | "first-come" | "off"; offerMinutes?: number | undefined },
  Awaited<ReturnType<typeof settingsOf>>
>({
  name: "appointment.put-waitlist-settings",
  access: async ({ actor, input, tx }) => {
    const doctor = await findDoctor(tx, input.doctorId);
    const isAllowed = doctor && (doctorIdsOf(actor).includes(doctor.doctorId) || clinicIdsOf(actor, "staff").includes(doctor.clinicId));
    return isAllowed ? grant.clinics([doctor.clinicId]) : refuse("not-found");
  },
  run: async ({ input: { doctorId, mode, offerMinutes }, tx, audit }) => {
    await lockDoctor(tx, doctorId);
    const before = await findWaitlist(tx, doctorId);
    await saveSettings(tx, { doctorId, mode, offerMinutes: offerMinutes ?? before.offerMinutes });
    audit({ entity: { type: "waitlist", id: doctorId } });
    return settingsOf(tx, doctorId);
  },
});
