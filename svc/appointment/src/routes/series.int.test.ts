import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { declareAbsence } from "@episante/contracts/absence";
import {
  appointmentForMessage,
  book,
  cancel,
  getAppointment,
  hold,
  listSlots,
  putClosures,
  putSchedule,
} from "@episante/contracts/appointment";
import { bookSeries, cancelSeries, getSeries, moveSeries, previewSeries, previewSeriesChange } from "@episante/contracts/series";
import { moveVisit, setVisitStatus, visitHistory } from "@episante/contracts/visit";
import { joinWaitlist } from "@episante/contracts/waitlist";
import { newId } from "@episante/service/ids";
import { patientActor, serviceActor } from "@episante/testkit/actors";
import { bookingWorld, freshKey, tally, type World, weekdays } from "../../test/world.ts";
import { offerDue } from "../actions/offer-freed.ts";

let world: World;
let patientId: string;
beforeEach(async () => {
  world = await bookingWorld();
  patientId = await world.knownPatient();
});
afterEach(() => world.close());

/** An instant of Lyon's winter, and of its summer. */
const winter = (day: string, time = "10:00") => new Date(`${day}T${time}:00+01:00`).toISOString();
const summer = (day: string, time = "10:00") => new Date(`${day}T${time}:00+02:00`).toISOString();
const weekly = { unit: "week", every: 1 };
/** Tuesdays from 24 November 2026. */
const tuesdays = ["2026-11-24", "2026-12-01", "2026-12-08", "2026-12-15"];

const wanted = (more: Record<string, unknown> = {}) => ({ doctorId: world.doctorId, reasonId: world.reasons.r20, patientId, ...more });
const preview = async (more: Record<string, unknown> = {}) => {
  const body = wanted({ start: "2026-11-24T10:00", rhythm: weekly, end: { count: 4 }, ...more });
  const answer = await world.harness.call(previewSeries, { actor: world.staff, body });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.json;
};
const reserve = (starts: readonly string[], headers = freshKey(), more: Record<string, unknown> = {}) =>
  world.harness.call(bookSeries, { actor: world.staff, body: wanted({ rhythm: weekly, starts, ...more }), headers });
async function booked(starts: readonly string[] = tuesdays.map((day) => winter(day))) {
  const answer = await reserve(starts);
  if (answer.status !== 201) throw new Error(answer.text);
  return { id: answer.json.id as string, visits: answer.json.items.map(({ id }: { id: string }) => id) as string[] };
}
const read = async (id: string) => (await world.harness.call(getSeries, { actor: world.staff, params: { id } })).json;
const startsOf = (series: { items: { start: string }[] }) => series.items.map(({ start }) => start);
const codesOf = (items: { blockers: { code: string }[] }[]) => items.map(({ blockers }) => blockers.map(({ code }) => code));
const bookOne = (start: string, more: Record<string, unknown> = {}) =>
  world.harness.call(book, {
    actor: world.staff,
    body: { doctorId: world.doctorId, reasonId: world.reasons.r20, start, patientId, ...more },
    headers: freshKey(),
  });
const change = (id: string, body: Record<string, unknown>) =>
  world.harness.call(previewSeriesChange, { actor: world.staff, params: { id }, body });
const move = (id: string, visits: readonly { appointmentId: string; start: string }[], headers = freshKey()) =>
  world.harness.call(moveSeries, { actor: world.staff, params: { id }, body: { visits }, headers });
const events = async (type: string) =>
  (await world.database.owner`select payload from outbox where type = ${type} order by seq`).map((row) => JSON.parse(row.payload).data);

