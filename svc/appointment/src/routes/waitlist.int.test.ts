import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { declareAbsence, endAbsence } from "@episante/contracts/absence";
import { book, cancel, getAppointment, hold, listSlots, putClosures, putSchedule } from "@episante/contracts/appointment";
import type { UserActor } from "@episante/contracts/session";
import { moveVisit } from "@episante/contracts/visit";
import {
  acceptOffer,
  declineOffer,
  joinWaitlist,
  leaveWaitlist,
  listWaitlist,
  offerForMessage,
  putWaitlistSettings,
} from "@episante/contracts/waitlist";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { doctorActor, patientActor, serviceActor, staffActor } from "@episante/testkit/actors";
import { bookingWorld, freshKey, mondayMorning, tally, tuesdayNine, type World, weekdays } from "../../test/world.ts";
import { offerDue } from "../actions/offer-freed.ts";
import { saveProxy } from "../storage/proxies.ts";

type Patient = UserActor & { patientId: string };
const tuesdayNineTwenty = "2026-11-24T08:20:00.000Z";
const [minuteMs, hourMs] = [60_000, 3_600_000];

let world: World;
beforeAll(async () => {
  world = await bookingWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  // What an earlier test woke locks the doctor first, too: it has ended, or begins behind this.
  await world.database.owner.begin(async (tx) => {
    await tx`select 1 from doctors order by doctor_id for update`;
    await tx`truncate waitlist_offers, waitlist_entries, waitlist_freed, waitlist_doctors, visit_history, appointments, holds, busy, absences, clinic_closures, outbox`;
  });
  world.clock.set(mondayMorning);
  await world.harness.call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body: weekdays });
});

const look = () => offerDue(world.deps);
const call: World["harness"]["call"] = (endpoint, options) => world.harness.call(endpoint, options);
const bookAt = async (start: string, actor: Patient = patientActor(), reasonId = world.reasons.r20) => {
  const body = { doctorId: world.doctorId, reasonId, start };
  const { status, json } = await call(book, { actor, headers: freshKey(), body });
  expect([status, json.code]).toEqual([201, undefined]);
  return { id: String(json.id), actor };
};
const cancelIt = async ({ id, actor }: { id: string; actor: UserActor }) => {
  expect((await call(cancel, { actor, params: { id }, body: {} })).status).toBe(200);
  await look();
};
const join = async (actor: UserActor = patientActor(), criteria: object = {}) => {
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, ...criteria };
  const answer = await call(joinWaitlist, { actor, body });
  return { ...answer, id: String(answer.json?.id), actor: actor as Patient };
};
const offerOf = async (actor: UserActor) => {
  await look();
  const { json } = await call(listWaitlist, { actor });
  return json.items.find((item: { offer?: unknown }) => item.offer)?.offer;
};
const accept = (offer: { id: string }, actor: UserActor) => call(acceptOffer, { actor, params: { id: offer.id } });
const decline = async (offer: { id: string }, actor: UserActor) => {
  const answer = await call(declineOffer, { actor, params: { id: offer.id } });
  await look();
  return answer;
};
const slots = async () => {
  const query = { doctorId: world.doctorId, reasonId: world.reasons.r20, from: "2026-11-24", to: "2026-11-24" };
  const { json } = await call(listSlots, { query });
  return json.items.map(({ start }: { start: string }) => start) as string[];
};
const events = async (type: string) => {
  const rows = await world.database.owner`select payload from outbox where type = ${type} order by seq`;
  return rows.map(({ payload }) => JSON.parse(String(payload)).data);
};

