import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  book,
  cancel,
  getClosures,
  getSchedule,
  hold,
  importClosures,
  listSlots,
  previewSchedule,
  putClosures,
  putSchedule,
  whyNot,
} from "@episante/contracts/appointment";
import type { UserActor } from "@episante/contracts/session";
import { moveVisit } from "@episante/contracts/visit";
import { adminActor, patientActor } from "@episante/testkit/actors";
import { bookingWorld, freshKey, tally, tuesdayNine, type World, weekdays } from "../../test/world.ts";

let world: World;
beforeEach(async () => {
  world = await bookingWorld();
});
afterEach(() => world.close());

const tuesday = "2026-11-24";
const at = (time: string, day = tuesday) => `${day}T${time}:00.000Z`;
const put = (more: Record<string, unknown>) =>
  world.harness.call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body: { ...weekdays, ...more } });
const starts = async (query: Record<string, string> = {}): Promise<string[]> => {
  const asked = { doctorId: world.doctorId, reasonId: world.reasons.r20, from: tuesday, to: query.from ?? tuesday, ...query };
  const answer = await world.harness.call(listSlots, { query: asked });
  return answer.json.items.map((slot: { start: string }) => slot.start.slice(0, 16).replace(`${asked.from}T`, ""));
};
const take = (start: string, more: Record<string, unknown> = {}, actor: UserActor = patientActor()) =>
  world.harness.call(book, {
    actor,
    body: { doctorId: world.doctorId, reasonId: world.reasons.r20, start, ...more },
    headers: freshKey(),
  });
const reason = (more: Record<string, unknown>, id = world.reasons.r20) =>
  world.database.owner`update reasons set ${world.database.owner(more)} where reason_id = ${id}`;
const why = async (query: Record<string, string>) =>
  (await world.harness.call(whyNot, { actor: world.staff, query: { doctorId: world.doctorId, reasonId: world.reasons.r20, ...query } }))
    .json;
const codes = (answer: { blockers: { code: string; binds: string }[] }) => answer.blockers.map(({ code, binds }) => `${code} ${binds}`);

describe("hours", () => {
  test("of every second week, of one date and for one reason are kept as given, and the offer follows", async () => {
    const schedule = {
      windows: [
        { day: 2, from: "09:00", to: "09:40", everyWeeks: 2, anchor: "2026-11-23" },
        { day: 2, from: "14:00", to: "14:40", reasonIds: [world.reasons.r40] },
        { day: 3, from: "09:00", to: "12:00", validFrom: "2026-12-01", validTo: "2026-12-31" },
      ],
      overrides: [
        { day: "2026-11-26", windows: [{ from: "18:00", to: "18:20" }] },
        { day: "2026-12-02", windows: [] },
      ],
    };
    expect((await put(schedule)).status).toBe(200);
    const read = await world.harness.call(getSchedule, { actor: world.staff, params: { doctorId: world.doctorId } });
    expect(read.json).toEqual({ ...weekdays, ...schedule });
    expect(await starts()).toEqual(["08:00", "08:20"]);
    expect(await starts({ reasonId: world.reasons.r40 })).toEqual(["08:00", "13:00"]);
    expect(await starts({ from: "2026-12-01" })).toEqual([]);
    expect(await starts({ from: "2026-11-25" })).toEqual([]);
    expect(await starts({ from: "2026-11-26" })).toEqual(["17:00"]);
    expect(await starts({ from: "2026-12-02" })).toEqual([]);
    expect(await starts({ from: "2026-12-09" })).toHaveLength(9);
  });

  test("that cannot be meant are refused, naming the part", async () => {
    const windows = [{ day: 2, from: "09:00", to: "12:00", everyWeeks: 2 }];
    expect((await put({ windows })).json).toMatchObject({ code: "invalid-input", errors: [{ path: "windows.0.anchor" }] });
    expect((await put({ windows: [{ ...windows[0], everyWeeks: 9, anchor: tuesday }] })).json.code).toBe("invalid-input");
    // Days at the ends of the calendar would have no day after them.
    for (const far of ["0001-01-01", "9999-12-31"]) {
      const window = { day: 1, from: "09:00", to: "12:00" };
      expect((await put({ windows: [window, { ...window, validFrom: far }] })).json.code).toBe("invalid-input");
      expect((await put({ overrides: [{ day: far, windows: [] }] })).json.code).toBe("invalid-input");
      expect((await put({ closures: [far] })).status).toBe(200);
    }
    const overrides = [{ day: tuesday, windows: [] }];
    expect((await put({ overrides, closures: [tuesday] })).json.errors[0].path).toBe("overrides.0.day");
  });
});

