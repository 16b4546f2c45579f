import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { declareAbsence, endAbsence, listAbsences } from "@episante/contracts/absence";
import { book, getAppointment, hold, listAppointments, listSlots, putSchedule, whyNot } from "@episante/contracts/appointment";
import { moveVisit, setVisitStatus, visitHistory } from "@episante/contracts/visit";
import { grant } from "@episante/service/db";
import { doctorActor, patientActor, staffActor } from "@episante/testkit/actors";
import { bookingWorld, freshKey, tally, type World, weekdays } from "../../test/world.ts";
import { saveHasAccount, savePatient } from "../storage/patients.ts";

let world: World;
beforeEach(async () => {
  world = await bookingWorld();
});
afterEach(() => world.close());

/** Thursday 26 November 2026, by the wall clock of Lyon. */
const thursday = "2026-11-26";
const at = (time: string, day = thursday) => new Date(`${day}T${time}:00+01:00`).toISOString();
const allThursday = { start: at("00:00"), end: at("00:00", "2026-11-27") };

/** A patient who can be written to: has an account. */
async function writable() {
  const patient = patientActor();
  await world.deps.db.transaction(grant.system("mirror"), async (tx) => {
    await savePatient(tx, patient.patientId);
    await saveHasAccount(tx, patient.patientId);
  });
  return patient;
}
async function booked(time: string, actor: World["staff"] = world.patient, more: Record<string, unknown> = {}): Promise<string> {
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: at(time), ...more };
  const answer = await world.harness.call(book, { actor, body, headers: freshKey() });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json.id;
}
const declare = (visits: Record<string, unknown>, more: Record<string, unknown> = {}, actor = world.staff, headers = freshKey()) =>
  world.harness.call(declareAbsence, {
    actor,
    body: { doctorId: world.doctorId, ...allThursday, visits, dryRun: false, ...more },
    headers,
  });
const absences = async (query: Record<string, string> = {}, actor = world.staff) =>
  world.harness.call(listAbsences, { actor, query: { doctorId: world.doctorId, ...query } });
const end = (id: string, actor = world.staff) => world.harness.call(endAbsence, { actor, params: { id } });
const show = async (id: string) => (await world.harness.call(getAppointment, { actor: world.staff, params: { id } })).json;
const slots = async (day = thursday, doctorId = world.doctorId, reasonId = world.reasons.r20) =>
  (await world.harness.call(listSlots, { query: { doctorId, reasonId, from: day, to: day } })).json.items.length as number;
const visitEvents = async () =>
  (
    await world.database.owner`select type, payload from outbox where type in ('appointment.moved', 'appointment.cancelled') order by seq`
  ).map(({ type, payload }) => ({ type, ...JSON.parse(payload).data }));