describe("what frees time is offered", () => {
  test("a cancelled visit's time is held for who waits, hidden from others, and told with its deadline", async () => {
    const visit = await bookAt(tuesdayNine);
    const { actor, id } = await join();
    expect(await offerOf(actor)).toBeUndefined();
    await cancelIt(visit);
    const offer = await offerOf(actor);
    expect(offer).toMatchObject({ entryId: id, start: tuesdayNine, held: true, doctorId: world.doctorId });
    expect(Date.parse(offer.until)).toBe(mondayMorning + 2 * hourMs);
    expect(await slots()).not.toContain(tuesdayNine);
    const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
    expect((await call(book, { actor: patientActor(), headers: freshKey(), body })).json.code).toBe("slot-taken");
    expect((await call(hold, { actor: patientActor(), body })).json.code).toBe("slot-taken");
    expect(await events("waitlist.offered")).toMatchObject([{ offerId: offer.id, patientId: actor.patientId, held: true }]);
    const audited = await world.database.owner`select payload from outbox where type = 'audit' and payload like '%offer-freed%'`;
    expect(JSON.parse(String(audited[0]?.payload)).patientIds).toEqual([actor.patientId]);
  });

  test("a moved visit's old time", async () => {
    const visit = await bookAt(tuesdayNine);
    const { actor } = await join();
    await call(moveVisit, { actor: visit.actor, params: { id: visit.id }, headers: freshKey(), body: { start: tuesdayNineTwenty } });
    expect(await offerOf(actor)).toMatchObject({ start: tuesdayNine });
  });

  test("hours that are added, and no time that was free before", async () => {
    const { actor } = await join();
    const longer = { ...weekdays, windows: [...weekdays.windows, { day: 2, from: "14:00", to: "15:00" }] };
    await call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body: longer });
    expect(await offerOf(actor)).toMatchObject({ start: "2026-11-24T13:00:00.000Z" });
  });

  test("a date that is opened, and a closed day that is open after all", async () => {
    const closures = (items: object[]) => call(putClosures, { actor: world.staff, query: { clinicId: world.clinicId }, body: { items } });
    await closures([{ day: "2026-11-25", name: "Fermé" }]);
    const one = await join();
    const two = await join(patientActor(), { days: [6] });
    await closures([]);
    expect(await offerOf(one.actor)).toMatchObject({ start: "2026-11-25T08:00:00.000Z" });
    const saturday = { ...weekdays, overrides: [{ day: "2026-11-28", windows: [{ from: "10:00", to: "11:00" }] }] };
    await call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body: saturday });
    expect(await offerOf(two.actor)).toMatchObject({ start: "2026-11-28T09:00:00.000Z" });
  });

  test("an absence that ended", async () => {
    const period = { start: "2026-11-23T23:00:00.000Z", end: "2026-11-24T23:00:00.000Z" };
    const body = { doctorId: world.doctorId, ...period, visits: { plan: "keep" }, dryRun: false };
    const declared = await call(declareAbsence, { actor: world.staff, headers: freshKey(), body });
    expect(declared.status).toBe(200);
    const { actor } = await join();
    expect(await offerOf(actor)).toBeUndefined();
    await call(endAbsence, { actor: world.staff, params: { id: declared.json.absence.id } });
    expect(await offerOf(actor)).toMatchObject({ start: tuesdayNine });
  });

  test("what was free before somebody joined is not offered, nor what does not fit", async () => {
    const early = await bookAt(tuesdayNine);
    await cancelIt(early);
    const { actor } = await join();
    const unfit = await join(patientActor(), { days: [1, 3, 4, 5] });
    const later = await join(patientActor(), { hours: { from: "11:00", to: "12:00" } });
    expect(await offerOf(actor)).toBeUndefined();
    await cancelIt(await bookAt(tuesdayNineTwenty));
    expect(await offerOf(actor)).toMatchObject({ start: tuesdayNineTwenty });
    for (const other of [unfit, later]) expect(await offerOf(other.actor)).toBeUndefined();
  });

  test("a time the patient could not book is not offered: who missed visits, and a time within the notice", async () => {
    const { actor } = await join();
    const missed = `insert into appointments (id, busy_id, clinic_id, doctor_id, patient_id, reason_id, status, starts_at, ends_at, zone, cancel_until, booked_at, booked_by, excused, noshow_at)`;
    for (const n of [1, 2]) {
      const id = newId("apt", mondayMorning + n);
      const [busy] = await world.database
        .owner`insert into busy (doctor_id, during, state, holder) values ('doc_other', tstzrange(now() + ${`${n} days`}::interval, now() + ${`${n} days 1 hour`}::interval), 'booked', ${id}) returning id`;
      await world.database.owner.unsafe(
        `${missed} values ($1, $2, $3, $4, $5, $6, 'noshow', now(), now(), 'Europe/Paris', now(), now(), 'acc', false, $7)`,
        [id, String(busy?.id), world.clinicId, world.doctorId, actor.patientId, world.reasons.r20, new Date(mondayMorning - hourMs)],
      );
    }
    await cancelIt(await bookAt(tuesdayNine));
    expect(await offerOf(actor)).toBeUndefined();
    const other = await join();
    const strict = { ...weekdays, noticeMinutes: 2 * 1440 };
    const visit = await bookAt(tuesdayNineTwenty);
    await call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body: strict });
    await call(cancel, { actor: world.staff, params: { id: visit.id }, body: {} });
    expect(await offerOf(other.actor)).toBeUndefined();
  });
});