describe("a reason's rules", () => {
  test("buffers are taken with the visit: the times in them are gone, also for staff, and a held time has them too", async () => {
    await reason({ buffer_before_minutes: 5, buffer_after_minutes: 15 });
    expect((await take(at("08:40"))).status).toBe(201);
    expect(await starts()).toEqual(["08:00", "09:20", "09:40", "10:00", "10:20", "10:40"]);
    const { owner } = world.database;
    const [row] = await owner`select lower(during) as "from", upper(during) as "to" from busy where state = 'booked'`;
    expect([row?.from, row?.to]).toEqual([new Date(at("08:35")), new Date(at("09:15"))]);
    const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: at("09:10") };
    expect((await world.harness.call(hold, { actor: world.staff, body })).json.code).toBe("slot-taken");
    const held = await world.harness.call(hold, { actor: world.patient, body: { ...body, start: at("09:40") } });
    expect(held.json).toMatchObject({ start: at("09:40"), end: at("10:00") });
    const booked = await world.harness.call(book, { actor: world.patient, body: { holdId: held.json.id }, headers: freshKey() });
    expect(booked.json).toMatchObject({ start: at("09:40"), end: at("10:00") });
    const [last] = await owner`select upper(during) as "to" from busy where state = 'booked' order by during desc`;
    expect(last?.to).toEqual(new Date(at("10:15")));
  });

  test("notice and horizon of the reason go before the schedule's", async () => {
    await reason({ notice_minutes: 1440, horizon_days: 2 });
    expect(await starts({ from: "2026-11-23", to: "2026-12-31" })).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((count) => new Date(Date.parse(tuesdayNine) + count * 1_200_000).toISOString().slice(0, 16)),
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((count) =>
        new Date(Date.parse(at("08:00", "2026-11-25")) + count * 1_200_000).toISOString().slice(0, 16),
      ),
    ]);
    expect((await take(at("08:00", "2026-11-26"))).json).toMatchObject({ code: "slot-outside-hours", why: "horizon" });
    expect((await take(at("08:00", "2026-11-23"))).json).toMatchObject({ code: "slot-outside-hours", why: "notice" });
  });

  test("the daily cap holds when many book at once, frees a place on cancelling, and does not bind staff", async () => {
    await reason({ daily_cap: 2 });
    const times = ["08:00", "08:20", "08:40", "09:00", "09:20", "09:40", "10:00", "10:20", "10:40"];
    const answers = await Promise.all(times.map((time) => take(at(time))));
    expect(tally(answers)).toEqual({ "201": 2, "slot-outside-hours": 7 });
    expect(await starts()).toEqual([]);
    expect(await starts({ from: "2026-11-25" })).toHaveLength(9);
    expect((await take(at("10:40"))).json).toMatchObject({ why: "daily-cap", detail: expect.any(String) });
    const [one] = answers.filter(({ status }) => status === 201);
    await world.harness.call(cancel, { actor: world.staff, params: { id: one?.json.id }, body: {} });
    expect(await starts()).toHaveLength(8);
    const patientId = await world.knownPatient();
    const byStaff = await Promise.all(times.map((time) => take(at(time), { patientId }, world.staff)));
    expect(tally(byStaff)).toEqual({ "201": 8, "slot-taken": 1 });
  });

  test("a time that somebody holds counts for the cap until the hold is over, the own hold does not stand in the way", async () => {
    await reason({ daily_cap: 1 });
    const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: at("08:00") };
    expect((await world.harness.call(hold, { actor: world.patient, body })).status).toBe(201);
    expect((await take(at("09:00"))).json.why).toBe("daily-cap");
    expect((await world.harness.call(hold, { actor: patientActor(), body: { ...body, start: at("09:00") } })).json.why).toBe("daily-cap");
    expect((await world.harness.call(hold, { actor: world.patient, body: { ...body, start: at("09:20") } })).status).toBe(201);
    world.clock.advance(301_000);
    expect((await take(at("09:00"))).status).toBe(201);
  });

  test("a visit may be moved within the day that it fills itself, by a patient who has been with the doctor since too", async () => {
    await reason({ daily_cap: 1, visitors: "new" });
    const { json } = await take(at("10:40"), {}, world.patient);
    const move = (start: string) =>
      world.harness.call(moveVisit, { actor: world.patient, params: { id: json.id }, body: { start }, headers: freshKey() });
    expect((await move(at("10:00"))).status).toBe(200);
    const { owner } = world.database;
    await take(at("08:00", "2026-11-23"), { reasonId: world.reasons.r40 }, world.patient);
    world.clock.set(Date.parse("2026-11-23T12:00:00Z"));
    expect((await take(at("08:00", "2026-11-25"))).status).toBe(201);
    expect((await move(at("08:20", "2026-11-25"))).json.why).toBe("daily-cap");
    expect((await move(at("08:20", "2026-11-26"))).status).toBe(200);
    const rows = await owner`select count(*)::int as n from busy where state = 'booked'`;
    expect(rows[0]?.n).toBe(3);
  });

  test("a first visit is for who has not been with the doctor, a follow-up for who has; staff may book both", async () => {
    await reason({ visitors: "new" });
    await reason({ visitors: "known" }, world.reasons.r40);
    const followUp = { reasonId: world.reasons.r40 };
    expect((await take(at("09:20"), followUp, world.patient)).json.why).toBe("known-patients-only");
    expect((await take(at("08:00"), {}, world.patient)).status).toBe(201);
    world.clock.set(Date.parse("2026-11-24T13:00:00Z"));
    const next = "2026-11-25";
    expect((await take(at("08:00", next), {}, world.patient)).json.why).toBe("new-patients-only");
    const held = await world.harness.call(hold, {
      actor: world.patient,
      body: { doctorId: world.doctorId, reasonId: world.reasons.r20, start: at("08:00", next) },
    });
    const refused = await world.harness.call(book, { actor: world.patient, body: { holdId: held.json.id }, headers: freshKey() });
    expect(refused.json.why).toBe("new-patients-only");
    expect((await take(at("08:40", next), followUp, world.patient)).status).toBe(201);
    const patientId = await world.knownPatient();
    expect((await take(at("10:00", next), { ...followUp, patientId }, world.staff)).status).toBe(201);
  });
});