describe("a doctor falls ill", () => {
  /** Dr B is there on Thursday for two visits. */
  async function colleagueWithTwoSlots(): Promise<void> {
    const body = { ...weekdays, overrides: [{ day: thursday, windows: [{ from: "09:20", to: "10:00" }] }] };
    await world.harness.call(putSchedule, { actor: world.staff, params: { doctorId: world.otherDoctorId }, body });
  }

  test("two visits go to the colleague with their ids, four are cancelled with the reason, five patients are told once, one is called", async () => {
    await colleagueWithTwoSlots();
    const times = ["09:00", "09:20", "09:40", "10:00", "10:20", "11:00"];
    const ids: string[] = [];
    for (const time of times.slice(0, 5)) ids.push(await booked(time, await writable()));
    ids.push(await booked("11:00", world.staff, { patientId: await world.knownPatient() }));
    const plan = { plan: "colleague", toDoctorId: world.otherDoctorId, otherwise: "cancel", reason: "Dr A est malade" };

    const rehearsed = await declare(plan, { dryRun: true });
    expect(rehearsed.status).toBe(200);
    expect(rehearsed.json.absence).toBeUndefined();
    expect(await visitEvents()).toEqual([]);
    expect((await absences()).json.items).toEqual([]);

    const answer = await declare(plan);
    expect(answer.status).toBe(200);
    expect({ ...answer.json, absence: undefined }).toEqual({ ...rehearsed.json, absence: undefined });
    expect(answer.json.visits.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      "cancelled",
      "moved",
      "moved",
      "cancelled",
      "cancelled",
      "cancelled",
    ]);
    expect(answer.json.callList).toEqual([ids[5]]);

    // Same time of day at the colleague's, the colleague's own reason, the same id.
    const [, second = "", third = ""] = ids;
    expect(await show(second)).toMatchObject({
      id: second,
      doctorId: world.otherDoctorId,
      reasonId: world.reasons.others,
      start: at("09:20"),
      status: "booked",
      sequence: 1,
    });
    expect((await show(third)).start).toBe(at("09:40"));
    expect(await show(ids[0] ?? "")).toMatchObject({ status: "cancelled", cancelReason: "Dr A est malade", cancelledBy: "staff" });

    const events = await visitEvents();
    expect(events.map(({ appointmentId }) => appointmentId).sort()).toEqual([...ids].sort());
    expect(events.every(({ by }) => by === "clinic")).toBe(true);
    expect(await slots()).toBe(0);
    expect((await absences()).json.items).toEqual([
      { id: answer.json.absence.id, doctorId: world.doctorId, start: allThursday.start, end: allThursday.end },
    ]);

    expect((await end(answer.json.absence.id)).status).toBe(204);
    expect(await slots()).toBe(9);
    expect((await show(ids[0] ?? "")).status).toBe("cancelled");
    expect((await show(second)).doctorId).toBe(world.otherDoctorId);
    expect(await visitEvents()).toHaveLength(6);
  });

  test("who keeps the time of day is placed before who has to change it", async () => {
    await colleagueWithTwoSlots();
    const early = await booked("09:00", await writable());
    const [same, alsoSame] = [await booked("09:20", await writable()), await booked("09:40", await writable())];
    await declare({ plan: "colleague", toDoctorId: world.otherDoctorId });
    expect((await show(same)).start).toBe(at("09:20"));
    expect((await show(alsoSame)).start).toBe(at("09:40"));
    expect(await show(early)).toMatchObject({ status: "booked", doctorId: world.doctorId, sequence: 0 });
  });

  test("where the same time is not free at the colleague's, the nearest free time of the day", async () => {
    await booked("10:00", world.staff, {
      doctorId: world.otherDoctorId,
      reasonId: world.reasons.others,
      patientId: await world.knownPatient(),
    });
    const id = await booked("10:00", await writable());
    const { json } = await declare({ plan: "colleague", toDoctorId: world.otherDoctorId });
    expect(json.visits[0]).toMatchObject({ outcome: "moved", to: { start: at("09:40"), end: at("10:00") } });
    expect((await show(id)).movedFrom).toMatchObject({ doctorId: world.doctorId, start: at("10:00") });
  });

  test("a visit whose reason the colleague does not have stays or is cancelled, as asked; a named reason stands for it", async () => {
    const id = await booked("09:00", await writable(), { reasonId: world.reasons.r40 });
    const plan = { plan: "colleague", toDoctorId: world.otherDoctorId };
    expect((await declare(plan, { dryRun: true })).json.visits[0]).toMatchObject({ outcome: "kept", obstacle: "no-equal-reason" });
    const reasons = [{ reasonId: world.reasons.r40, toReasonId: world.reasons.others }];
    expect((await declare({ ...plan, reasons })).json.visits[0]).toMatchObject({
      outcome: "moved",
      to: { reasonId: world.reasons.others },
    });
    expect((await show(id)).end).toBe(at("09:20"));
  });

  test("of two reasons of one length none is guessed", async () => {
    await world.database.owner`insert into reasons (reason_id, doctor_id, minutes, is_online, cancel_hours)
      values (${`rea_${"1".repeat(32)}`}, ${world.otherDoctorId}, 20, true, 0)`;
    await booked("09:00", await writable());
    const { json } = await declare({ plan: "colleague", toDoctorId: world.otherDoctorId }, { dryRun: true });
    expect(json.visits[0].obstacle).toBe("no-equal-reason");
  });
});

