import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { book, cancel, getAppointment, hold, listSlots, releaseHold, whyNot } from "@episante/contracts/appointment";
import { addResource, listResources, putResource, retireResource } from "@episante/contracts/resource";
import { moveVisit, setVisitStatus, undoVisitStatus } from "@episante/contracts/visit";
import { acceptOffer, joinWaitlist, listWaitlist } from "@episante/contracts/waitlist";
import { patientActor } from "@episante/testkit/actors";
import { bookingWorld, freshKey, tally, tuesdayNine, type World } from "../../test/world.ts";
import { offerDue } from "../actions/offer-freed.ts";
import { refreshOpenings } from "../jobs/refresh-openings.ts";

let world: World;
beforeEach(async () => {
  world = await bookingWorld();
  await world.database
    .owner`update reasons set resource_types = '{echo}' where reason_id in (${world.reasons.r20}, ${world.reasons.others})`;
});
afterEach(() => world.close());

const at = (count: number) => new Date(Date.parse(tuesdayNine) + count * 60_000).toISOString();
async function add(name: string, type = "echo"): Promise<string> {
  const answer = await world.harness.call(addResource, { actor: world.staff, query: { clinicId: world.clinicId }, body: { name, type } });
  expect(answer.status).toBe(201);
  return answer.json.id;
}
/** Of Dr A (reason R20) or the other doctor; both need an echo room. */
const ofA = (start = tuesdayNine) => ({ doctorId: world.doctorId, reasonId: world.reasons.r20, start });
const ofB = (start = tuesdayNine) => ({ doctorId: world.otherDoctorId, reasonId: world.reasons.others, start });
const bookAs = (actor: World["staff"], body: Record<string, unknown>) => world.harness.call(book, { actor, body, headers: freshKey() });
const holdAs = (actor: World["staff"], body: Record<string, unknown>) => world.harness.call(hold, { actor, body });
async function starts(
  { doctorId, reasonId }: { doctorId: string; reasonId: string },
  actor: World["staff"] = patientActor(),
): Promise<string[]> {
  const query = { doctorId, reasonId, from: "2026-11-24", to: "2026-11-24" };
  const { json } = await world.harness.call(listSlots, { actor, query });
  return json.items.map((slot: { start: string }) => slot.start);
}
/** Taken times of rooms: `id from–to`, minutes after nine. */
async function roomTimes(): Promise<string[]> {
  const rows = await world.database.owner`
    select doctor_id, state, lower(during) as a, upper(during) as b from busy where part_of is not null and state <> 'released' order by lower(during), doctor_id`;
  const minute = (value: Date) => (value.getTime() - Date.parse(tuesdayNine)) / 60_000;
  return rows.map((row) => `${row.doctor_id} ${row.state} ${minute(row.a)}–${minute(row.b)}`);
}