describe("what members of the clinic are shown is what they may book", () => {
  const shown = async (query: Record<string, string> = {}) => {
    const asked = { doctorId: world.doctorId, reasonId: world.reasons.byPhone, from: tuesday, to: tuesday, ...query };
    return (await world.harness.call(listSlots, { actor: world.staff, query: asked })).json;
  };

  test("visits by telephone and times within the notice or beyond the horizon are listed for them, not for patients", async () => {
    await put({ noticeMinutes: 20160, horizonDays: 1 });
    expect((await shown()).items).toHaveLength(12);
    expect((await shown({ from: "2027-09-01", to: "2027-09-01" })).items).toHaveLength(12);
    expect(await starts({ reasonId: world.reasons.byPhone })).toEqual([]);
    const patientId = await world.knownPatient();
    const byPhone = { patientId, reasonId: world.reasons.byPhone };
    expect((await take(at("07:00", "2027-09-01"), byPhone, world.staff)).status).toBe(201);
    expect((await shown({ from: "2027-09-01", to: "2027-09-01" })).items).toHaveLength(11);
    const lost = await take(at("07:00", "2027-09-01"), byPhone, world.staff);
    expect([lost.json.code, lost.json.alternatives.length]).toEqual(["slot-taken", 3]);
    expect(lost.json.alternatives.map(({ start }: { start: string }) => start)).not.toContain(at("07:00", "2027-09-01"));
  });

  test("a day as far off as a calendar goes has none", async () => {
    expect(await shown({ from: "9999-12-30", to: "9999-12-31" })).toEqual({ items: [] });
  });
});

