import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { book, cancel, getAppointment, hold, listAppointments, listSlots } from "@episante/contracts/appointment";
import { visitCalendarFile } from "@episante/contracts/calendar-feed";
import { doctorActor, patientActor, staffActor } from "@episante/testkit/actors";
import { bookingWorld, freshKey, mondayMorning, tally, tuesdayNine, type World } from "../../test/world.ts";

let world: World;
beforeEach(async () => {
  world = await bookingWorld();
});
afterEach(() => world.close());

function bookAs(actor: World["staff"], more: Record<string, unknown> = {}, headers: Record<string, string> = freshKey()) {
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine, ...more };
  return world.harness.call(book, { actor, body, headers });
}

describe("booking", () => {
  test("a patient books an offered time and sees the visit", async () => {
    const answer = await bookAs(world.patient);
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({
      status: "booked",
      start: tuesdayNine,
      end: "2026-11-24T08:20:00.000Z",
      zone: "Europe/Paris",
      patientId: world.patient.patientId,
      cancelUntil: "2026-11-24T04:00:00.000Z",
    });
    const seen = await world.harness.call(getAppointment, { actor: world.patient, params: { id: answer.json.id } });
    expect(seen.json).toMatchObject(answer.json);
    const own = await world.harness.call(listAppointments, { actor: world.patient });
    expect(own.json.items).toEqual([seen.json]);
    expect(await world.events()).toEqual(["appointment.booked", "appointment.openings-changed"]);
    const query = { doctorId: world.doctorId, reasonId: world.reasons.r20, from: "2026-11-24", to: "2026-11-24" };
    const slots = await world.harness.call(listSlots, { query });
    expect(slots.json.items).toHaveLength(8);
    expect(slots.json.items[0].start).toBe("2026-11-24T08:20:00.000Z");
  });

  test("fifty at once for one time: one is booked, forty-nine are told what is free", async () => {
    const patients = Array.from({ length: 50 }, () => patientActor());
    const answers = await Promise.all(
      patients.map((patient, index) => bookAs(patient, { reasonId: index % 2 ? world.reasons.r20 : world.reasons.r40 })),
    );
    expect(tally(answers)).toEqual({ "201": 1, "slot-taken": 49 });
    const winner = answers.find((answer) => answer.status === 201)?.json;
    for (const { json } of answers.filter((answer) => answer.status === 409)) {
      expect(json.alternatives).toHaveLength(3);
      for (const alternative of json.alternatives) {
        expect(Object.keys(alternative).sort()).toEqual(["end", "start", "zone"]);
        expect(alternative.start >= winner.end || alternative.end <= winner.start).toBe(true);
      }
    }
    const rows = await world.database.owner`select id from appointments`;
    expect(rows).toHaveLength(1);
  });

  test("visits of different length may not overlap, whoever books", async () => {
    const offGrid = "2026-11-24T08:10:00.000Z";
    const patientId = await world.knownPatient();
    const staffBooks = () => bookAs(world.staff, { start: offGrid, patientId });
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => bookAs(patientActor(), { reasonId: world.reasons.r40 })),
      staffBooks(),
      staffBooks(),
    ]);
    expect(tally(answers)).toEqual({ "201": 1, "slot-taken": 11 });
    const busy = await world.database.owner`select 1 from busy where state = 'booked'`;
    expect(busy).toHaveLength(1);
  });

  test("an existing shorter visit strictly inside the wanted time is seen", async () => {
    await bookAs(world.staff, {
      start: "2026-11-24T08:10:00.000Z",
      reasonId: world.reasons.byPhone,
      patientId: await world.knownPatient(),
    });
    expect((await bookAs(world.patient, { reasonId: world.reasons.r40 })).json.code).toBe("slot-taken");
  });

  test("the database refuses overlaps by itself, whatever the code does", async () => {
    await bookAs(world.patient);
    const insert = world.database.owner`insert into busy (doctor_id, during, state, holder)
      values (${world.doctorId}, tstzrange('2026-11-24T08:19:00Z', '2026-11-24T08:21:00Z', '[)'), 'booked', 'apt_x')`;
    await expect(insert.then(() => "inserted")).rejects.toMatchObject({ code: "23P01", constraint_name: "busy_no_overlap" });
  });

  test("the database knows apart times that touch, times that share a microsecond, lanes and doctors", async () => {
    const { owner } = world.database;
    let count = 0;
    const insert = (from: string, to: string | null, lane = 0, doctor = world.doctorId) =>
      owner`insert into busy (doctor_id, lane, during, state, holder)
        values (${doctor}, ${lane}, tstzrange(${from}::text::timestamptz, ${to}::text::timestamptz, '[)'), 'booked', ${`apt_${count++}`})`.then(
        () => "inserted",
        (error: { code: string }) => error.code,
      );
    const [nine, ten] = ["2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z"];
    expect(await insert(nine, ten)).toBe("inserted");
    expect(await insert(ten, "2026-11-24T10:20:00Z")).toBe("inserted");
    expect(await insert("2026-11-24T08:00:00Z", nine)).toBe("inserted");
    expect(await insert("2026-11-24T07:00:00Z", "2026-11-24T08:00:00.000001Z")).toBe("23P01");
    expect(await insert("2026-11-24T10:19:59.999999Z", "2026-11-24T11:00:00Z")).toBe("23P01");
    expect(await insert(nine, ten, 1)).toBe("inserted");
    expect(await insert(nine, ten, 0, "doc_other")).toBe("inserted");
    expect(await insert("2026-11-25T09:00:00Z", null)).toBe("inserted");
    expect(await insert("2999-11-24T09:00:00Z", "2999-11-24T09:20:00Z")).toBe("23P01");
  });

  test("a request that waits for the clinic's answer takes its time like a visit: not listed, held, booked, or made a second time", async () => {
    const { owner } = world.database;
    const { id } = (await bookAs(world.patient)).json;
    await owner`update appointments set status = 'pending' where id = ${id}`;
    await owner`update busy set state = 'pending' where holder = ${id}`;
    const place = { doctorId: world.doctorId, reasonId: world.reasons.r20 };
    const { items } = (await world.harness.call(listSlots, { query: { ...place, from: "2026-11-24", to: "2026-11-24" } })).json;
    expect(items.map(({ start }: { start: string }) => start)).not.toContain(tuesdayNine);
    const rival = patientActor();
    expect((await world.harness.call(hold, { actor: rival, body: { ...place, start: tuesdayNine } })).json.code).toBe("slot-taken");
    expect((await bookAs(rival)).json.code).toBe("slot-taken");
    const second = owner`insert into busy (doctor_id, during, state, holder)
      select doctor_id, during, 'pending', 'apt_x' from busy where holder = ${id}`;
    await expect(second.then(() => "inserted")).rejects.toMatchObject({ code: "23P01" });
  });

  test("a double submit with one key makes one visit and one answer", async () => {
    const headers = freshKey();
    const answers = await Promise.all(Array.from({ length: 8 }, () => bookAs(world.patient, {}, headers)));
    expect(tally(answers)).toEqual({ "201": 8 });
    expect(new Set(answers.map((answer) => answer.json.id)).size).toBe(1);
    expect((await world.events()).filter((type) => type === "appointment.booked")).toHaveLength(1);
    const other = await bookAs(world.patient, { start: "2026-11-24T08:40:00.000Z" }, headers);
    expect(other.json.code).toBe("idempotency-mismatch");
    expect((await bookAs(patientActor(), {}, headers)).json.code).toBe("slot-taken");
  });

  test("a key is required", async () => {
    expect((await bookAs(world.patient, {}, {})).json.code).toBe("idempotency-key-required");
  });

  test("times in the past, outside hours, off the offered grid, too far ahead or by telephone only have codes of their own", async () => {
    const code = async (more: Record<string, unknown>) => (await bookAs(world.patient, more)).json.code;
    expect(await code({ start: "2026-11-20T08:00:00Z" })).toBe("slot-in-past");
    expect(await code({ start: new Date(mondayMorning).toISOString() })).toBe("slot-in-past");
    expect(await code({ start: "2026-11-24T12:00:00Z" })).toBe("slot-outside-hours");
    expect(await code({ start: "2026-11-24T10:50:00Z" })).toBe("slot-outside-hours");
    expect(await code({ start: "2026-11-24T08:10:00Z" })).toBe("slot-outside-hours");
    expect(await code({ start: "2026-11-28T08:00:00Z" })).toBe("slot-outside-hours");
    expect(await code({ start: "2027-06-01T07:00:00Z" })).toBe("slot-outside-hours");
    expect(await code({ start: "9999-12-31T23:59:59Z" })).toBe("slot-outside-hours");
    expect(await code({ start: "0001-01-01T00:00:00Z" })).toBe("slot-in-past");
    expect(await code({ reasonId: world.reasons.byPhone })).toBe("slot-outside-hours");
    expect(await code({ reasonId: world.reasons.others })).toBe("not-found");
    expect(await code({ doctorId: `doc_${"0".repeat(32)}` })).toBe("not-found");
  });

  test("an offset instead of Z names the same instant", async () => {
    expect((await bookAs(world.patient, { start: "2026-11-24T09:00:00+01:00" })).json.start).toBe(tuesdayNine);
  });

  test("staff and doctors of the clinic book for a patient; others cannot tell that anything exists", async () => {
    const patientId = await world.knownPatient();
    expect((await bookAs(world.staff, { patientId: patientActor().patientId })).json.code).toBe("not-found");
    const byStaff = await bookAs(world.staff, { patientId });
    expect(byStaff).toMatchObject({ status: 201, json: { patientId } });
    const byDoctor = await bookAs(world.doctor, { patientId, start: "2026-11-24T08:20:00Z" });
    expect(byDoctor.status).toBe(201);
    const start = "2026-11-24T08:40:00Z";
    for (const stranger of [world.patient, staffActor(), doctorActor()]) {
      expect((await bookAs(stranger, { patientId, start })).json.code).toBe("not-found");
    }
    expect((await bookAs(world.staff, { start })).json).toMatchObject({ code: "invalid-input", errors: [{ path: "patientId" }] });
  });

  test("a hold beats a booking, and its owner's own booking beats the hold", async () => {
    const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
    await world.harness.call(hold, { actor: world.patient, body });
    const late = await bookAs(patientActor());
    expect(late.json.code).toBe("slot-taken");
    expect(late.json.alternatives.map((slot: { start: string }) => slot.start)).not.toContain(tuesdayNine);
    expect((await bookAs(world.patient)).status).toBe(201);
  });

  test("hold against book, many at once: one has the time", async () => {
    const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 ? bookAs(patientActor()) : world.harness.call(hold, { actor: patientActor(), body }),
      ),
    );
    expect(tally(answers)).toEqual({ "201": 1, "slot-taken": 19 });
  });
});

