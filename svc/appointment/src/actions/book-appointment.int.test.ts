import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { book, hold, putSchedule } from "@episante/contracts/appointment";
import { openDatabase } from "@episante/service/db";
import type { CommandEnvelope } from "@episante/service/grouped-action";
import { makeGroups } from "@episante/service/groups";
import { newId } from "@episante/service/ids";
import { patientActor } from "@episante/testkit/actors";
import { type Harness, harness, testDeps } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";
import { cuttableServer } from "../../test/cuttable-server.ts";
import { bookingWorld, freshKey, mondayMorning, tally, tuesdayNine, type World, weekdays } from "../../test/world.ts";
import { routes } from "../app.ts";
import { type BookingCommand, writeBookings } from "../storage/bookings.ts";

let world: World;
beforeEach(async () => {
  world = await bookingWorld();
});
afterEach(() => world.close());

const minutes = (count: number) => new Date(Date.parse(tuesdayNine) + count * 60_000).toISOString();
function bookAs(actor: World["staff"], more: Record<string, unknown> = {}, headers: Record<string, string> = freshKey(), app?: Harness) {
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine, ...more };
  return (app ?? world.harness).call(book, { actor, body, headers });
}
const bookedEvents = async () => (await world.events()).filter((type) => type === "appointment.booked").length;

/** Another instance of the service on the same database. */
async function otherInstance(url: string) {
  const db = openDatabase(url, { name: "other" });
  const app = await harness({ service: "appointment", routes: routes(testDeps("appointment", db, world.clock)) });
  return { app, close: () => db.close() };
}

describe("many at once", () => {
  test("two hundred for one time, in two instances: one visit, one event, the others are told what is free", async () => {
    const second = await otherInstance(world.database.url);
    try {
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, index) => bookAs(patientActor(), {}, freshKey(), index % 2 ? second.app : world.harness)),
      );
      expect(tally(answers)).toEqual({ "201": 1, "slot-taken": 199 });
      for (const { json } of answers.filter(({ status }) => status === 409)) expect(json.alternatives).toHaveLength(3);
    } finally {
      await second.close();
    }
    expect(await world.database.owner`select 1 from appointments`).toHaveLength(1);
    expect(await world.database.owner`select 1 from busy`).toHaveLength(1);
    expect(await bookedEvents()).toBe(1);
    const records = await world.database.owner`select payload from outbox where type = 'audit'`;
    const outcomes = records.map((row) => JSON.parse(row.payload)).map(({ outcome, reason }) => reason ?? outcome);
    expect(outcomes.filter((outcome) => outcome === "slot-taken")).toHaveLength(199);
    expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(1);
  });

  test("fifty of two lengths and the staff ten minutes later: one has the time, and its retry is the same visit", async () => {
    const patientId = await world.knownPatient();
    const requests = [
      ...Array.from({ length: 50 }, (_, index) => {
        const [actor, key] = [patientActor(), freshKey()];
        return () => bookAs(actor, { reasonId: index % 2 ? world.reasons.r20 : world.reasons.r40 }, key);
      }),
      (
        (key) => () =>
          bookAs(world.staff, { start: minutes(10), patientId }, key)
      )(freshKey()),
    ];
    const answers = await Promise.all(requests.map((request) => request()));
    expect(tally(answers)).toEqual({ "201": 1, "slot-taken": 50 });
    const winner = answers.findIndex(({ status }) => status === 201);
    expect((await requests[winner]?.())?.json).toEqual(answers[winner]?.json);
    expect(await bookedEvents()).toBe(1);
  });

  test("different times of two doctors in one breath are all booked, each patient's record names only that patient", async () => {
    const patients = Array.from({ length: 12 }, () => patientActor());
    const answers = await Promise.all(
      patients.map((patient, index) => {
        const other = index % 2 ? { doctorId: world.otherDoctorId, reasonId: world.reasons.others } : {};
        return bookAs(patient, { start: minutes(20 * Math.floor(index / 2)), ...other });
      }),
    );
    expect(tally(answers)).toEqual({ "201": 12 });
    const records = await world.database.owner`select payload from outbox where type = 'audit' and payload like '%"ok"%'`;
    const named = records.map((row) => JSON.parse(row.payload).patientIds as string[]);
    expect(named.map(([only, ...others]) => (others.length === 0 ? only : "more")).sort()).toEqual(
      patients.map(({ patientId }) => patientId).sort(),
    );
  });
});