describe("closed days of the clinic", () => {
  const closures = (items: unknown[], actor: World["staff"] = world.staff) =>
    world.harness.call(putClosures, { actor, query: { clinicId: world.clinicId }, body: { items } });
  const listed = async () =>
    (await world.harness.call(getClosures, { actor: world.doctor, query: { clinicId: world.clinicId } })).json.items;
  const upload = (text: string, dryRun = false, format = "csv") =>
    world.harness.call(importClosures, { actor: world.staff, body: { clinicId: world.clinicId, format, text, dryRun } });

  test("close every doctor's day for every role, at once and for the openings too, unless the doctor opens the date", async () => {
    const items = [{ day: tuesday, name: "Pont" }];
    expect((await closures(items)).json).toEqual({ items });
    expect(await starts()).toEqual([]);
    expect(await world.events()).toContain("appointment.openings-changed");
    const patientId = await world.knownPatient();
    expect((await take(tuesdayNine, { patientId }, world.staff)).json).toMatchObject({
      code: "slot-outside-hours",
      why: "closed",
    });
    expect((await take(tuesdayNine)).json.code).toBe("slot-outside-hours");
    await put({ overrides: [{ day: tuesday, windows: [{ from: "09:00", to: "09:20" }] }] });
    expect(await starts()).toEqual(["08:00"]);
    expect((await closures([], adminActor(world.clinicId))).json).toEqual({ items: [] });
    expect(await listed()).toEqual([]);
  });

  test("stand once per day", async () => {
    const twice = [
      { day: tuesday, name: "Pont" },
      { day: tuesday, name: "Fête" },
    ];
    expect((await closures(twice)).json).toMatchObject({ code: "invalid-input", errors: [{ path: "items.1.day" }] });
    expect((await closures([{ day: tuesday, name: " " }])).json.code).toBe("invalid-input");
  });

  test("are imported whole or not at all, after a dry run that says what each row would do", async () => {
    await closures([
      { day: "2026-12-24", name: "Veille" },
      { day: "2026-12-25", name: "Noël" },
    ]);
    const text = "date;nom\n24/12/2026;Réveillon\n25/12/2026;Noël\n01/01/2027;Jour de l’An";
    const rows = [
      { row: 2, day: "2026-12-24", name: "Réveillon", change: "renamed" },
      { row: 3, day: "2026-12-25", name: "Noël", change: "known" },
      { row: 4, day: "2027-01-01", name: "Jour de l’An", change: "new" },
    ];
    expect((await upload(text, true)).json).toEqual({ imported: false, rows, faults: [] });
    expect(await listed()).toHaveLength(2);
    const broken = await upload(`${text}\n32/12/2026;Jamais`);
    expect(broken.json).toEqual({ imported: false, rows, faults: [{ row: 5, code: "bad-day", message: expect.any(String) }] });
    expect(await listed()).toHaveLength(2);
    expect((await upload(text)).json.imported).toBe(true);
    expect(await listed()).toEqual(rows.map(({ day, name }) => ({ day, name })));
    const calendar = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270501\r\nSUMMARY:Fête\r\nEND:VEVENT\r\nEND:VCALENDAR";
    expect((await upload(calendar, false, "ics")).json.imported).toBe(true);
    expect(await listed()).toHaveLength(4);
  });
});