describe("cancelling", () => {
  const cancelAs = (actor: World["staff"], id: string, body: Record<string, unknown> = {}) =>
    world.harness.call(cancel, { actor, params: { id }, body });

  test("frees the time, keeps who, when and why, and tells others", async () => {
    const { id } = (await bookAs(world.patient)).json;
    const answer = await cancelAs(world.patient, id, { reason: "travelling" });
    expect(answer).toMatchObject({ status: 200, json: { id, status: "cancelled", cancelReason: "travelling" } });
    expect((await cancelAs(world.patient, id)).json.code).toBe("already-cancelled");
    expect((await bookAs(patientActor())).status).toBe(201);
    const [row] = await world.database.owner`select cancelled_by, status from appointments where id = ${id}`;
    expect(row).toMatchObject({ cancelled_by: world.patient.accountId, status: "cancelled" });
    const [event] = await world.database.owner`select payload from outbox where type = 'appointment.cancelled'`;
    expect(JSON.parse(event?.payload).data).toMatchObject({ appointmentId: id, by: "patient" });
  });

  test("ends for patients at the reason's limit, not for staff", async () => {
    const { id } = (await bookAs(world.patient)).json;
    world.clock.set(Date.parse("2026-11-24T04:00:01Z"));
    expect((await cancelAs(world.patient, id)).json).toMatchObject({ code: "wrong-state", detail: expect.stringContaining("clinic") });
    expect((await cancelAs(world.staff, id)).json).toMatchObject({ status: "cancelled" });
  });

  test("two at once: one cancels, one is told", async () => {
    const { id } = (await bookAs(world.patient)).json;
    const answers = await Promise.all([cancelAs(world.patient, id), cancelAs(world.staff, id)]);
    expect(tally(answers)).toEqual({ "200": 1, "already-cancelled": 1 });
  });
});

