import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { appointmentForMessage, book, cancel, getAppointment, hold, listAppointments } from "@episante/contracts/appointment";
import {
  getNoShowBlock,
  getNoShowPolicy,
  liftNoShowBlock,
  moveVisit,
  putNoShowPolicy,
  setVisitStatus,
  undoVisitStatus,
  visitHistory,
} from "@episante/contracts/visit";
import { doctorActor, patientActor, serviceActor, staffActor } from "@episante/testkit/actors";
import fc from "fast-check";
import { bookingWorld, freshKey, tally, tuesdayNine, type World } from "../../test/world.ts";

let world: World;
beforeEach(async () => {
  world = await bookingWorld();
});
afterEach(() => world.close());

const at = (time: string, day = "2026-11-24") => `${day}T${time}:00.000Z`;
async function booked(actor: World["staff"] = world.patient, more: Record<string, unknown> = {}): Promise<string> {
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine, ...more };
  const answer = await world.harness.call(book, { actor, body, headers: freshKey() });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.json.id;
}
const move = (actor: World["staff"], id: string, body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  world.harness.call(moveVisit, { actor, params: { id }, body, headers });
const say = (id: string, status: string, more: Record<string, unknown> = {}, actor = world.staff) =>
  world.harness.call(setVisitStatus, { actor, params: { id }, body: { status, ...more } });
const undo = (id: string) => world.harness.call(undoVisitStatus, { actor: world.staff, params: { id } });
const show = async (id: string, actor = world.staff) => (await world.harness.call(getAppointment, { actor, params: { id } })).json;
const history = async (id: string, actor = world.staff) =>
  (await world.harness.call(visitHistory, { actor, params: { id } })).json.items as Record<string, unknown>[];
const busyOf = async (id: string) =>
  (await world.database.owner`select doctor_id, lane, state, lower(during) as starts from busy where holder = ${id}`)[0];

describe("moving", () => {
  test("keeps the id, frees the old time, takes the new one, and the calendar file's sequence rises", async () => {
    const id = await booked();
    const answer = await move(world.patient, id, { start: at("08:20") });
    expect(answer).toMatchObject({
      status: 200,
      json: { id, start: at("08:20"), end: at("08:40"), status: "booked", sequence: 1, cancelUntil: at("04:20") },
    });
    expect(answer.json.movedFrom).toEqual({
      doctorId: world.doctorId,
      start: tuesdayNine,
      end: at("08:20"),
      at: at("07:00", "2026-11-23"),
    });
    await booked(patientActor());
    const message = await world.harness.call(appointmentForMessage, { actor: serviceActor("notification"), params: { id } });
    expect(message.json.ics).toContain("SEQUENCE:1");
    expect(message.json.ics).toContain("DTSTART:20261124T082000Z");
    expect(message.json.ics).toContain(`UID:${id}@episante`);
    const [event] = await world.database.owner`select payload from outbox where type = 'appointment.moved'`;
    expect(JSON.parse(event?.payload).data).toMatchObject({
      appointmentId: id,
      start: at("08:20"),
      from: { doctorId: world.doctorId, start: tuesdayNine, end: at("08:20") },
      by: "patient",
      sequence: 1,
    });
  });

  test("openings follow: the freed time is offered again, the taken one is not", async () => {
    const id = await booked();
    await world.events();
    await move(world.patient, id, { start: at("08:20") });
    await world.events();
    const rows = await world.database.owner`select payload from outbox where type = 'appointment.openings-changed' order by seq`;
    const starts = JSON.parse(rows.at(-1)?.payload).data.openings.find(
      (one: { reasonId: string }) => one.reasonId === world.reasons.r20,
    ).starts;
    expect(starts).toContain(tuesdayNine);
    expect(starts).not.toContain(at("08:20"));
  });

  test("onto the own old time changes nothing, onto a time that overlaps it works", async () => {
    const id = await booked();
    expect((await move(world.patient, id, { start: tuesdayNine })).json).toMatchObject({ start: tuesdayNine, sequence: 0 });
    expect(await history(id)).toHaveLength(1);
    expect((await move(world.staff, id, { start: at("08:10") })).json).toMatchObject({ start: at("08:10"), sequence: 1 });
  });

  test("a repeat with the same key answers the same and moves once; another wish under the key is refused", async () => {
    const id = await booked();
    const headers = freshKey();
    const answers = await Promise.all([1, 2, 3].map(() => move(world.patient, id, { start: at("08:20") }, headers)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect((await show(id)).sequence).toBe(1);
    expect((await move(world.patient, id, { start: at("08:40") }, headers)).json.code).toBe("idempotency-mismatch");
  });

  test("two visits to one free time at once: one has it, the other is intact and is told what is free", async () => {
    const [one, two] = [await booked(), await booked(patientActor(), { start: at("08:20") })];
    const answers = await Promise.all([one, two].map((id) => move(world.staff, id, { start: at("09:00") })));
    expect(tally(answers)).toEqual({ "200": 1, "slot-taken": 1 });
    expect(answers.find(({ status }) => status === 409)?.json.alternatives).toHaveLength(3);
    const [first, second] = [await show(one), await show(two)];
    expect([first.start, second.start].filter((start) => start === at("09:00"))).toHaveLength(1);
    expect(first.start === at("09:00") ? second.start : first.start).toBe(first.start === at("09:00") ? at("08:20") : tuesdayNine);
  });

  test("moves and bookings race for one time many at once: one winner, every visit has exactly one time", async () => {
    const ids = await Promise.all(["08:00", "08:20", "08:40", "09:00", "09:20"].map((time) => booked(patientActor(), { start: at(time) })));
    const answers = await Promise.all([
      ...ids.map((id) => move(world.staff, id, { start: at("10:00") })),
      ...ids.map(() =>
        world.harness.call(book, {
          actor: patientActor(),
          body: { doctorId: world.doctorId, reasonId: world.reasons.r20, start: at("10:00") },
          headers: freshKey(),
        }),
      ),
    ]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    expect(answers.filter(({ json }) => json?.code === "slot-taken")).toHaveLength(9);
    for (const id of ids) expect((await busyOf(id))?.starts.toISOString()).toBe((await show(id)).start);
  });

  test("two visits that change places at once neither deadlock nor overlap", async () => {
    const one = await booked();
    const two = await booked(world.staff, {
      doctorId: world.otherDoctorId,
      reasonId: world.reasons.others,
      patientId: await world.knownPatient(),
    });
    const answers = await Promise.all([
      move(world.staff, one, { start: tuesdayNine, doctorId: world.otherDoctorId }),
      move(world.staff, two, { start: tuesdayNine, doctorId: world.doctorId }),
    ]);
    expect(tally(answers)).toEqual({ "slot-taken": 2 });
  });

  test("another's hold is in the way, the mover's own is not", async () => {
    const id = await booked();
    const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: at("09:00") };
    await world.harness.call(hold, { actor: patientActor(), body });
    expect((await move(world.patient, id, { start: at("09:00") })).json.code).toBe("slot-taken");
    await world.harness.call(hold, { actor: world.patient, body: { ...body, start: at("09:20") } });
    expect((await move(world.patient, id, { start: at("09:20") })).status).toBe(200);
  });

  test("to a colleague of the clinic keeps the id and the length; patients cannot, strangers cannot tell that it exists", async () => {
    const id = await booked();
    const wish = { start: at("09:00"), doctorId: world.otherDoctorId };
    expect((await move(world.patient, id, wish)).json.code).toBe("forbidden");
    const answer = await move(world.staff, id, wish);
    expect(answer.json).toMatchObject({
      id,
      doctorId: world.otherDoctorId,
      start: at("09:00"),
      end: at("09:20"),
      reasonId: world.reasons.r20,
    });
    expect(await busyOf(id)).toMatchObject({ doctor_id: world.otherDoctorId, lane: 0, state: "booked" });
    expect((await booked(patientActor(), { start: tuesdayNine })).length).toBeGreaterThan(0);
    expect((await move(world.staff, id, { ...wish, doctorId: `doc_${"0".repeat(32)}` })).json.code).toBe("not-found");
    for (const stranger of [patientActor(), staffActor(), doctorActor()]) {
      const [real, unknown] = [await move(stranger, id, wish), await move(stranger, `apt_${"0".repeat(32)}`, wish)];
      expect({ ...real.json, traceId: "" }).toEqual({ ...unknown.json, traceId: "" });
      expect(real.status).toBe(404);
    }
  });

  test("patients move within the reason's own window, which says its policy; members at any time, to any minute within hours", async () => {
    await world.database.owner`update reasons set move_hours = 24, cancel_hours = 4 where reason_id = ${world.reasons.r20}`;
    const id = await booked();
    world.clock.set(Date.parse(at("08:00", "2026-11-23")) + 1);
    const late = await move(world.patient, id, { start: at("10:00") });
    expect(late.json).toMatchObject({
      code: "wrong-state",
      detail: expect.stringContaining("24 h"),
      policy: { kind: "move", hours: 24, until: at("08:00", "2026-11-23") },
    });
    expect((await move(world.staff, id, { start: at("10:07") })).json.start).toBe(at("10:07"));
    expect((await move(world.staff, id, { start: at("11:00") })).json.code).toBe("slot-outside-hours");
    expect((await move(world.staff, id, { start: at("07:30", "2026-11-23") })).json.code).toBe("slot-in-past");
  });

  test("a refused move leaves the visit as it was, and stays in its history", async () => {
    const id = await booked();
    const before = await show(id);
    await booked(patientActor(), { start: at("09:00") });
    expect((await move(world.staff, id, { start: at("09:00") })).json.code).toBe("slot-taken");
    expect((await move(world.patient, id, { start: at("08:07") })).json.code).toBe("slot-outside-hours");
    expect(await show(id)).toEqual(before);
    expect(await history(id)).toMatchObject([
      { kind: "booked", channel: "online" },
      { kind: "refused", attempt: "move", code: "slot-taken", by: "staff", channel: "clinic", later: { place: { start: at("09:00") } } },
      { kind: "refused", attempt: "move", code: "slot-outside-hours", by: "patient", channel: "online" },
    ]);
  });

  test("a visit does not use up its own day: the only one a day may move within it, and not onto a full day", async () => {
    await world.database.owner`update reasons set daily_cap = 1 where reason_id = ${world.reasons.r20}`;
    const id = await booked();
    await booked(patientActor(), { start: at("08:00", "2026-11-25") });
    expect((await move(world.patient, id, { start: at("08:20") })).status).toBe(200);
    expect((await move(world.patient, id, { start: at("08:20", "2026-11-25") })).json).toMatchObject({
      code: "slot-outside-hours",
      why: "daily-cap",
    });
  });

  test("the minutes around a visit move with it", async () => {
    await world.database.owner`update reasons set buffer_after_minutes = 10 where reason_id = ${world.reasons.r20}`;
    const id = await booked(world.patient, { start: at("10:00") });
    await booked(patientActor(), { start: at("08:40") });
    expect((await move(world.staff, id, { start: at("08:15") })).json.code).toBe("slot-taken");
    expect((await move(world.staff, id, { start: at("08:10") })).json).toMatchObject({ start: at("08:10"), end: at("08:30") });
    const [row] = await world.database.owner`select upper(during) as ends from busy where holder = ${id}`;
    expect(row?.ends.toISOString()).toBe(at("08:40"));
  });

  test("what is cancelled or has begun is not moved", async () => {
    const id = await booked();
    await say(id, "arrived");
    expect((await move(world.staff, id, { start: at("09:00") })).json.code).toBe("wrong-state");
    await undo(id);
    await world.harness.call(cancel, { actor: world.patient, params: { id }, body: {} });
    expect((await move(world.staff, id, { start: at("09:00") })).json.code).toBe("already-cancelled");
  });
});

describe("a cancellation taken back", () => {
  const cancelled = async (id: string, body: Record<string, unknown> = {}, actor: World["staff"] = world.staff) =>
    world.harness.call(cancel, { actor, params: { id }, body });

  test("is exactly the visit before, with the same id; the history keeps both, and the calendar file's sequence rises", async () => {
    const id = await booked();
    const before = await show(id);
    await cancelled(id, { reason: "Booked by mistake" });
    const answer = await undo(id);
    const { version: _v, sequence: _s, ...plain } = before;
    expect(answer).toMatchObject({ status: 200, json: plain });
    for (const key of ["cancelledAt", "cancelReason", "cancelledBy"]) expect(answer.json[key]).toBeUndefined();
    expect((await show(id)).sequence).toBe(2);
    expect(await busyOf(id)).toMatchObject({ state: "booked" });
    expect((await history(id)).map(({ kind }) => kind)).toEqual(["booked", "cancelled", "undone"]);
    expect((await history(id)).at(-1)).toMatchObject({ by: "staff", former: { state: { status: "cancelled" } } });
    expect((await undo(id)).json.code).toBe("wrong-state");
    expect((await world.events()).filter((type) => type === "appointment.status-changed")).toHaveLength(1);
  });

  test("may be of a patient's own cancellation, and be repeated", async () => {
    const id = await booked();
    for (let count = 0; count < 2; count++) {
      expect((await cancelled(id, {}, world.patient)).status).toBe(200);
      expect((await undo(id)).json.status).toBe("booked");
    }
    const asPatient = await world.harness.call(undoVisitStatus, { actor: world.patient, params: { id } });
    expect(asPatient.json.code).toBe("forbidden");
  });

  test("is refused with other times when somebody has the time, and then nothing has changed", async () => {
    const id = await booked();
    await cancelled(id);
    await booked(patientActor());
    const before = await show(id);
    const answer = await undo(id);
    expect(answer).toMatchObject({ status: 409, json: { code: "slot-taken" } });
    expect(answer.json.alternatives).toHaveLength(3);
    expect(await show(id)).toEqual(before);
    expect((await history(id)).map(({ kind }) => kind)).toEqual(["booked", "cancelled"]);
  });

  test("waits for no hold that has run out, and breaks none that counts", async () => {
    const id = await booked();
    await cancelled(id);
    const wish = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
    expect((await world.harness.call(hold, { actor: patientActor(), body: wish })).status).toBe(201);
    expect((await undo(id)).json.code).toBe("slot-taken");
    world.clock.advance(5 * 60_000 + 1);
    expect((await undo(id)).json.status).toBe("booked");
  });

  test("races with a booking of the time: one of them has it", async () => {
    for (let round = 0; round < 5; round++) {
      const id = await booked();
      await cancelled(id);
      const wish = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
      const other = patientActor();
      const answers = await Promise.all([undo(id), world.harness.call(book, { actor: other, body: wish, headers: freshKey() })]);
      expect(tally(answers)["slot-taken"]).toBe(1);
      const [restored, rebooked] = answers;
      await cancelled(restored?.status === 200 ? id : (rebooked?.json.id as string));
    }
  });
});

describe("beside another visit", () => {
  test("members book into a full hour with a reason; patients never, and the hour stays taken for them", async () => {
    await booked(patientActor());
    const patientId = await world.knownPatient();
    const overbook = { reason: "pain since this morning" };
    const wish = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
    const asPatient = await world.harness.call(book, { actor: world.patient, body: { ...wish, overbook }, headers: freshKey() });
    expect(asPatient.json.code).toBe("forbidden");
    const answers = [];
    for (const _ of [1, 2])
      answers.push(await world.harness.call(book, { actor: world.staff, body: { ...wish, patientId, overbook }, headers: freshKey() }));
    for (const { json } of answers) {
      expect(json).toMatchObject({ status: "booked", overbooked: true, overbookedReason: overbook.reason });
      expect(await show(json.id)).toMatchObject({ overbooked: true, overbookedReason: overbook.reason, channel: "clinic" });
    }
    expect(await Promise.all(answers.map(async ({ json }) => (await busyOf(json.id))?.lane))).toEqual([1, 2]);
    expect((await world.harness.call(book, { actor: world.patient, body: wish, headers: freshKey() })).json.code).toBe("slot-taken");
    expect((await world.harness.call(book, { actor: world.staff, body: { ...wish, patientId }, headers: freshKey() })).json.code).toBe(
      "slot-taken",
    );
    const nothing = await world.harness.call(book, {
      actor: world.staff,
      body: { ...wish, patientId, overbook: { reason: " " } },
      headers: freshKey(),
    });
    expect(nothing.json.code).toBe("invalid-input");
  });

  test("members overbook with a reason that only members see; the ordinary time stays with who has it", async () => {
    await booked(patientActor(), { start: at("09:00") });
    const id = await booked();
    expect((await move(world.patient, id, { start: at("09:00"), overbook: { reason: "urgent" } })).json.code).toBe("forbidden");
    const answer = await move(world.staff, id, { start: at("09:00"), overbook: { reason: "urgent" } });
    expect(answer.json).toMatchObject({ start: at("09:00"), overbooked: true, overbookedReason: "urgent" });
    expect(await busyOf(id)).toMatchObject({ lane: 1 });
    const seen = await show(id, world.patient);
    expect(seen.overbooked).toBeUndefined();
    expect(seen.overbookedReason).toBeUndefined();
    const third = await booked(patientActor());
    expect((await move(world.staff, third, { start: at("09:10"), overbook: { reason: "urgent too" } })).json.overbooked).toBe(true);
    expect(await busyOf(third)).toMatchObject({ lane: 2 });
    const back = await move(world.staff, id, { start: at("10:00") });
    expect(back.json.overbooked).toBeUndefined();
    expect(await busyOf(id)).toMatchObject({ lane: 0 });
  });
});

describe("cancelling", () => {
  test("says its policy, keeps who in which role and why, and both attempts", async () => {
    const id = await booked();
    world.clock.set(Date.parse(at("04:00")) + 1);
    const late = await world.harness.call(cancel, { actor: world.patient, params: { id }, body: {} });
    expect(late.json).toMatchObject({ code: "wrong-state", policy: { kind: "cancel", hours: 4, until: at("04:00") } });
    const done = await world.harness.call(cancel, { actor: world.staff, params: { id }, body: { reason: "called in" } });
    expect(done.json).toMatchObject({ status: "cancelled", cancelledBy: "staff", cancelReason: "called in", sequence: 1 });
    expect(await history(id)).toMatchObject([
      { kind: "booked" },
      { kind: "refused", attempt: "cancel", code: "wrong-state", by: "patient" },
      { kind: "cancelled", by: "staff", later: { reason: "called in" } },
    ]);
    expect(await busyOf(id)).toMatchObject({ state: "released" });
  });
});

test("half a character in a reason is no fault, for cancelling or overbooking", async () => {
  const id = await booked();
  const moved = await move(world.staff, id, { start: at("09:00"), overbook: { reason: "a\ud800b" } });
  expect(moved.json.overbookedReason).toBe("a\ufffdb");
  const cancelled = await world.harness.call(cancel, { actor: world.staff, params: { id }, body: { reason: "a\ud800b" } });
  expect(cancelled.json.cancelReason).toBe("a\ufffdb");
  expect((await history(id)).at(-1)).toMatchObject({ kind: "cancelled", later: { reason: "a\ufffdb" } });
});

describe("the floor", () => {
  test("arrived, in room, done, each with its time; undone one by one to exactly what was before", async () => {
    const id = await booked();
    const seen = [await show(id)];
    for (const status of ["arrived", "checked-in", "fulfilled"]) {
      world.clock.advance(60_000);
      expect((await say(id, status)).json.status).toBe(status);
      seen.push(await show(id));
    }
    expect(seen.at(-1)).toMatchObject({
      arrivedAt: at("07:01", "2026-11-23"),
      inRoomAt: at("07:02", "2026-11-23"),
      doneAt: at("07:03", "2026-11-23"),
    });
    const plain = ({ version: _, ...visit }: Record<string, unknown>) => visit;
    for (const before of seen.slice(0, -1).reverse()) expect(plain((await undo(id)).json)).toEqual(plain(before));
    expect((await undo(id)).json.code).toBe("wrong-state");
    expect((await history(id)).map(({ kind }) => kind)).toEqual(["booked", "status", "status", "status", "undone", "undone", "undone"]);
    expect((await world.events()).filter((type) => type === "appointment.status-changed")).toHaveLength(6);
  });

  test("a mistaken no-show is undone; its time was kept all along, so nobody could take it", async () => {
    const id = await booked();
    expect((await say(id, "noshow", { excused: true })).json).toMatchObject({ status: "noshow", excused: true });
    const taken = await world.harness.call(book, {
      actor: patientActor(),
      body: { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine },
      headers: freshKey(),
    });
    expect(taken.json.code).toBe("slot-taken");
    expect((await undo(id)).json).toMatchObject({ status: "booked" });
    expect((await show(id)).excused).toBeUndefined();
  });

  test("what was entered in error gives its time back; undoing is refused once somebody else has it", async () => {
    const id = await booked();
    await say(id, "entered-in-error");
    expect((await undo(id)).json.status).toBe("booked");
    await say(id, "entered-in-error");
    await booked(patientActor());
    expect((await undo(id)).json.code).toBe("slot-taken");
    expect((await show(id)).status).toBe("entered-in-error");
  });

  test("whatever staff says and takes back, `busy` says the same as the visit", async () => {
    const id = await booked();
    const verbs = ["arrived", "checked-in", "fulfilled", "noshow", "entered-in-error", "undo", "undo"] as const;
    for (const verb of fc.sample(fc.constantFrom(...verbs), { numRuns: 40, seed: 7 })) {
      await (verb === "undo" ? undo(id) : say(id, verb));
      const { status } = await show(id);
      const expected = status === "booked" || status === "noshow" ? "booked" : status === "entered-in-error" ? "released" : "arrived";
      expect((await busyOf(id))?.state).toBe(expected);
    }
  });

  test("is the clinic's: patients are refused, foreign members cannot tell that the visit exists; bad input is refused", async () => {
    const id = await booked();
    expect((await say(id, "arrived", {}, world.patient)).json.code).toBe("forbidden");
    expect((await say(id, "arrived", {}, staffActor())).json.code).toBe("not-found");
    expect((await say(id, "cancelled")).json.code).toBe("invalid-input");
    expect((await say(id, "arrived", { excused: true })).json.code).toBe("invalid-input");
    expect((await world.harness.call(visitHistory, { actor: patientActor(), params: { id } })).json.code).toBe("not-found");
  });
});

describe("missed visits", () => {
  const miss = async (day: string, excused = false) => {
    const id = await booked(world.patient, { start: at("08:00", day) });
    await say(id, "noshow", { excused });
    return id;
  };
  const block = async () =>
    (await world.harness.call(getNoShowBlock, { actor: world.staff, params: { patientId: world.patient.patientId } })).json;

  test("after the limit the patient is told to call, without a reason; staff still books, and lifts it", async () => {
    expect((await world.harness.call(getNoShowPolicy, { actor: world.staff })).json.limit).toBe(2);
    await miss("2026-11-24");
    await miss("2026-11-25", true);
    expect(await block()).toMatchObject({ count: 1, limit: 2, blocked: false });
    await miss("2026-11-26");
    expect(await block()).toMatchObject({ count: 2, blocked: true });
    const wish = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: at("08:00", "2026-11-27") };
    const refused = await world.harness.call(book, { actor: world.patient, body: wish, headers: freshKey() });
    expect(refused).toMatchObject({ status: 403, json: { code: "online-booking-closed" } });
    expect(JSON.stringify(refused.json)).not.toMatch(/show|missed/i);
    expect((await world.harness.call(hold, { actor: world.patient, body: wish })).json.code).toBe("online-booking-closed");
    await world.database.owner`insert into patients values (${world.patient.patientId})`;
    await booked(world.staff, { ...wish, patientId: world.patient.patientId });
    await world.harness.call(liftNoShowBlock, { actor: world.staff, params: { patientId: world.patient.patientId }, body: {} });
    expect(await block()).toMatchObject({ count: 0, blocked: false });
    await booked(world.patient, { ...wish, start: at("08:20", "2026-11-27") });
  });

  test("a clinic may choose another limit, or none", async () => {
    const put = (limit: number | null) => world.harness.call(putNoShowPolicy, { actor: world.staff, body: { limit } });
    await put(1);
    await miss("2026-11-24");
    expect(await block()).toMatchObject({ count: 1, limit: 1, blocked: true });
    await put(null);
    expect(await block()).toMatchObject({ limit: null, blocked: false });
    expect((await world.harness.call(putNoShowPolicy, { actor: world.staff, body: { limit: 0 } })).json.code).toBe("invalid-input");
  });

  test("a patient without a visit here, and another clinic, are unknown", async () => {
    const other = { actor: world.staff, params: { patientId: await world.knownPatient() } };
    expect((await world.harness.call(getNoShowBlock, other)).json.code).toBe("not-found");
    expect((await world.harness.call(liftNoShowBlock, { ...other, body: {} })).json.code).toBe("not-found");
    const foreign = { actor: world.staff, query: { clinicId: `cli_${"0".repeat(32)}` } };
    expect((await world.harness.call(getNoShowPolicy, foreign)).json.code).toBe("not-found");
  });
});

test("visits written together each keep the way they were booked", async () => {
  const patientId = await world.knownPatient();
  const ids = await Promise.all(
    ["08:00", "08:20", "08:40", "09:00"].map((time, index) =>
      index % 2 ? booked(world.staff, { start: at(time), patientId }) : booked(patientActor(), { start: at(time) }),
    ),
  );
  expect(await Promise.all(ids.map(async (id) => (await show(id)).channel))).toEqual(["online", "clinic", "online", "clinic"]);
});

test("lists tell a visit as it is shown alone", async () => {
  const id = await booked();
  await move(world.staff, id, { start: at("08:20") });
  await say(id, "arrived");
  const list = await world.harness.call(listAppointments, { actor: world.staff, query: { doctorId: world.doctorId } });
  expect(list.json.items).toEqual([await show(id)]);
});