describe("the block to another day", () => {
  test("keeps times of day across a clock change", async () => {
    // The clocks of Lyon go forward in the night to 28 March 2027: from Friday to Monday.
    const friday = (time: string) => new Date(`2027-03-26T${time}:00+01:00`).toISOString();
    const monday = (time: string) => new Date(`2027-03-29T${time}:00+02:00`).toISOString();
    const patientId = await world.knownPatient();
    const ids = [await booked("09:00", world.staff, { start: friday("09:00"), patientId })];
    ids.push(await booked("11:40", world.staff, { start: friday("11:40"), patientId: await world.knownPatient() }));
    const { json } = await declare(
      { plan: "move", moveToDay: "2027-03-29" },
      { start: friday("00:00"), end: new Date("2027-03-27T00:00:00+01:00").toISOString() },
    );
    expect(json.visits.map((visit: { to: { start: string } }) => visit.to.start)).toEqual([monday("09:00"), monday("11:40")]);
    expect((await show(ids[1] ?? "")).start).toBe(monday("11:40"));
  });

  test("of several days moves day by day; onto a time that is taken, to the nearest of that day", async () => {
    const friday = "2026-11-27";
    const ids = [await booked("09:00", await writable()), await booked("00:00", await writable(), { start: at("09:00", friday) })];
    await booked("00:00", await writable(), { start: at("09:00", "2026-12-04") });
    const { json } = await declare({ plan: "move", moveToDay: "2026-12-03" }, { end: at("00:00", "2026-11-28") });
    expect(json.visits.map((visit: { to: { start: string } }) => visit.to.start)).toEqual([
      at("09:00", "2026-12-03"),
      at("09:20", "2026-12-04"),
    ]);
    expect(json.visits.map(({ appointmentId }: { appointmentId: string }) => appointmentId)).toEqual(ids);
  });

  test("into the absence itself, or to a day without hours, finds no place", async () => {
    await booked("09:00", await writable());
    for (const moveToDay of [thursday, "2026-11-28"]) {
      const { json } = await declare({ plan: "move", moveToDay }, { dryRun: true });
      expect(json.visits[0]).toMatchObject({ outcome: "kept", obstacle: "no-free-time" });
    }
  });
});