test("a doctor who takes no bookings online any more: nobody books, and patients still see, file and cancel what they have", async () => {
  const { id } = (await bookAs(world.patient)).json;
  await world.database.owner`update reasons set is_online = false where doctor_id = ${world.doctorId}`;
  expect((await bookAs(patientActor(), { start: "2026-11-24T08:40:00.000Z" })).json.code).toBe("slot-outside-hours");
  const mine = await world.harness.call(listAppointments, { actor: world.patient });
  expect(mine.json.items.map((visit: { id: string }) => visit.id)).toEqual([id]);
  for (const endpoint of [getAppointment, visitCalendarFile])
    expect((await world.harness.call(endpoint, { actor: world.patient, params: { id } })).status).toBe(200);
  expect((await world.harness.call(cancel, { actor: world.patient, params: { id }, body: {} })).json.status).toBe("cancelled");
});

describe("another patient's visit", () => {
  test("answers exactly like one that does not exist", async () => {
    const { id } = (await bookAs(world.patient)).json;
    for (const stranger of [patientActor(), staffActor(), doctorActor()]) {
      for (const target of [id, `apt_${"0".repeat(32)}`]) {
        const answers = [
          await world.harness.call(getAppointment, { actor: stranger, params: { id: target } }),
          await world.harness.call(cancel, { actor: stranger, params: { id: target }, body: {} }),
        ];
        for (const answer of answers)
          expect({ ...answer.json, traceId: "" }).toEqual({ ...answers[0]?.json, code: "not-found", traceId: "" });
      }
      const list = await world.harness.call(listAppointments, { actor: stranger, query: { patientId: world.patient.patientId } });
      expect(list.json.items ?? []).toEqual([]);
    }
  });

  test("stays hidden by the database itself when an access decision is too wide", async () => {
    const { id } = (await bookAs(world.patient)).json;
    const { grant } = await import("@episante/service/db");
    const { findVisit } = await import("../storage/visits.ts");
    const other = await world.database.db.transaction(grant.patients([patientActor().patientId]), (tx) => findVisit(tx, id));
    expect(other).toBeNull();
  });
});