describe("one room, two doctors", () => {
  test("who books second is told what is free; lists of both doctors leave the time out", async () => {
    const room = await add("Echo 1");
    expect((await bookAs(world.patient, ofA())).status).toBe(201);
    const second = await bookAs(patientActor(), ofB());
    expect(second.json).toMatchObject({ code: "slot-taken" });
    expect(second.json.alternatives.map(({ start }: { start: string }) => start)).toEqual([at(20), at(40), at(60)]);
    expect(await starts(ofB())).not.toContain(tuesdayNine);
    expect(await starts(ofB())).toContain(at(20));
    expect(await roomTimes()).toEqual([`${room} booked 0–20`]);
    const why = await world.harness.call(whyNot, { actor: world.staff, query: { ...ofB(), start: undefined, at: tuesdayNine } });
    expect(why.json).toMatchObject({
      online: false,
      staff: false,
      blockers: [{ code: "no-resource", types: ["echo"], binds: "everybody" }],
    });
  });

  test("many at once for the last room: one visit, the others are told what is free, and nothing is left of them", async () => {
    await add("Echo 1");
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => bookAs(patientActor(), index % 2 ? ofA() : ofB())));
    expect(tally(answers)).toEqual({ "201": 1, "slot-taken": 39 });
    for (const { json } of answers.filter(({ status }) => status === 409)) expect(json.alternatives).toHaveLength(3);
    expect(await roomTimes()).toHaveLength(1);
    expect(await world.database.owner`select 1 from busy`).toHaveLength(2);
  });

  test("two rooms serve both; different rooms are taken", async () => {
    const rooms = [await add("Echo 1"), await add("Echo 2")];
    const answers = await Promise.all([bookAs(world.patient, ofA()), bookAs(patientActor(), ofB())]);
    expect(tally(answers)).toEqual({ "201": 2 });
    expect(await roomTimes()).toEqual(rooms.toSorted().map((room) => `${room} booked 0–20`));
  });

  test("holds, bookings and moves at once by both doctors: no room is taken twice, nobody waits for ever", async () => {
    await add("Echo 1");
    await add("ECG 1", "ecg");
    await world.database.owner`update reasons set resource_types = '{ecg,echo}' where reason_id = ${world.reasons.others}`;
    const [first, second] = [await bookAs(world.patient, ofA(at(100))), await bookAs(patientActor(), ofB(at(120)))];
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, (_, index) => bookAs(patientActor(), index % 2 ? ofA(at(20)) : ofB(at(20)))),
      ...Array.from({ length: 10 }, (_, index) => holdAs(patientActor(), index % 2 ? ofA(at(40)) : ofB(at(40)))),
      ...[first, second].map(({ json }) =>
        world.harness.call(moveVisit, { actor: world.staff, params: { id: json.id }, body: { start: at(60) }, headers: freshKey() }),
      ),
    ]);
    expect(tally(answers)).toEqual({ "200": 1, "201": 2, "slot-taken": 19 });
    const twice = await world.database.owner`
      select 1 from busy a join busy b on a.doctor_id = b.doctor_id and a.id < b.id and a.during && b.during and a.state <> 'released' and b.state <> 'released'`;
    expect(twice).toHaveLength(0);
  });

  test("without a room of the kind nothing is offered, held or booked", async () => {
    await add("ECG 1", "ecg");
    expect(await starts(ofA())).toEqual([]);
    expect((await bookAs(world.patient, ofA())).json.code).toBe("slot-taken");
    expect((await holdAs(world.patient, ofA())).json.code).toBe("slot-taken");
    expect(await world.database.owner`select 1 from busy`).toHaveLength(0);
  });

  test("buffers are the room's too", async () => {
    const room = await add("Echo 1");
    await world.database.owner`update reasons set buffer_after_minutes = 15 where reason_id = ${world.reasons.r20}`;
    expect((await bookAs(world.patient, ofA())).status).toBe(201);
    expect(await roomTimes()).toEqual([`${room} booked 0–35`]);
    expect((await starts(ofB())).slice(0, 2)).toEqual([at(40), at(60)]);
    expect((await bookAs(patientActor(), ofB(at(20)))).json.code).toBe("slot-taken");
  });

  test("what is listed can be booked and what is not cannot, time by time", async () => {
    await add("Echo 1");
    for (const start of [at(20), at(60), at(140)]) expect((await bookAs(patientActor(), ofA(start))).status).toBe(201);
    const listed = await starts(ofB());
    for (let minute = 0; minute < 180; minute += 20) {
      const { status } = await bookAs(patientActor(), ofB(at(minute)));
      expect([at(minute), status]).toEqual([at(minute), listed.includes(at(minute)) ? 201 : 409]);
    }
  });

  test("openings of the other doctor follow", async () => {
    await add("Echo 1");
    const published = async () =>
      (await world.database.owner`select openings from published_openings where doctor_id = ${world.otherDoctorId}`)[0]?.openings[0].starts;
    await refreshOpenings(world.deps, world.clock.now());
    const first = (await published())[0];
    expect((await bookAs(world.patient, ofA(first))).status).toBe(201);
    await world.events();
    await refreshOpenings(world.deps, world.clock.now());
    expect((await published())[0]).not.toBe(first);
    await world.database.owner`update resource_plans set due_at = null`;
  });
});