describe("judged facts", () => {
  test("are not used once they changed: hours, reasons and the membership of the doctor", async () => {
    expect((await bookAs(world.patient)).status).toBe(201);
    const { owner } = world.database;
    await owner`update reasons set minutes = 30 where reason_id = ${world.reasons.r20}`;
    expect((await bookAs(world.patient, { start: minutes(30) })).json).toMatchObject({ start: minutes(30), end: minutes(60) });
    const windows = weekdays.windows.map((window) => ({ ...window, to: "10:30" }));
    await world.harness.call(putSchedule, {
      actor: world.staff,
      params: { doctorId: world.doctorId },
      body: { ...weekdays, windows },
    });
    expect((await bookAs(world.patient, { start: minutes(90) })).json.code).toBe("slot-outside-hours");
    expect((await bookAs(world.patient, { start: minutes(60) })).status).toBe(201);
    await owner`update doctors set is_active = false where doctor_id = ${world.doctorId}`;
    expect((await bookAs(world.patient, { start: minutes(60 * 24) })).json.code).toBe("not-found");
  });

  test("that forbade a time are read anew before the time is refused", async () => {
    expect((await bookAs(world.patient)).status).toBe(201);
    expect((await bookAs(world.patient, { start: minutes(10) })).json.code).toBe("slot-outside-hours");
    await world.database.owner`update reasons set minutes = 10 where reason_id = ${world.reasons.r20}`;
    expect((await bookAs(world.patient, { start: minutes(30) })).status).toBe(201);
  });
});

describe("an answer that is lost", () => {
  test("between commit and reply is found again by its key: one visit, one event", async () => {
    const between = await cuttableServer(world.database.url);
    const first = await otherInstance(between.url);
    const second = await otherInstance(world.database.url);
    try {
      // Facts in memory and a prepared statement: the next answer of the database is that of the booking.
      expect((await bookAs(patientActor(), {}, freshKey(), first.app)).status).toBe(201);
      await world.events();
      await Bun.sleep(100);
      between.loseNextAnswer();
      const headers = freshKey();
      const answer = await bookAs(world.patient, { start: minutes(40) }, headers, first.app);
      expect(between.lost()).toBe(1);
      expect(answer.status).toBe(201);
      const again = await bookAs(world.patient, { start: minutes(40) }, headers, second.app);
      expect(again).toMatchObject({ status: 201, json: answer.json });
      expect(await world.database.owner`select id from appointments where starts_at = ${minutes(40)}`).toMatchObject([
        { id: answer.json.id },
      ]);
      expect(await bookedEvents()).toBe(2);
      // Not judged again either: by now the time lies in the past.
      world.clock.set(Date.parse(minutes(200)));
      expect((await bookAs(world.patient, { start: minutes(40) }, headers, second.app)).json).toEqual(answer.json);
    } finally {
      await Promise.all([first.close(), second.close()]);
      between.close();
    }
  });

  test("because the process died after the commit is found by another process, which the patient asks again", async () => {
    const between = await cuttableServer(world.database.url);
    const dying = await otherInstance(between.url);
    const next = await otherInstance(world.database.url);
    try {
      expect((await bookAs(patientActor(), {}, freshKey(), dying.app)).status).toBe(201);
      await world.events();
      await Bun.sleep(100);
      between.loseNextAnswer();
      const headers = freshKey();
      const unanswered = bookAs(world.patient, { start: minutes(40) }, headers, dying.app);
      await waitFor(() => between.lost() === 1);
      // From here on the first process reaches nothing any more, as one that was killed.
      between.close();
      const answer = await bookAs(world.patient, { start: minutes(40) }, headers, next.app);
      expect(answer.status).toBe(201);
      expect((await unanswered).status).toBe(503);
      const rows = await world.database.owner`select id from appointments where starts_at = ${minutes(40)}`;
      expect(rows).toMatchObject([{ id: answer.json.id }]);
      expect(await bookedEvents()).toBe(2);
    } finally {
      await Promise.all([dying.close(), next.close()]);
    }
  });
});