describe("the agenda", () => {
  test("shows members of the clinic its visits, pages without losing or repeating any, and reads are audited", async () => {
    const starts = ["08:00", "08:20", "08:40", "09:00", "09:20"].map((time) => `2026-11-24T${time}:00.000Z`);
    for (const start of starts) await bookAs(patientActor(), { start });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const answer = await world.harness.call(listAppointments, {
        actor: world.doctor,
        query: { doctorId: world.doctorId, limit: 2, cursor },
      });
      expect(answer.status).toBe(200);
      seen.push(...answer.json.items.map((visit: { start: string }) => visit.start));
      cursor = answer.json.next;
    } while (cursor);
    expect(seen).toEqual(starts);
    const records = await world.database.owner`select payload from outbox where payload like '%appointment.list%'`;
    expect(JSON.parse(records[0]?.payload).patientIds).toHaveLength(2);
  });

  test("covers at most 62 days and refuses a made-up cursor", async () => {
    const query = { from: "2026-01-01T00:00:00Z", to: "2026-12-31T00:00:00Z" };
    expect((await world.harness.call(listAppointments, { actor: world.staff, query })).json.code).toBe("invalid-input");
    expect((await world.harness.call(listAppointments, { actor: world.staff, query: { cursor: "x" } })).json.code).toBe("invalid-input");
    const foreign = await world.harness.call(listAppointments, { actor: staffActor(), query: { doctorId: world.doctorId } });
    expect(foreign.json.code).toBe("not-found");
  });
});