describe("one by one", () => {
  test("in order of entry; what one lets pass goes to the next, and never to the same again", async () => {
    const visit = await bookAt(tuesdayNine);
    const [one, two, three] = [await join(), await join(), await join()];
    await cancelIt(visit);
    const first = await offerOf(one.actor);
    expect([await offerOf(two.actor), await offerOf(three.actor)]).toEqual([undefined, undefined]);
    world.clock.advance(2 * hourMs);
    const second = await offerOf(two.actor);
    expect(second).toMatchObject({ start: tuesdayNine });
    expect(await slots()).not.toContain(tuesdayNine);
    const late = await accept(first, one.actor);
    expect([late.status, late.json.code, late.json.until]).toEqual([409, "hold-expired", first.until]);
    expect((await decline(second, two.actor)).status).toBe(204);
    const third = await offerOf(three.actor);
    expect(third).toMatchObject({ start: tuesdayNine });
    await decline(third, three.actor);
    for (const { actor } of [one, two, three]) expect(await offerOf(actor)).toBeUndefined();
    expect(await slots()).toContain(tuesdayNine);
    expect((await events("waitlist.offer-ended")).map(({ outcome }) => outcome)).toEqual(["expired", "declined", "declined"]);
  });

  test("two freed times go to two who wait, one each", async () => {
    const visits = [await bookAt(tuesdayNine), await bookAt(tuesdayNineTwenty)];
    const [one, two] = [await join(), await join()];
    for (const visit of visits) await cancelIt(visit);
    expect([(await offerOf(one.actor)).start, (await offerOf(two.actor)).start]).toEqual([tuesdayNine, tuesdayNineTwenty]);
    const [count] = await world.database.owner`select count(*)::int as n from waitlist_offers where status = 'open'`;
    expect(count?.n).toBe(2);
  });

  test("a time that somebody holds for a moment is offered when the hold ends", async () => {
    const visit = await bookAt(tuesdayNine);
    const { actor } = await join();
    await world.database.owner`update waitlist_doctors set mode = 'off'`;
    await cancelIt(visit);
    const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
    expect((await call(hold, { actor: patientActor(), body })).status).toBe(201);
    await world.database.owner`update waitlist_doctors set mode = 'one-by-one', due_at = 'epoch'`;
    expect(await offerOf(actor)).toBeUndefined();
    world.clock.advance(5 * minuteMs + 1);
    expect(await offerOf(actor)).toMatchObject({ start: tuesdayNine });
  });

  test("many looks at once make one offer", async () => {
    const visit = await bookAt(tuesdayNine);
    await join();
    await call(cancel, { actor: visit.actor, params: { id: visit.id }, body: {} });
    await Promise.all([look(), look(), look(), look()]);
    const [count] = await world.database.owner`select count(*)::int as n from waitlist_offers`;
    expect(count?.n).toBe(1);
  });

  test("an offered time at which the doctor is away is withdrawn", async () => {
    const visit = await bookAt(tuesdayNine);
    const { actor } = await join();
    await cancelIt(visit);
    const offer = await offerOf(actor);
    const closed = { ...weekdays, closures: ["2026-11-24"] };
    await call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body: closed });
    expect(await offerOf(actor)).toBeUndefined();
    expect((await accept(offer, actor)).json.code).toBe("wrong-state");
  });
});