describe("one group", () => {
  const { submit } = makeGroups<BookingCommand & CommandEnvelope, Awaited<ReturnType<typeof writeBookings>>[number]>({
    write: (commands) => writeBookings(world.database.db, commands),
  });
  async function commandOf(patient: { patientId: string }, more: Partial<BookingCommand & CommandEnvelope> = {}) {
    const [row] = await world.database.owner`select version from doctors where doctor_id = ${world.doctorId}`;
    const [starts_at, ends_at] = [more.starts_at ?? tuesdayNine, more.ends_at ?? minutes(20)];
    return {
      actor: "acc_1",
      key: crypto.randomUUID(),
      action: "appointment.book",
      input_hash: "hash",
      answer: "{}",
      patients: patient.patientId,
      clinics: "",
      messages: [],
      version: Number(row?.version),
      counted: false,
      hold_id: null,
      lane: 0,
      overbooked_reason: null,
      busy_from: starts_at,
      busy_to: ends_at,
      id: newId("apt", mondayMorning),
      clinic_id: world.clinicId,
      doctor_id: world.doctorId,
      patient_id: patient.patientId,
      reason_id: world.reasons.r20,
      starts_at,
      ends_at,
      zone: "Europe/Paris",
      cancel_until: tuesdayNine,
      booked_at: new Date(mondayMorning).toISOString(),
      booked_by: "acc_1",
      ...more,
    };
  }

  test("answers a key used twice once, and refuses it for another request", async () => {
    const [first, other] = [await commandOf(world.patient), await commandOf(patientActor())];
    const { key } = first;
    const again = { ...first, id: newId("apt", mondayMorning), answer: "another" };
    const results = await Promise.all([
      submit(first),
      submit(again),
      submit(await commandOf(world.patient, { key, input_hash: "another", starts_at: minutes(20), ends_at: minutes(40) })),
      submit({ ...other, key, actor: "acc_2", starts_at: minutes(40), ends_at: minutes(60), busy_from: minutes(40), busy_to: minutes(60) }),
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(["written", "replayed", "mismatch", "written"]);
    expect(results[1]?.answer).toBe(first.answer);
    expect(await world.database.owner`select 1 from appointments`).toHaveLength(2);
  });

  test("refuses data that the database cannot take alone", async () => {
    const [a, b] = [patientActor(), patientActor()];
    const results = await Promise.allSettled([
      submit(await commandOf(a)),
      submit(await commandOf(b, { cancel_until: "not a time" })),
      submit(await commandOf(b, { starts_at: minutes(20), ends_at: minutes(40) })),
    ]);
    expect(results.map((result) => (result.status === "fulfilled" ? result.value.outcome : result.reason.code))).toEqual([
      "written",
      "22P02",
      "written",
    ]);
  });

  test("writes the first of those that want overlapping times, and refuses the others", async () => {
    const wanted = [
      await commandOf(patientActor(), { starts_at: minutes(0), ends_at: minutes(40) }),
      await commandOf(patientActor(), { starts_at: minutes(20), ends_at: minutes(60) }),
      await commandOf(patientActor(), { starts_at: minutes(40), ends_at: minutes(60) }),
      await commandOf(patientActor(), { starts_at: minutes(20), ends_at: minutes(40), lane: 1, overbooked_reason: "urgent" }),
    ];
    const outcomes = await writeBookings(world.database.db, wanted);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["written", "taken", "written", "written"]);
    expect(await world.database.owner`select 1 from appointments`).toHaveLength(3);
  });

  test("has an outcome for each also when the constraint refuses one that looked free", async () => {
    const { owner } = world.database;
    const [one, other] = [
      await commandOf(patientActor()),
      await commandOf(patientActor(), { starts_at: minutes(20), ends_at: minutes(40) }),
    ];
    let outcomes: Promise<Awaited<ReturnType<typeof writeBookings>>> | undefined;
    // Not seen before it commits, and written without the lock of its doctor.
    await owner.begin(async (tx) => {
      await tx`insert into busy (doctor_id, during, state, holder)
        values (${world.doctorId}, tstzrange(${minutes(10)}::text::timestamptz, ${minutes(15)}::text::timestamptz, '[)'), 'booked', 'apt_x')`;
      outcomes = writeBookings(world.database.db, [one, other]);
      await waitFor(async () => (await owner`select 1 from pg_locks where not granted`).length > 0);
    });
    expect((await outcomes)?.map(({ outcome }) => outcome)).toEqual(["taken", "written"]);
  });

  test("keeps texts as they are, with whatever they hold", async () => {
    const odd = { key: "a\u001eb", overbooked_reason: 'one, "two"\\ {three}\nNULL\u001f', lane: 1 };
    const message = { id: "evt_1", type: "t", subject: "s", payload: '{"a":"\\u001e,\\"é"}' };
    const plain = { overbooked_reason: 'one, "two"\\ {three}\nNULL', lane: 2, answer: '{"a":"\\"\\\\"}', messages: [message] };
    const outcomes = await Promise.all([
      submit(await commandOf(patientActor(), odd)),
      submit(await commandOf(patientActor(), plain)),
      submit(await commandOf(patientActor())),
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["written", "written", "written"]);
    const rows = await world.database.owner`
      select overbooked_reason, answer, starts_at, k.key = ${odd.key} as is_odd from appointments a join idempotency k on k.answer is not null
        and (k.key = ${odd.key}) = (a.overbooked_reason = ${odd.overbooked_reason}) and (k.answer = ${plain.answer}) = (a.overbooked_reason = ${plain.overbooked_reason})
      where overbooked_reason is not null order by overbooked_reason`;
    expect(rows.map((row) => [row.overbooked_reason, row.answer, row.is_odd, row.starts_at.toISOString()])).toEqual([
      [plain.overbooked_reason, plain.answer, false, tuesdayNine],
      [odd.overbooked_reason, "{}", true, tuesdayNine],
    ]);
    expect(await world.database.owner`select 1 from appointments where overbooked_reason is null`).toHaveLength(1);
  });

  test("cannot write or take for a patient whom no command of its own was granted", async () => {
    const [a, b, stranger] = [patientActor(), patientActor(), patientActor()];
    const held = await world.harness.call(hold, {
      actor: stranger,
      body: { doctorId: world.doctorId, reasonId: world.reasons.r20, start: minutes(80) },
    });
    const results = await Promise.allSettled([
      submit(await commandOf(a)),
      submit(await commandOf(b, { starts_at: minutes(20), ends_at: minutes(40) })),
      submit(await commandOf(b, { starts_at: minutes(40), ends_at: minutes(60), patient_id: a.patientId })),
      submit(await commandOf(b, { hold_id: held.json.id, booked_by: stranger.accountId, starts_at: minutes(80), ends_at: minutes(100) })),
    ]);
    expect(results.map((result) => (result.status === "fulfilled" ? result.value.outcome : result.reason.code))).toEqual([
      "written",
      "written",
      "42501",
      "hold-expired",
    ]);
    const rows = await world.database.owner`select patient_id from appointments order by starts_at`;
    expect(rows.map((row) => row.patient_id)).toEqual([a.patientId, b.patientId]);
  });

  test("tells who judged by old facts, and writes nothing for it", async () => {
    const outcome = await submit(await commandOf(patientActor(), { version: -1 }));
    expect(outcome.outcome).toBe("stale");
    expect(await world.database.owner`select 1 from busy`).toHaveLength(0);
  });

  test("keeps for each visit how it was booked, also for a patient whom the clinic books for beside others", async () => {
    const [self, other] = [patientActor(), patientActor()];
    const byClinic = { patients: "", clinics: world.clinicId, patient_id: self.patientId };
    const outcomes = await Promise.all([
      submit(await commandOf(self)),
      submit(await commandOf(self, { ...byClinic, starts_at: minutes(20), ends_at: minutes(40) })),
      submit(await commandOf(other, { starts_at: minutes(40), ends_at: minutes(60) })),
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["written", "written", "written"]);
    const rows = await world.database.owner`select channel from appointments order by starts_at`;
    expect(rows.map(({ channel }) => channel)).toEqual(["online", "clinic", "online"]);
  });

  test("is written as well when a process of the version before sends all of it to be written one by one", async () => {
    const commands = [
      await commandOf(patientActor()),
      await commandOf(patientActor(), { starts_at: minutes(20), ends_at: minutes(40) }),
      await commandOf(patientActor()),
    ];
    const rows = await world.database.db.bulk`select outcome from book_visits(${JSON.stringify(commands)}::text::jsonb)`;
    expect(rows.map(({ outcome }) => outcome)).toEqual(["written", "written", "taken"]);
    expect(await world.database.owner`select 1 from appointments where channel = 'online'`).toHaveLength(2);
  });

  test("leaves times that nobody can delete as long as they are a visit's", async () => {
    await submit(await commandOf(patientActor()));
    await expect(world.database.owner`delete from busy`.execute()).rejects.toThrow("released, not deleted");
    await expect(world.database.db.bulk`delete from busy`.execute()).rejects.toThrow("permission denied");
    expect(await world.database.owner`select 1 from appointments a join busy b on b.id = a.busy_id and b.holder = a.id`).toHaveLength(1);
  });

  test("takes the visit's buffers with it, and lets a member overbook in a lane of its own with a reason", async () => {
    const wide = await commandOf(patientActor(), { busy_from: minutes(-10), busy_to: minutes(30) });
    expect((await submit(wide)).outcome).toBe("written");
    const inBuffer = { starts_at: minutes(20), ends_at: minutes(40) };
    expect((await submit(await commandOf(patientActor(), inBuffer))).outcome).toBe("taken");
    const over = { ...inBuffer, lane: 1, overbooked_reason: "urgent" };
    expect((await submit(await commandOf(patientActor(), over))).outcome).toBe("written");
    expect((await submit(await commandOf(patientActor(), over))).outcome).toBe("taken");
  });

  test("a refused booking leaves the caller's own hold where it is, a booked one ends it", async () => {
    const holdAt = (actor: World["staff"], start: string) =>
      world.harness.call(hold, { actor, body: { doctorId: world.doctorId, reasonId: world.reasons.r20, start } });
    expect((await holdAt(world.patient, minutes(40))).status).toBe(201);
    expect((await holdAt(patientActor(), minutes(60))).status).toBe(201);
    const live = async () => (await world.database.owner`select 1 from busy where state = 'hold'`).length;
    expect((await bookAs(world.patient, { start: minutes(60) })).json.code).toBe("slot-taken");
    expect(await live()).toBe(2);
    expect((await bookAs(world.patient, { start: minutes(80) })).status).toBe(201);
    expect(await live()).toBe(1);
    world.clock.advance(10 * 60_000);
    expect((await bookAs(world.patient, { start: minutes(60) })).status).toBe(201);
    expect(await live()).toBe(0);
  });
});

test("openings follow a booking that changes them, without another request, and not one that lies behind them", async () => {
  await bookAs(world.patient);
  expect(await world.events()).toEqual(["appointment.booked", "appointment.openings-changed"]);
  await bookAs(patientActor(), { start: "2026-12-15T08:00:00.000Z" });
  expect(await world.events()).toEqual(["appointment.booked", "appointment.openings-changed", "appointment.booked"]);
});