describe("a visit's room", () => {
  test("is free again when the visit is cancelled or entered in error; undoing takes it back, unless somebody has it", async () => {
    const room = await add("Echo 1");
    const visit = (await bookAs(world.patient, ofA())).json;
    const status = (id: string, value: string) =>
      world.harness.call(setVisitStatus, { actor: world.staff, params: { id }, body: { status: value } });
    const undo = (id: string) => world.harness.call(undoVisitStatus, { actor: world.staff, params: { id } });
    expect((await status(visit.id, "entered-in-error")).status).toBe(200);
    expect(await roomTimes()).toEqual([]);
    expect((await undo(visit.id)).status).toBe(200);
    expect(await roomTimes()).toEqual([`${room} booked 0–20`]);
    expect((await status(visit.id, "entered-in-error")).status).toBe(200);
    const other = (await bookAs(patientActor(), ofB())).json;
    expect((await undo(visit.id)).json.code).toBe("slot-taken");
    expect((await world.harness.call(cancel, { actor: world.staff, params: { id: other.id }, body: {} })).status).toBe(200);
    expect(await roomTimes()).toEqual([]);
    expect(await starts(ofB())).toContain(tuesdayNine);
  });

  test("moves with it: the new time needs a free one, the own room is not in the way, the old time is free", async () => {
    const room = await add("Echo 1");
    const visit = (await bookAs(world.patient, ofA())).json;
    await bookAs(patientActor(), ofB(at(40)));
    const move = (body: Record<string, unknown>) =>
      world.harness.call(moveVisit, { actor: world.staff, params: { id: visit.id }, body, headers: freshKey() });
    const refused = await move({ start: at(40) });
    expect(refused.json).toMatchObject({ code: "slot-taken" });
    expect(refused.json.alternatives).toHaveLength(3);
    expect(await roomTimes()).toEqual([`${room} booked 0–20`, `${room} booked 40–60`]);
    expect((await move({ start: at(10) })).status).toBe(200);
    expect(await roomTimes()).toEqual([`${room} booked 10–30`, `${room} booked 40–60`]);
    expect((await move({ start: at(10), doctorId: world.otherDoctorId })).status).toBe(200);
    expect((await move({ start: at(60), doctorId: world.doctorId, reasonId: world.reasons.r40 })).status).toBe(200);
    expect(await roomTimes()).toEqual([`${room} booked 40–60`]);
  });

  test("is shown to members of the clinic, not to the patient", async () => {
    const room = await add("Echo 1");
    const { id } = (await bookAs(world.patient, ofA())).json;
    const show = async (actor: World["staff"]) => (await world.harness.call(getAppointment, { actor, params: { id } })).json;
    expect((await show(world.staff)).resourceIds).toEqual([room]);
    expect((await show(world.doctor)).resourceIds).toEqual([room]);
    expect("resourceIds" in (await show(world.patient))).toBe(false);
    await world.harness.call(cancel, { actor: world.staff, params: { id }, body: {} });
    expect("resourceIds" in (await show(world.staff))).toBe(false);
  });

  test("an overbooked visit has the room when it is free, and shares it otherwise", async () => {
    const room = await add("Echo 1");
    const patientId = await world.knownPatient();
    await bookAs(world.patient, ofA());
    expect((await bookAs(world.staff, { ...ofA(), patientId, overbook: { reason: "urgent" } })).status).toBe(201);
    expect(await roomTimes()).toEqual([`${room} booked 0–20`]);
    expect((await bookAs(world.staff, { ...ofA(at(20)), patientId, overbook: { reason: "urgent" } })).status).toBe(201);
    expect(await roomTimes()).toEqual([`${room} booked 0–20`, `${room} booked 20–40`]);
  });
});