describe("a preview", () => {
  const preview = (schedule: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    world.harness.call(previewSchedule, {
      actor: world.doctor,
      params: { doctorId: world.doctorId },
      body: { schedule: { ...weekdays, ...schedule }, reasonId: world.reasons.r20, week: "2026-11-26", ...more },
    });

  test("shows the week a draft would give, which times are taken, and which visits would lie outside; nothing is stored", async () => {
    await take(tuesdayNine);
    const late = (await take(at("10:40"))).json;
    const { status, json } = await preview({ windows: [{ day: 2, from: "08:40", to: "11:00" }], closures: ["2026-11-25"] });
    expect(status).toBe(200);
    expect(json.days.map(({ day }: { day: string }) => day)).toEqual([23, 24, 25, 26, 27, 28, 29].map((day) => `2026-11-${day}`));
    expect(json.days[1].slots.slice(0, 3)).toEqual([
      { start: at("07:40"), end: at("08:00"), zone: "Europe/Paris", taken: false },
      { start: at("08:00"), end: at("08:20"), zone: "Europe/Paris", taken: true },
      { start: at("08:20"), end: at("08:40"), zone: "Europe/Paris", taken: false },
    ]);
    expect(json.days[2]).toEqual({ day: "2026-11-25", closed: { by: "doctor" }, slots: [] });
    const { id, patientId, reasonId, start, end } = late;
    expect([json.outside, json.outsideTotal]).toEqual([[{ id, patientId, reasonId, start, end }], 1]);
    expect(await starts()).toHaveLength(7);
    const records = await world.database.owner`select payload from outbox where type = 'audit' order by seq desc limit 5`;
    expect(
      records.map(({ payload }) => String(payload)).some((text) => text.includes("preview-schedule") && text.includes(patientId)),
    ).toBe(true);
  });

  test("of hours in another zone leaves booked visits at their instant", async () => {
    await take(tuesdayNine);
    const { json } = await preview({ zone: "Europe/London" });
    expect(json.days[1].slots[0].start).toBe(at("09:00"));
    expect(json.outsideTotal).toBe(1);
  });

  test("of faulty hours names the part, of another doctor's reason is not found", async () => {
    expect((await preview({ windows: [{ day: 1, from: "12:00", to: "09:00" }] })).json).toMatchObject({
      code: "invalid-input",
      errors: [{ path: "schedule.windows.0" }],
    });
    expect((await preview({}, { reasonId: world.reasons.others })).json.code).toBe("not-found");
    expect((await preview({}, { week: "9999-12-31" })).json.code).toBe("invalid-input");
  });
});

describe("why a time is not bookable", () => {
  test("nothing is in the way of an offered time", async () => {
    expect(await why({ at: tuesdayNine })).toEqual({ online: true, staff: true, zone: "Europe/Paris", blockers: [] });
  });

  test("every rule in the way is told, and whom it binds", async () => {
    await put({ noticeMinutes: 20160, horizonDays: 1 });
    await reason({ is_online: false, daily_cap: 1 });
    expect((await take(at("09:00"), { patientId: await world.knownPatient() }, world.staff)).status).toBe(201);
    expect(codes(await why({ at: at("08:10") }))).toEqual([
      "off-grid patients",
      "not-online patients",
      "notice patients",
      "daily-cap patients",
    ]);
    const taken = await why({ at: at("08:50") });
    expect(codes(taken).at(-1)).toBe("taken everybody");
    expect(taken.blockers.at(-1)).toMatchObject({ start: at("09:00"), end: at("09:20"), appointmentId: expect.stringMatching(/^apt_/) });
    expect(codes(await why({ at: at("12:00", "2026-11-22") }))).toContain("in-past everybody");
    expect(codes(await why({ at: at("08:00", "2026-11-28") }))).toContain("outside-hours everybody");
    expect((await why({ at: at("08:00", "2026-11-26") })).blockers).toContainEqual({
      code: "horizon",
      days: 1,
      lastDay: "2026-11-24",
      binds: "patients",
    });
  });

  test("an absence, a closed day, a buffer and a hold are told apart", async () => {
    const { owner } = world.database;
    await owner`insert into absences values ('abs_1', ${world.doctorId}, ${at("08:00")}, ${at("09:00")}, null, now(), 'acc')`;
    await owner`insert into clinic_closures values (${world.clinicId}, '2026-11-25', 'Pont')`;
    await reason({ buffer_after_minutes: 10 });
    await take(at("09:20"));
    const body = { doctorId: world.doctorId, reasonId: world.reasons.r40, start: at("10:00") };
    expect((await world.harness.call(hold, { actor: patientActor(), body })).status).toBe(201);
    expect(await why({ at: at("08:20") })).toMatchObject({
      staff: false,
      blockers: [{ code: "absent", start: at("08:00"), end: at("09:00") }],
    });
    expect((await why({ at: at("08:00", "2026-11-25") })).blockers[0]).toEqual({
      code: "closed",
      by: "clinic",
      name: "Pont",
      binds: "everybody",
    });
    expect((await why({ at: at("09:00") })).blockers).toEqual([
      { code: "buffer", start: at("09:20"), end: at("09:50"), beforeMinutes: 0, afterMinutes: 10, binds: "everybody" },
    ]);
    expect(codes(await why({ at: at("10:00") }))).toEqual(["held everybody"]);
    expect(await starts()).toEqual(["10:40"]);
    expect((await take(at("08:20"))).json.why).toBe("absent");
  });

  test("a wall-clock time that the clock skips is explained, any other is the instant it names", async () => {
    expect(codes(await why({ at: "2027-03-28T02:30" }))).toEqual(["clock-change-gap everybody"]);
    expect(await why({ at: `${tuesday}T09:00` })).toMatchObject({ online: true });
    for (const end of ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59", "0001-01-01T00:00"]) {
      expect([end, (await why({ at: end })).online]).toEqual([end, false]);
    }
    expect((await take("9999-12-31T23:59:59Z")).json.code).toBe("slot-outside-hours");
    expect((await why({ at: "tomorrow" })).code).toBe("invalid-input");
    expect((await why({ at: "2026-02-30T09:00" })).code).toBe("invalid-input");
  });
});