describe("accepting", () => {
  test("books the time; the entry waits no longer; a second press says so", async () => {
    const visit = await bookAt(tuesdayNine);
    const { actor } = await join();
    await cancelIt(visit);
    const offer = await offerOf(actor);
    const { status, json } = await accept(offer, actor);
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: "booked", start: tuesdayNine, patientId: actor.patientId, channel: "online" });
    expect((await call(listWaitlist, { actor })).json.items).toEqual([]);
    expect((await accept(offer, actor)).json.code).toBe("wrong-state");
    expect(await slots()).not.toContain(tuesdayNine);
    expect(await events("appointment.booked")).toMatchObject([{}, { appointmentId: json.id }]);
    expect(await events("waitlist.offer-ended")).toMatchObject([{ outcome: "accepted", appointmentId: json.id }]);
    const [held] = await world.database.owner`select count(*)::int as n from busy where state = 'hold'`;
    expect(held?.n).toBe(0);
  });

  test("many accept one offer at once: exactly one wins", async () => {
    const visit = await bookAt(tuesdayNine);
    const { actor } = await join();
    await cancelIt(visit);
    const offer = await offerOf(actor);
    const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => accept(offer, index % 2 ? actor : world.staff)));
    expect(tally(answers)).toEqual({ "200": 1, "wrong-state": 7 });
  });

  test("instead of a visit: it moves, keeps its id, and its old time is offered on", async () => {
    const early = await bookAt(tuesdayNine);
    const late = await bookAt("2026-11-24T10:40:00.000Z");
    const mover = await join(late.actor, { insteadOf: late.id });
    const next = await join();
    await cancelIt(early);
    const offer = await offerOf(mover.actor);
    expect(offer).toMatchObject({ start: tuesdayNine });
    const { status, json } = await accept(offer, mover.actor);
    expect([status, json.id, json.start, json.sequence]).toEqual([200, late.id, tuesdayNine, 1]);
    expect(json.movedFrom).toMatchObject({ start: "2026-11-24T10:40:00.000Z" });
    expect(await events("appointment.moved")).toMatchObject([{ appointmentId: late.id, by: "patient" }]);
    expect(await offerOf(next.actor)).toMatchObject({ start: "2026-11-24T10:40:00.000Z" });
  });

  test("instead of a visit that is cancelled meanwhile: nothing is booked, and the entry ends", async () => {
    const early = await bookAt(tuesdayNine);
    const late = await bookAt("2026-11-24T10:40:00.000Z");
    const { actor, id } = await join(late.actor, { insteadOf: late.id });
    await cancelIt(early);
    const offer = await offerOf(actor);
    await call(cancel, { actor, params: { id: late.id }, body: {} });
    expect((await accept(offer, actor)).json.code).toBe("already-cancelled");
    await decline(offer, actor);
    expect((await call(listWaitlist, { actor })).json.items).toEqual([]);
    const [entry] = await world.database.owner`select status from waitlist_entries where id = ${id}`;
    expect(entry?.status).toBe("over");
  });

  test("within the minute of handing over the offer is over, and the time is nobody's but the next one's", async () => {
    const visit = await bookAt(tuesdayNine);
    const { actor } = await join();
    await cancelIt(visit);
    const offer = await offerOf(actor);
    world.clock.advance(2 * hourMs - 1);
    expect(await slots()).not.toContain(tuesdayNine);
    world.clock.advance(1);
    expect((await accept(offer, actor)).json.code).toBe("hold-expired");
  });
});

describe("first come", () => {
  test("all who match are told, nothing is held, the first who accepts has it", async () => {
    const settings = { actor: world.doctor, params: { doctorId: world.doctorId } };
    expect((await call(putWaitlistSettings, { ...settings, body: { mode: "first-come" } })).json).toMatchObject({ offerMinutes: 120 });
    const visit = await bookAt(tuesdayNine);
    const people = [await join(), await join(), await join()];
    await cancelIt(visit);
    expect(await slots()).toContain(tuesdayNine);
    const offers = await Promise.all(people.map(({ actor }) => offerOf(actor)));
    expect(offers.map((offer) => [offer.start, offer.held])).toEqual(people.map(() => [tuesdayNine, false]));
    const answers = await Promise.all(people.map(({ actor }, index) => accept(offers[index], actor)));
    const counts = tally(answers);
    expect(counts["200"]).toBe(1);
    expect((counts["slot-taken"] ?? 0) + (counts["wrong-state"] ?? 0)).toBe(2);
    await look();
    const left = await world.database.owner`select status from waitlist_offers order by status`;
    expect(left.map(({ status }) => status)).toEqual(["accepted", "withdrawn", "withdrawn"]);
  });
});