describe("the period", () => {
  test("half-open: a visit that ends when it begins, and one that begins when it ends, are none of its", async () => {
    const before = await booked("09:00");
    const inside = await booked("09:20", await writable());
    const after = await booked("09:40", await writable());
    const { json } = await declare({ plan: "cancel" }, { start: at("09:20"), end: at("09:40") });
    expect(json.visits.map(({ appointmentId }: { appointmentId: string }) => appointmentId)).toEqual([inside]);
    expect([(await show(before)).status, (await show(after)).status]).toEqual(["booked", "booked"]);
    expect(await slots()).toBe(6);
  });

  test("absences may overlap: ending one leaves the time of the other closed", async () => {
    const [whole, morning] = [await declare({ plan: "keep" }), await declare({ plan: "keep" }, { end: at("10:00") })];
    expect((await absences()).json.items).toHaveLength(2);
    await end(whole.json.absence.id);
    expect(await slots()).toBe(6);
    await end(morning.json.absence.id);
    expect(await slots()).toBe(9);
    expect((await end(morning.json.absence.id)).status).toBe(404);
  });

  test("of 23 hours closes the day of the clock change whole", async () => {
    const hours = { ...weekdays, windows: [{ day: 7, from: "00:00", to: "24:00" }], horizonDays: 200 };
    await world.harness.call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body: hours });
    expect(await slots("2027-03-28")).toBe(69);
    const [start, until] = ["2027-03-28T00:00:00+01:00", "2027-03-29T00:00:00+02:00"].map((one) => new Date(one).toISOString());
    await declare({ plan: "keep" }, { start, end: until });
    expect(await slots("2027-03-28")).toBe(0);
  });

  test("kept visits stay and nobody is told; a patient who is there already is none of the plan's", async () => {
    const [kept, there] = [await booked("09:00"), await booked("09:20", await writable())];
    await world.harness.call(setVisitStatus, { actor: world.staff, params: { id: there }, body: { status: "arrived" } });
    const { json } = await declare({ plan: "keep" }, { note: "Congrès" });
    expect(json.visits).toHaveLength(1);
    expect(json.visits[0]).toMatchObject({ appointmentId: kept, outcome: "kept", reach: "call" });
    expect(json.callList).toEqual([]);
    expect(await visitEvents()).toEqual([]);
    expect((await absences()).json.items[0].note).toBe("Congrès");
    const why = await world.harness.call(whyNot, {
      actor: world.staff,
      query: { doctorId: world.doctorId, reasonId: world.reasons.r20, at: at("10:00") },
    });
    expect(why.json.blockers.map(({ code }: { code: string }) => code)).toContain("absent");
  });

  test("a relative who may book is written to; one whose link is over is not", async () => {
    const mother = await writable();
    const [child, grownUp] = [await world.knownPatient(), await world.knownPatient()];
    await world.database.owner`insert into proxies (proxy_id, patient_id, proxy_patient_id, scopes, until_at, changed_at) values
      ('prx_1', ${child}, ${mother.patientId}, '{book}', null, 'epoch'),
      ('prx_2', ${grownUp}, ${mother.patientId}, '{book}', '2026-11-01', 'epoch')`;
    await booked("09:00", world.staff, { patientId: child });
    const alone = await booked("09:20", world.staff, { patientId: grownUp });
    const { json } = await declare({ plan: "cancel" });
    expect(json.visits.map(({ reach }: { reach: string }) => reach)).toEqual(["message", "call"]);
    expect(json.callList).toEqual([alone]);
  });

  test("can be listed by period, and by members of the clinic only", async () => {
    await declare({ plan: "keep" });
    expect((await absences({ from: at("00:00", "2026-11-27") })).json.items).toEqual([]);
    expect((await absences({ to: allThursday.start })).json.items).toEqual([]);
    expect((await absences({ from: allThursday.start, to: allThursday.end })).json.items).toHaveLength(1);
    expect((await absences({}, staffActor())).status).toBe(404);
    expect((await absences({}, doctorActor({ clinicId: world.clinicId, doctorId: world.otherDoctorId }))).status).toBe(200);
  });
});