describe("a held time", () => {
  test("holds its room until it is given back, is over, or becomes the visit", async () => {
    const room = await add("Echo 1");
    const held = (await holdAs(world.patient, ofA())).json;
    expect(await roomTimes()).toEqual([`${room} hold 0–20`]);
    expect((await bookAs(patientActor(), ofB())).json.code).toBe("slot-taken");
    expect(await starts(ofB())).not.toContain(tuesdayNine);
    expect(await starts(ofA(), world.patient)).toContain(tuesdayNine);
    await world.harness.call(releaseHold, { actor: world.patient, params: { id: held.id } });
    expect(await roomTimes()).toEqual([]);
    const again = (await holdAs(world.patient, ofA())).json;
    expect((await bookAs(world.patient, { holdId: again.id })).status).toBe(201);
    expect(await roomTimes()).toEqual([`${room} booked 0–20`]);
  });

  test("that is over is no obstacle, and cannot be confirmed once its room is gone", async () => {
    const room = await add("Echo 1");
    const held = (await holdAs(world.patient, ofA())).json;
    world.clock.advance(5 * 60_000);
    expect(await starts(ofB())).toContain(tuesdayNine);
    expect((await bookAs(patientActor(), ofB())).status).toBe(201);
    expect((await bookAs(world.patient, { holdId: held.id })).json.code).toBe("hold-expired");
    expect(await roomTimes()).toEqual([`${room} booked 0–20`]);
  });

  test("of the same patient is not in the way of another time or of a direct booking, and a refusal leaves it", async () => {
    const room = await add("Echo 1");
    await holdAs(world.patient, ofA());
    await bookAs(patientActor(), ofB(at(20)));
    expect((await bookAs(world.patient, ofA(at(20)))).json.code).toBe("slot-taken");
    expect(await roomTimes()).toEqual([`${room} hold 0–20`, `${room} booked 20–40`]);
    expect((await bookAs(world.patient, ofA())).status).toBe(201);
    expect(await roomTimes()).toEqual([`${room} booked 0–20`, `${room} booked 20–40`]);
  });
});

test("a freed time is offered to who waits with its room, and the visit has it", async () => {
  const room = await add("Echo 1");
  const visit = (await bookAs(world.patient, ofA())).json;
  const waiting = patientActor();
  const { doctorId, reasonId } = ofA();
  expect((await world.harness.call(joinWaitlist, { actor: waiting, body: { doctorId, reasonId } })).status).toBe(201);
  await world.harness.call(cancel, { actor: world.staff, params: { id: visit.id }, body: {} });
  await offerDue(world.deps);
  expect(await roomTimes()).toEqual([`${room} hold 0–20`]);
  const { json } = await world.harness.call(listWaitlist, { actor: waiting });
  const accepted = await world.harness.call(acceptOffer, { actor: waiting, params: { id: json.items[0].offer.id } });
  expect(accepted.status).toBe(200);
  expect(await roomTimes()).toEqual([`${room} booked 0–20`]);
});

describe("keeping rooms", () => {
  const put = (id: string, body: Record<string, unknown>) => world.harness.call(putResource, { actor: world.staff, params: { id }, body });

  test("a retired room is given to no visit; visits that have it keep it; it can come back", async () => {
    const room = await add("Echo 1");
    const visit = (await bookAs(world.patient, ofA())).json;
    const retired = await world.harness.call(retireResource, { actor: world.staff, params: { id: room } });
    expect(retired.status).toBe(204);
    expect(await starts(ofB())).toEqual([]);
    expect((await bookAs(patientActor(), ofB(at(60)))).json.code).toBe("slot-taken");
    expect(await roomTimes()).toEqual([`${room} booked 0–20`]);
    expect((await bookAs(world.patient, { ...ofA(at(80)), reasonId: world.reasons.r40 })).status).toBe(201);
    const listed = await world.harness.call(listResources, { actor: world.staff, query: { clinicId: world.clinicId } });
    expect(listed.json.items).toEqual([{ id: room, clinicId: world.clinicId, name: "Echo 1", type: "echo", isActive: false }]);
    expect((await put(room, { name: "Echo one", type: "echo", isActive: true })).json).toMatchObject({ name: "Echo one", isActive: true });
    expect((await bookAs(patientActor(), ofB(at(100)))).status).toBe(201);
    expect(visit.id).toBeDefined();
  });

  test("a room that becomes another kind is given for the new kind only", async () => {
    const room = await add("Echo 1");
    expect((await put(room, { name: "ECG 1", type: "ecg", isActive: true })).status).toBe(200);
    expect(await starts(ofA())).toEqual([]);
    await world.database.owner`update reasons set resource_types = '{ecg}' where reason_id = ${world.reasons.r20}`;
    expect((await bookAs(world.patient, ofA())).status).toBe(201);
  });

  test("bad input is refused", async () => {
    for (const body of [
      { name: " ", type: "echo" },
      { name: "x", type: "Echo room" },
      { name: "x".repeat(101), type: "echo" },
    ]) {
      const answer = await world.harness.call(addResource, { actor: world.staff, query: { clinicId: world.clinicId }, body });
      expect([answer.status, answer.json.code]).toEqual([422, "invalid-input"]);
    }
  });
});