describe("who may", () => {
  test("a doctor who keeps no waitlist: nobody joins, nothing is offered, and it goes on when switched on again", async () => {
    const visit = await bookAt(tuesdayNine);
    const { actor } = await join();
    const set = (mode: string) => call(putWaitlistSettings, { actor: world.staff, params: { doctorId: world.doctorId }, body: { mode } });
    await set("off");
    await cancelIt(visit);
    expect(await offerOf(actor)).toBeUndefined();
    expect((await join()).json.code).toBe("wrong-state");
    await set("one-by-one");
    expect(await offerOf(actor)).toMatchObject({ start: tuesdayNine });
  });

  test("to strangers an offer and an entry are as unknown as an id never given", async () => {
    const visit = await bookAt(tuesdayNine);
    const { actor, id } = await join();
    await cancelIt(visit);
    const offer = await offerOf(actor);
    const otherClinic = newId("cli", mondayMorning);
    const strangers = [
      patientActor(),
      staffActor(otherClinic),
      doctorActor({ clinicId: otherClinic, doctorId: newId("doc", mondayMorning) }),
    ];
    for (const stranger of strangers) {
      for (const [endpoint, known] of [
        [acceptOffer, offer.id],
        [declineOffer, offer.id],
        [leaveWaitlist, id],
      ] as const) {
        const [real, unknown] = await Promise.all(
          [known, `${known.slice(0, 4)}${"0".repeat(32)}`].map((one) => call(endpoint, { actor: stranger, params: { id: one } })),
        );
        expect([real?.status, real?.json.code]).toEqual([404, "not-found"]);
        expect({ ...unknown?.json, traceId: "" }).toEqual({ ...real?.json, traceId: "" });
      }
    }
    expect((await call(listWaitlist, { actor: strangers[0] as Patient, query: { patientId: actor.patientId } })).status).toBe(404);
    expect((await call(listWaitlist, { actor: strangers[1] as UserActor })).json.items).toEqual([]);
    expect((await call(listWaitlist, { actor: strangers[1] as UserActor, query: { doctorId: world.doctorId } })).status).toBe(404);
    expect(await offerOf(actor)).toMatchObject({ id: offer.id });
  });

  test("a relative with the right to book waits and accepts for the patient; without the right nothing exists", async () => {
    const child = patientActor();
    const parent = patientActor();
    const proxyId = newId("prx", mondayMorning);
    const link = { proxyId, patientId: child.patientId as never, proxyPatientId: parent.patientId as never, clinicId: world.clinicId };
    const save = (scopes: ("book" | "documents")[]) =>
      world.database.db.transaction(grant.system("test"), (tx) =>
        saveProxy(tx, { ...link, scopes, from: new Date(mondayMorning).toISOString() }, new Date().toISOString()),
      );
    const visit = await bookAt(tuesdayNine);
    expect((await join(parent, { patientId: child.patientId })).status).toBe(404);
    await save(["book"]);
    expect((await join(parent, { patientId: child.patientId })).json).toMatchObject({ patientId: child.patientId });
    await cancelIt(visit);
    const { json } = await call(listWaitlist, { actor: parent, query: { patientId: child.patientId } });
    const [{ offer }] = json.items;
    expect((await call(listWaitlist, { actor: parent })).json.items).toEqual([]);
    await save(["documents"]);
    expect((await accept(offer, parent)).status).toBe(404);
    await save(["book"]);
    expect((await accept(offer, parent)).json).toMatchObject({ patientId: child.patientId, status: "booked" });
  });

  test("members of the clinic put a caller on the list and see the list in order", async () => {
    const patientId = await world.knownPatient();
    expect((await join(world.staff)).json.code).toBe("invalid-input");
    expect((await join(world.staff, { patientId })).status).toBe(201);
    const second = await join();
    const { json } = await call(listWaitlist, { actor: world.staff, query: { doctorId: world.doctorId } });
    expect(json.items.map((item: { patientId: string }) => item.patientId)).toEqual([patientId, second.actor.patientId]);
  });

  test("leaving gives the offered time to the next; leaving twice is no fault", async () => {
    const visit = await bookAt(tuesdayNine);
    const [one, two] = [await join(), await join()];
    await cancelIt(visit);
    expect(await offerOf(one.actor)).toBeDefined();
    for (const _ of [1, 2]) expect((await call(leaveWaitlist, { actor: one.actor, params: { id: one.id } })).status).toBe(204);
    expect(await offerOf(two.actor)).toMatchObject({ start: tuesdayNine });
  });
});