describe("others at the same moment", () => {
  test("whoever books into the period while it is declared is dealt with, or refused", async () => {
    const bookings = ["09:00", "09:20", "09:40", "10:00", "10:20", "10:40"].map((time) =>
      world.harness.call(book, {
        actor: patientActor(),
        body: { doctorId: world.doctorId, reasonId: world.reasons.r20, start: at(time) },
        headers: freshKey(),
      }),
    );
    const [declared, ...answers] = await Promise.all([declare({ plan: "cancel" }), ...bookings]);
    expect(declared.status).toBe(200);
    const { "201": won = 0, "slot-outside-hours": refused = 0 } = tally(answers);
    expect(won + refused).toBe(6);
    expect(declared.json.visits).toHaveLength(won);
    const agenda = await world.harness.call(listAppointments, {
      actor: world.staff,
      query: { doctorId: world.doctorId, from: allThursday.start, to: allThursday.end },
    });
    expect(agenda.json.items.every(({ status }: { status: string }) => status === "cancelled")).toBe(true);
  });

  test("a time that somebody holds is no longer theirs to confirm; a hold beside the period is", async () => {
    const held = async (start: string) => {
      const actor = patientActor();
      const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start };
      return { actor, holdId: (await world.harness.call(hold, { actor, body })).json.id };
    };
    const [within, beside] = [await held(at("09:00")), await held(at("10:00"))];
    await declare({ plan: "keep" }, { end: at("10:00") });
    const confirm = ({ actor, holdId }: { actor: World["staff"]; holdId: string }) =>
      world.harness.call(book, { actor, body: { holdId }, headers: freshKey() });
    expect((await confirm(within)).json.code).toBe("hold-expired");
    expect((await confirm(beside)).status).toBe(201);
  });

  test("a repeat with the same key answers the same and tells nobody twice", async () => {
    await booked("09:00", await writable());
    const headers = freshKey();
    const answers = await Promise.all([1, 2, 3].map(() => declare({ plan: "cancel" }, {}, world.staff, headers)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await visitEvents()).toHaveLength(1);
    expect((await absences()).json.items).toHaveLength(1);
    expect((await declare({ plan: "keep" }, {}, world.staff, headers)).json.code).toBe("idempotency-mismatch");
  });

  test("two doctors who hand their day to each other at once neither deadlock nor lose a visit", async () => {
    const mine = await booked("09:00", await writable());
    const theirs = await booked("00:00", world.staff, {
      doctorId: world.otherDoctorId,
      reasonId: world.reasons.others,
      start: at("11:00"),
      patientId: await world.knownPatient(),
    });
    const reasons = [{ reasonId: world.reasons.others, toReasonId: world.reasons.r20 }];
    const answers = await Promise.all([
      declare({ plan: "colleague", toDoctorId: world.otherDoctorId }),
      declare({ plan: "colleague", toDoctorId: world.doctorId, reasons }, { doctorId: world.otherDoctorId }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    // Whoever was second finds the other absent.
    const outcomes = answers.flatMap(({ json }) => json.visits.map(({ outcome }: { outcome: string }) => outcome));
    expect(outcomes).toContain("kept");
    for (const id of [mine, theirs]) expect((await show(id)).status).toBe("booked");
  });

  test("a moved visit can be moved on by its patient, and its history tells who did what", async () => {
    const patient = await writable();
    const id = await booked("09:00", patient);
    await declare({ plan: "move", moveToDay: "2026-12-03" });
    const moved = await world.harness.call(moveVisit, {
      actor: patient,
      params: { id },
      body: { start: at("10:00", "2026-12-03") },
      headers: {},
    });
    expect(moved.status).toBe(200);
    const { json } = await world.harness.call(visitHistory, { actor: world.staff, params: { id } });
    expect(json.items.map(({ kind, by }: { kind: string; by?: string }) => [kind, by])).toEqual([
      ["booked", undefined],
      ["moved", "staff"],
      ["moved", "patient"],
    ]);
  });
});

describe("bad input", () => {
  const refused: [string, Record<string, unknown>, Record<string, unknown>, string][] = [
    ["an end before its start", { plan: "keep" }, { end: at("00:00", "2026-11-25") }, "end"],
    ["an end at its start", { plan: "keep" }, { end: allThursday.start }, "end"],
    ["a period that has passed", { plan: "keep" }, { start: at("00:00", "2026-11-20"), end: at("00:00", "2026-11-21") }, "end"],
    ["a period of more than 400 days", { plan: "keep" }, { end: at("00:00", "2028-11-26") }, "end"],
    ["a day that has passed", { plan: "move", moveToDay: "2026-11-20" }, {}, "visits.moveToDay"],
    ["a plan without what it needs", { plan: "move" }, {}, "visits.moveToDay"],
    ["a plan nobody knows", { plan: "forget" }, {}, "visits.plan"],
    ["a doctor who is nobody's colleague", { plan: "colleague", toDoctorId: `doc_${"0".repeat(32)}` }, {}, "visits.toDoctorId"],
  ];
  for (const [what, plan, more, path] of refused) {
    test(`${what} is refused by name, and nothing is kept`, async () => {
      await booked("09:00");
      const answer = await declare(plan, more);
      expect(answer.status).toBe(422);
      expect(answer.json.errors[0].path).toBe(path);
      expect((await absences()).json.items).toEqual([]);
    });
  }

  test("the doctor as the own colleague, a reason that is not the colleague's", async () => {
    expect((await declare({ plan: "colleague", toDoctorId: world.doctorId })).json.errors[0].path).toBe("visits.toDoctorId");
    const reasons = [{ reasonId: world.reasons.r20, toReasonId: world.reasons.r40 }];
    const answer = await declare({ plan: "colleague", toDoctorId: world.otherDoctorId, reasons });
    expect(answer.json.errors[0].path).toBe("visits.reasons.0.toReasonId");
  });

  test("half a character in note and reason is kept whole", async () => {
    const id = await booked("09:00");
    const answer = await declare({ plan: "cancel", reason: "malade \ud83d" }, { note: "gr\ud83d" });
    expect(answer.status).toBe(200);
    expect((await show(id)).cancelReason).toBe("malade \ufffd");
  });
});