describe("looking at a series before it is booked", () => {
  test("each date is free or names the rule in its way, with free times near by; nothing is stored", async () => {
    await world.harness.call(putClosures, {
      actor: world.staff,
      query: { clinicId: world.clinicId },
      body: { items: [{ day: "2026-12-01", name: "Fermeture" }] },
    });
    await bookOne(winter("2026-12-08"));
    await world.harness.call(declareAbsence, {
      actor: world.staff,
      body: {
        doctorId: world.doctorId,
        start: winter("2026-12-15", "00:00"),
        end: winter("2026-12-16", "00:00"),
        visits: { plan: "keep" },
        dryRun: false,
      },
      headers: freshKey(),
    });
    const { zone, items } = await preview({ end: { until: "2026-12-22" } });
    expect(zone).toBe("Europe/Paris");
    expect(codesOf(items)).toEqual([[], ["closed"], ["taken"], ["absent"], []]);
    expect(items.map(({ free }: { free: boolean }) => free)).toEqual([true, false, false, false, true]);
    expect(items[0].alternatives).toEqual([]);
    expect(items[1].blockers[0]).toMatchObject({ name: "Fermeture", by: "clinic", binds: "everybody" });
    // The nearest: the visit next to the one that is taken, and the days around a closed one.
    expect(items[2].alternatives.map(({ start }: { start: string }) => start)).toContain(winter("2026-12-08", "10:20"));
    for (const { alternatives } of items.slice(1, 4)) expect(alternatives).toHaveLength(3);
    for (const { start } of items[1].alternatives)
      expect(Math.abs(Date.parse(start) - Date.parse(winter("2026-12-01")))).toBeLessThan(26 * 3_600_000);
    expect(await world.database.owner`select 1 from series`).toHaveLength(0);
  });

  test("outside the hours, in the past and beyond what anybody books are told, too", async () => {
    const { items } = await preview({ start: "2026-11-22T10:00", rhythm: { unit: "day", every: 1 }, end: { count: 3 } });
    expect(codesOf(items)).toEqual([["in-past", "outside-hours"], [], []]);
    const far = await preview({ rhythm: { unit: "month", every: 12, by: "date" }, end: { count: 4 } });
    expect(codesOf(far.items).slice(2)).toEqual([[], ["horizon"]]);
  });

  test("no time is offered that another date of the series has", async () => {
    await bookOne(winter("2026-11-25"));
    const { items } = await preview({ rhythm: { unit: "day", every: 1 }, end: { count: 4 } });
    const own = items.flatMap(({ free, start }: { free: boolean; start: string }) => (free ? [start] : []));
    for (const { alternatives } of items) for (const { start } of alternatives) expect(own).not.toContain(start);
  });

  test("the time of day holds over the clock change; a time it skips has other times instead", async () => {
    const spring = await preview({ start: "2027-03-23T10:00", end: { count: 2 } });
    expect(startsOf(spring)).toEqual([winter("2027-03-23"), summer("2027-03-30")]);
    const body = { ...weekdays, windows: [{ day: 7, from: "02:00", to: "06:00" }] };
    await world.harness.call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body });
    const { items } = await preview({ start: "2027-03-21T02:30", end: { count: 2 } });
    expect(codesOf(items)).toEqual([[], ["clock-change-gap"]]);
    expect(items[1].start).toBeUndefined();
    expect(items[1].alternatives[0].start).toBe(summer("2027-03-28", "03:00"));
  });

  test("rules that members may pass over are told and do not forbid; holds of others do", async () => {
    await world.database.owner`update reasons set visitors = 'known', daily_cap = 1 where reason_id = ${world.reasons.r20}`;
    await bookOne(winter("2026-12-01", "09:00"));
    const held = await world.harness.call(hold, {
      actor: world.staff,
      body: { doctorId: world.doctorId, reasonId: world.reasons.r40, start: winter("2026-12-08") },
    });
    expect(held.status).toBe(201);
    const { items } = await preview({ end: { count: 3 } });
    expect(codesOf(items)[1]).toEqual(["known-patients-only", "daily-cap"]);
    expect(items[1].free).toBe(true);
    expect(items[2].blockers[0]).toMatchObject({ code: "held", binds: "everybody" });
  });

  test("too many visits, an end before the beginning and unknown people are refused", async () => {
    const ask = async (more: Record<string, unknown>) => {
      const body = wanted({ start: "2026-11-24T10:00", rhythm: { unit: "day", every: 1 }, end: { count: 2 }, ...more });
      return (await world.harness.call(previewSeries, { actor: world.staff, body })).json.code;
    };
    expect(await ask({ end: { until: "2027-11-24" } })).toBe("invalid-input");
    expect(await ask({ end: { until: "2026-11-23" } })).toBe("invalid-input");
    expect(await ask({ end: { count: 53 } })).toBe("invalid-input");
    expect(await ask({ start: "9999-12-31T10:00" })).toBe("invalid-input");
    expect(await ask({ patientId: `pat_${"0".repeat(32)}` })).toBe("not-found");
    expect(await ask({ reasonId: world.reasons.others })).toBe("not-found");
  });
});