describe("what is refused when joining", () => {
  const refused = async (criteria: object, actor?: UserActor) => {
    const { json } = await join(actor, criteria);
    return json.errors ? `${json.code} ${json.errors[0].path}` : json.code;
  };

  test("criteria that nothing can meet, doctors and reasons that do not go together", async () => {
    expect(await refused({ hours: { from: "12:00", to: "09:00" } })).toBe("invalid-input hours.to");
    expect(await refused({ from: "2026-12-02", until: "2026-12-01" })).toBe("invalid-input until");
    expect(await refused({ until: "2026-11-22" })).toBe("invalid-input until");
    expect(await refused({ days: [] })).toBe("invalid-input days");
    expect(await refused({ days: [8] })).toBe("invalid-input days.0");
    expect(await refused({ reasonId: world.reasons.others })).toBe("not-found");
    expect(await refused({ reasonId: world.reasons.byPhone })).toBe("slot-outside-hours");
    expect(await refused({ others: [{ doctorId: world.doctorId, reasonId: world.reasons.r40 }] })).toBe("invalid-input others.0.doctorId");
    expect(await refused({ doctorId: newId("doc", mondayMorning) })).toBe("not-found");
  });

  test("somebody else's visit, a past one, the same wish twice, and more than ten", async () => {
    const theirs = await bookAt(tuesdayNine);
    expect(await refused({ insteadOf: theirs.id })).toBe("not-found");
    await call(cancel, { actor: theirs.actor, params: { id: theirs.id }, body: {} });
    expect(await refused({ insteadOf: theirs.id }, theirs.actor)).toBe("already-cancelled");
    const { actor } = await join();
    expect(await refused({}, actor)).toBe("wrong-state");
    expect((await join(actor, { doctorId: world.otherDoctorId, reasonId: world.reasons.others })).status).toBe(201);
  });
});

test("an offered time has its room with it, and needs one that is free", async () => {
  const { owner } = world.database;
  await owner`insert into resources (id, clinic_id, name, type) values ('res_1', ${world.clinicId}, 'Salle 1', 'salle')`;
  await owner`insert into resource_plans (clinic_id) values (${world.clinicId})`;
  await owner`update reasons set resource_types = '{salle}' where reason_id in (${world.reasons.r20}, ${world.reasons.others})`;
  try {
    const visit = await bookAt(tuesdayNine);
    const { actor, id } = await join();
    await cancelIt(visit);
    const offer = await offerOf(actor);
    expect(offer).toMatchObject({ start: tuesdayNine });
    const other = { doctorId: world.otherDoctorId, reasonId: world.reasons.others, start: tuesdayNine };
    const askOther = () => call(book, { actor: patientActor(), headers: freshKey(), body: other });
    expect((await askOther()).json.code).toBe("slot-taken");
    await call(leaveWaitlist, { actor, params: { id } });
    expect((await askOther()).status).toBe(201);
    const next = await join();
    await cancelIt(await bookAt(tuesdayNineTwenty));
    const second = await offerOf(next.actor);
    expect(second).toMatchObject({ start: tuesdayNineTwenty });
    expect((await accept(second, next.actor)).json.status).toBe("booked");
    const rooms = await owner`select state from busy where doctor_id = 'res_1' and state <> 'released'`;
    expect(rooms.map(({ state }) => state)).toEqual(["booked", "booked"]);
  } finally {
    await owner`update reasons set resource_types = '{}'`;
    await owner`delete from resources`;
    await owner`delete from resource_plans`;
  }
});

test("two doctors on one entry: one open offer at a time, whichever is free first", async () => {
  const other = { doctorId: world.otherDoctorId, reasonId: world.reasons.others };
  const mine = await bookAt(tuesdayNine);
  const theirs = patientActor();
  const second = await call(book, { actor: theirs, headers: freshKey(), body: { ...other, start: tuesdayNineTwenty } });
  const { actor } = await join(patientActor(), { others: [other] });
  await cancelIt({ id: second.json.id, actor: theirs });
  const offer = await offerOf(actor);
  expect(offer).toMatchObject({ ...other, start: tuesdayNineTwenty });
  await cancelIt(mine);
  expect((await offerOf(actor)).id).toBe(offer.id);
  await decline(offer, actor);
  await world.database.owner`update waitlist_doctors set due_at = 'epoch'`;
  expect(await offerOf(actor)).toMatchObject({ doctorId: world.doctorId, start: tuesdayNine });
});

test("a message about an offer reads it as it is now", async () => {
  const visit = await bookAt(tuesdayNine);
  const { actor } = await join();
  await cancelIt(visit);
  const offer = await offerOf(actor);
  const ask = () => call(offerForMessage, { actor: serviceActor("notification"), params: { id: offer.id } });
  expect((await ask()).json).toMatchObject({ isOpen: true, start: tuesdayNine });
  await decline(offer, actor);
  expect((await ask()).json).toMatchObject({ isOpen: false });
  expect((await call(getAppointment, { actor, params: { id: visit.id } })).status).toBe(404);
});