describe("booking a series", () => {
  test("each date is a visit of its own with its number; the closed one is replaced, one is skipped", async () => {
    const starts = [winter("2026-12-15"), winter("2026-11-24"), winter("2026-12-02", "09:40")];
    const answer = await reserve(starts);
    expect(answer.status).toBe(201);
    expect(startsOf(answer.json)).toEqual([winter("2026-11-24"), winter("2026-12-02", "09:40"), winter("2026-12-15")]);
    expect(answer.json).toMatchObject({ size: 3, rhythm: weekly, doctorId: world.doctorId, zone: "Europe/Paris" });
    const [first, second] = answer.json.items;
    const shown = (await world.harness.call(getAppointment, { actor: world.staff, params: { id: second.id } })).json;
    expect(shown).toMatchObject({
      seriesId: answer.json.id,
      occurrence: { number: 2, of: 3 },
      status: "booked",
      channel: "clinic",
      sequence: 0,
      version: 0,
      patientId,
    });
    expect(first.cancelUntil).toBe(new Date(Date.parse(first.start) - 4 * 3_600_000).toISOString());
    const told = await events("appointment.booked");
    expect(told.map(({ appointmentId }) => appointmentId)).toEqual(answer.json.items.map(({ id }: { id: string }) => id));
    expect(new Set(told.map(({ series }) => series.step)).size).toBe(1);
    const audit = await world.database.owner`select payload from outbox where payload like '%"appointment.book-series"%'`;
    expect(String(audit[0]?.payload)).toContain(patientId);
    expect(String(audit[0]?.payload)).toContain(answer.json.id);
    const history = await world.harness.call(visitHistory, { actor: world.staff, params: { id: first.id } });
    expect(history.json.items).toMatchObject([{ kind: "booked", ofSeries: true }]);
  });

  test("a closure in its way refuses all of it and names the date, with other times; nothing is written", async () => {
    const body = { ...weekdays, closures: ["2026-12-08"] };
    await world.harness.call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body });
    const answer = await reserve(tuesdays.map((day) => winter(day)));
    expect(answer.json).toMatchObject({ status: 422, code: "slot-outside-hours" });
    expect(answer.json.dates).toHaveLength(1);
    expect(answer.json.dates[0]).toMatchObject({ day: "2026-12-08", free: false, blockers: [{ code: "closed", by: "doctor" }] });
    expect(answer.json.dates[0].alternatives).toHaveLength(3);
    expect(await world.database.owner`select 1 from appointments`).toHaveLength(0);
    expect(await world.database.owner`select 1 from busy`).toHaveLength(0);
    const without = await reserve(tuesdays.filter((day) => day !== "2026-12-08").map((day) => winter(day)));
    expect(without.json.items).toHaveLength(3);
  });

  test("lost races: of many series and single bookings for one time one wins, the others are told which dates, nobody has half a series", async () => {
    const contested = winter("2026-12-08");
    const others = ["09:00", "09:20", "09:40", "10:20"].map((time) => [winter("2026-12-01", time), contested]);
    const answers = await Promise.all([...others.map((starts) => reserve(starts)), bookOne(contested)]);
    expect(tally(answers)).toEqual({ "201": 1, "slot-taken": 4 });
    for (const { status, json } of answers.slice(0, 4)) {
      if (status === 201) continue;
      expect(json.dates.map(({ start }: { start: string }) => start)).toEqual([contested]);
      for (const { start } of json.dates[0].alternatives) expect((await bookOne(start)).status).toBe(201);
      break;
    }
    const rows = await world.database.owner`select series_id, count(*)::int as n from appointments where series_id is not null group by 1`;
    for (const { n } of rows) expect(n).toBe(2);
    expect((await world.database.owner`select 1 from series`).length).toBe(rows.length);
  });

  test("a repeat with the same key is the same series; with other dates it is refused", async () => {
    const headers = freshKey();
    const starts = tuesdays.map((day) => winter(day));
    const [first, second] = [await reserve(starts, headers), await reserve(starts, headers)];
    expect(second.json).toEqual(first.json);
    expect((await reserve(starts.slice(1), headers)).json.code).toBe("idempotency-mismatch");
    expect(await world.database.owner`select 1 from appointments`).toHaveLength(4);
    expect(await events("appointment.booked")).toHaveLength(4);
  });

  test("a time named twice, dates that overlap and times in the past are refused", async () => {
    expect((await reserve([winter("2026-11-24"), winter("2026-11-24")])).json.code).toBe("invalid-input");
    const overlap = await reserve([winter("2026-11-24"), winter("2026-11-24", "10:10")]);
    expect(overlap.json.code).toBe("slot-taken");
    expect(overlap.json.dates).toHaveLength(1);
    expect((await reserve([winter("2026-11-20"), winter("2026-11-24")])).json.code).toBe("slot-in-past");
    expect((await reserve(["9999-12-31T10:00:00Z"])).json.code).toBe("slot-outside-hours");
    expect((await reserve([])).json.code).toBe("invalid-input");
  });

  test("each visit has the room its reason needs, or the series is refused", async () => {
    const { owner } = world.database;
    await owner`update reasons set resource_types = '{salle}' where reason_id in (${world.reasons.r20}, ${world.reasons.others})`;
    await owner`insert into resources (id, clinic_id, name, type) values (${newId("res", 0)}, ${world.clinicId}, 'Salle 1', 'salle')`;
    await owner`insert into resource_plans (clinic_id) values (${world.clinicId})`;
    const colleague = { doctorId: world.otherDoctorId, reasonId: world.reasons.others };
    expect((await bookOne(winter("2026-12-01"), colleague)).status).toBe(201);
    const refused = await reserve([winter("2026-11-24"), winter("2026-12-01")]);
    expect(refused.json.dates[0].blockers[0]).toMatchObject({ code: "no-resource", types: ["salle"] });
    const { id, visits } = await booked([winter("2026-11-24"), winter("2026-11-25")]);
    expect((await read(id)).items[0].resourceIds).toHaveLength(1);
    // Moved by a day: the second leaves its room to the first, and the room comes along.
    const [first = "", second = ""] = visits;
    const moved = await move(id, [
      { appointmentId: first, start: winter("2026-11-25") },
      { appointmentId: second, start: winter("2026-11-26") },
    ]);
    expect(moved.status).toBe(200);
    const rooms = await owner`select lower(during) as at, state from busy where part_of is not null and state = 'booked' order by 1`;
    expect(rooms.map(({ at }) => (at as Date).toISOString())).toEqual([winter("2026-11-25"), winter("2026-11-26"), winter("2026-12-01")]);
  });
});

describe("changing a series", () => {
  test("this and the following: each goes to the new weekday and time; what was moved alone before is kept, and named", async () => {
    const { id, visits } = await booked();
    const [first = "", second = "", third = "", fourth = ""] = visits;
    await world.harness.call(moveVisit, {
      actor: world.staff,
      params: { id: third },
      body: { start: winter("2026-12-10", "09:00") },
      headers: freshKey(),
    });
    const looked = await change(id, { appointmentId: second, scope: "following", to: "2026-12-03T11:00" });
    expect(looked.status).toBe(200);
    expect(looked.json.items.map(({ visit, fate }: { visit: { id: string }; fate: string }) => [visit.id, fate])).toEqual([
      [second, "change"],
      [third, "moved-alone"],
      [fourth, "change"],
    ]);
    expect(looked.json.items.map(({ date }: { date?: { start: string } }) => date?.start)).toEqual([
      winter("2026-12-03", "11:00"),
      winter("2026-12-12", "11:00"),
      winter("2026-12-17", "11:00"),
    ]);
    // A Saturday: kept unless chosen, and then at another time.
    expect(looked.json.items[1].date).toMatchObject({ free: false, blockers: [{ code: "outside-hours" }] });
    const done = await move(id, [
      { appointmentId: second, start: winter("2026-12-03", "11:00") },
      { appointmentId: fourth, start: winter("2026-12-17", "11:00") },
    ]);
    expect(done.status).toBe(200);
    expect(startsOf(done.json)).toEqual([
      winter("2026-11-24"),
      winter("2026-12-03", "11:00"),
      winter("2026-12-10", "09:00"),
      winter("2026-12-17", "11:00"),
    ]);
    expect(done.json.items.map(({ movedAlone }: { movedAlone: boolean }) => movedAlone)).toEqual([false, false, true, false]);
    const told = await events("appointment.moved");
    expect(told).toHaveLength(3);
    expect(told[0].series).toBeUndefined();
    expect(told[1].series).toEqual(told[2].series);
    const history = await world.harness.call(visitHistory, { actor: world.staff, params: { id: second } });
    expect(history.json.items.at(-1)).toMatchObject({ kind: "moved", by: "staff", ofSeries: true });
    // Chosen after all: it moves, too, and belongs again.
    const chosen = await move(id, [{ appointmentId: third, start: winter("2026-12-10", "11:00") }]);
    expect(chosen.json.items[2]).toMatchObject({ start: winter("2026-12-10", "11:00"), movedAlone: false, sequence: 2 });
    expect((await read(id)).items[0].id).toBe(first);
  });

  test("a visit may have the time that another one of the series leaves, forwards, backwards and crosswise", async () => {
    const days = ["2026-11-24", "2026-11-25", "2026-11-26"];
    const { id, visits } = await booked(days.map((day) => winter(day)));
    const to = (starts: readonly string[]) => visits.map((appointmentId, index) => ({ appointmentId, start: starts[index] ?? "" }));
    const later = await change(id, { appointmentId: visits[0], scope: "all", to: "2026-11-25T10:00" });
    expect(later.json.items.every(({ date }: { date: { free: boolean } }) => date.free)).toBe(true);
    // Looking changed nothing.
    expect(startsOf(await read(id))).toEqual(days.map((day) => winter(day)));
    const shifted = await move(id, to(["2026-11-25", "2026-11-26", "2026-11-27"].map((day) => winter(day))));
    expect(shifted.status).toBe(200);
    expect((await move(id, to(days.map((day) => winter(day))))).status).toBe(200);
    const crossed = await move(id, to([winter("2026-11-25"), winter("2026-11-24"), winter("2026-11-26", "10:10")]));
    expect(crossed.json.items.map((one: { id: string }) => one.id)).toEqual([visits[1], visits[0], visits[2]]);
    const taken = await world.database.owner`select 1 from busy where state = 'booked'`;
    expect(taken).toHaveLength(3);
  });

  test("one date that cannot be had refuses the whole move: every visit is where it was", async () => {
    const { id, visits } = await booked();
    await bookOne(winter("2026-12-09"));
    const [first = "", second = "", third = ""] = visits;
    const wednesdays = [
      { appointmentId: first, start: winter("2026-11-25") },
      { appointmentId: second, start: winter("2026-12-02") },
      { appointmentId: third, start: winter("2026-12-09") },
    ];
    const looked = await change(id, { appointmentId: first, scope: "all", to: "2026-11-25T10:00" });
    expect(looked.json.items.map(({ date }: { date: { free: boolean } }) => date.free)).toEqual([true, true, false, true]);
    expect(looked.json.items[2].date.alternatives).toHaveLength(3);
    const refused = await move(id, wednesdays);
    expect(refused.json.code).toBe("slot-taken");
    expect(refused.json.dates).toMatchObject([{ appointmentId: third, blockers: [{ code: "taken" }] }]);
    expect(startsOf(await read(id))).toEqual(tuesdays.map((day) => winter(day)));
    expect(await events("appointment.moved")).toEqual([]);
    const { start } = refused.json.dates[0].alternatives[0];
    expect((await move(id, [...wednesdays.slice(0, 2), { appointmentId: third, start }])).status).toBe(200);
  });

  test("what is over, has begun or is cancelled is never touched", async () => {
    const { id, visits } = await booked();
    const [first = "", second = "", third = "", fourth = ""] = visits;
    await world.harness.call(cancel, { actor: world.staff, params: { id: third }, body: {} });
    world.clock.set(Date.parse(winter("2026-12-01", "09:55")));
    await world.harness.call(setVisitStatus, { actor: world.staff, params: { id: second }, body: { status: "arrived" } });
    const looked = await change(id, { appointmentId: fourth, scope: "all" });
    expect(looked.json.items.map(({ fate }: { fate: string }) => fate)).toEqual(["past", "begun", "cancelled", "change"]);
    for (const appointmentId of [first, second, third]) {
      const ids = { appointmentIds: [appointmentId, fourth] };
      const cancelled = await world.harness.call(cancelSeries, { actor: world.staff, params: { id }, body: ids, headers: freshKey() });
      expect(cancelled.json).toMatchObject({ code: "wrong-state", appointmentIds: [appointmentId] });
      expect((await move(id, [{ appointmentId, start: winter("2026-12-16") }])).json.code).toBe("wrong-state");
    }
    expect((await read(id)).items.at(-1).status).toBe("booked");
  });

  test("cancelled together: times are free, who waits is offered them, the reason is kept, one step tells others", async () => {
    const { id, visits } = await booked();
    const waiting = {
      doctorId: world.doctorId,
      reasonId: world.reasons.r20,
      from: "2026-12-15",
      until: "2026-12-15",
      hours: { from: "10:00", to: "10:20" },
    };
    expect((await world.harness.call(joinWaitlist, { actor: patientActor(), body: waiting })).status).toBe(201);
    const headers = freshKey();
    const body = { appointmentIds: visits.slice(2), reason: "Traitement terminé" };
    const ask = () => world.harness.call(cancelSeries, { actor: world.staff, params: { id }, body, headers });
    const done = await ask();
    expect(done.status).toBe(200);
    expect((await ask()).json).toEqual(done.json);
    const shown = await read(id);
    expect(shown.items.map(({ status }: { status: string }) => status)).toEqual(["booked", "booked", "cancelled", "cancelled"]);
    expect(shown.items[3]).toMatchObject({ cancelReason: "Traitement terminé", cancelledBy: "staff", occurrence: { number: 4, of: 4 } });
    const told = await events("appointment.cancelled");
    expect(told).toHaveLength(2);
    expect(told[0].series).toEqual(told[1].series);
    await offerDue(world.deps);
    expect(await events("waitlist.offered")).toMatchObject([{ start: winter("2026-12-15"), held: true }]);
    const slots = await world.harness.call(listSlots, {
      query: { doctorId: world.doctorId, reasonId: world.reasons.r20, from: "2026-12-08", to: "2026-12-08" },
    });
    expect(startsOf(slots.json)).toContain(winter("2026-12-08"));
  });

  test("moving and cancelling at once, and two moves at once, each leave a whole series", async () => {
    const { id, visits } = await booked();
    const to = (time: string) => visits.map((appointmentId, index) => ({ appointmentId, start: winter(tuesdays[index] ?? "", time) }));
    const answers = await Promise.all([move(id, to("11:00")), move(id, to("09:00"))]);
    expect(tally(answers)).toEqual({ "200": 2 });
    const times = new Set(startsOf(await read(id)).map((start) => start.slice(11)));
    expect(times.size).toBe(1);
    expect(await world.database.owner`select 1 from busy where state = 'booked'`).toHaveLength(4);
  });

  test("visits of another series, and unknown ones, are refused like unknown ones", async () => {
    const [own, other] = [await booked(), await booked(tuesdays.map((day) => winter(day, "11:00")))];
    const foreign = { appointmentId: other.visits[0] ?? "", start: winter("2026-11-24", "09:00") };
    expect((await move(own.id, [foreign])).json.code).toBe("not-found");
    expect((await change(own.id, { appointmentId: foreign.appointmentId, scope: "one" })).json.code).toBe("not-found");
    const twice = { appointmentId: own.visits[0] ?? "", start: winter("2026-11-24", "09:00") };
    expect((await move(own.id, [twice, twice])).json.code).toBe("invalid-input");
  });
});

test("a message reads the dates that hold, those cancelled in the same step, and one calendar file in which each visit has its own UID", async () => {
  const { id, visits } = await booked();
  const tell = async (of: string) =>
    (await world.harness.call(appointmentForMessage, { actor: serviceActor("notification"), params: { id: of } })).json.series;
  const [first = "", second = "", third = "", fourth = ""] = visits;
  const told = await tell(first);
  expect(told.open).toEqual(tuesdays.map((day) => winter(day)));
  for (const one of visits) expect(told.ics.match(new RegExp(`UID:${one}@episante`, "g"))).toHaveLength(1);
  await world.harness.call(cancel, { actor: world.staff, params: { id: second }, body: {} });
  world.clock.advance(1_000);
  const body = { appointmentIds: [third, fourth] };
  await world.harness.call(cancelSeries, { actor: world.staff, params: { id }, body, headers: freshKey() });
  expect(await tell(third)).toMatchObject({ open: [winter("2026-11-24")], cancelled: [winter("2026-12-08"), winter("2026-12-15")] });
  expect((await tell(third)).ics.match(/STATUS:CANCELLED/g)).toHaveLength(2);
  expect((await tell(first)).cancelled).toEqual([]);
});
