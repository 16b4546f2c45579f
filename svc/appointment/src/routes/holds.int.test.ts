import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { book, extendHold, getHold, hold, listSlots, releaseHold } from "@episante/contracts/appointment";
import { newId } from "@episante/service/ids";
import { patientActor } from "@episante/testkit/actors";
import { bookingWorld, freshKey, mondayMorning, tally, tuesdayNine, type World, weekdays } from "../../test/world.ts";

let world: World;
beforeEach(async () => {
  world = await bookingWorld();
});
afterEach(() => world.close());

const minute = 60_000;
const holdAs = (actor: World["staff"], more: Record<string, unknown> = {}) =>
  world.harness.call(hold, { actor, body: { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine, ...more } });
const bookHeld = (actor: World["staff"], holdId: string, more: Record<string, unknown> = {}) =>
  world.harness.call(book, { actor, body: { holdId, ...more }, headers: freshKey() });
const offers = async (actor?: World["staff"]) => {
  const query = { doctorId: world.doctorId, reasonId: world.reasons.r20, from: "2026-11-24", to: "2026-11-24" };
  const answer = await world.harness.call(listSlots, { query, ...(actor ? { actor } : {}) });
  return answer.json.items.some((slot: { start: string }) => slot.start === tuesdayNine);
};
const on = (endpoint: typeof getHold | typeof extendHold | typeof releaseHold, actor: World["staff"], id: string) =>
  world.harness.call(endpoint, { actor, params: { id } });

describe("a hold", () => {
  test("hides the time from others, not from its owner, and ends by itself after five minutes", async () => {
    const answer = await holdAs(world.patient);
    expect(answer).toMatchObject({ status: 201, json: { start: tuesdayNine, zone: "Europe/Paris" } });
    expect(Date.parse(answer.json.expiresAt) - Date.parse(answer.json.serverTime)).toBe(5 * minute);
    expect([await offers(), await offers(patientActor()), await offers(world.staff), await offers(world.patient)]).toEqual([
      false,
      false,
      false,
      true,
    ]);
    world.clock.advance(5 * minute);
    expect(await offers()).toBe(true);
    expect((await on(getHold, world.patient, answer.json.id)).json.code).toBe("hold-expired");
  });

  test("becomes a visit, once", async () => {
    const { id } = (await holdAs(world.patient)).json;
    const answers = await Promise.all(Array.from({ length: 6 }, () => bookHeld(world.patient, id)));
    expect(tally(answers)).toEqual({ "201": 1, "hold-expired": 5 });
    expect(await offers(world.patient)).toBe(false);
    const rows = await world.database.owner`select state, expires_at from busy`;
    expect([...rows]).toEqual([{ state: "booked", expires_at: null }]);
  });

  test("that expired is refused late; whoever came meanwhile has the time and no row of the hold's time remains", async () => {
    const { id } = (await holdAs(world.patient)).json;
    world.clock.advance(5 * minute);
    const other = patientActor();
    const second = await holdAs(other);
    expect(second.status).toBe(201);
    expect((await bookHeld(world.patient, id)).json.code).toBe("hold-expired");
    expect((await bookHeld(other, second.json.id)).status).toBe(201);
    expect(await world.database.owner`select 1 from busy`).toHaveLength(1);
  });

  test("is extended by five minutes, up to thirty in all", async () => {
    const { id, serverTime } = (await holdAs(world.patient)).json;
    for (let times = 0; times < 5; times++) {
      world.clock.advance(4 * minute);
      expect((await on(extendHold, world.patient, id)).status).toBe(200);
    }
    const { expiresAt } = (await on(getHold, world.patient, id)).json;
    expect(Date.parse(expiresAt) - Date.parse(serverTime)).toBe(30 * minute);
    expect((await on(extendHold, world.patient, id)).json.code).toBe("hold-limit");
    world.clock.advance(10 * minute);
    expect((await on(extendHold, world.patient, id)).json.code).toBe("hold-expired");
  });

  test("is given back at once", async () => {
    const { id } = (await holdAs(world.patient)).json;
    expect((await on(releaseHold, world.patient, id)).status).toBe(204);
    expect(await offers()).toBe(true);
    expect((await on(releaseHold, world.patient, id)).status).toBe(204);
  });

  test("moves when its owner picks another time of the doctor, and stays when that time is refused", async () => {
    const first = (await holdAs(world.patient)).json;
    await holdAs(patientActor(), { start: "2026-11-24T08:40:00Z" });
    expect((await holdAs(world.patient, { start: "2026-11-24T08:40:00Z" })).json.code).toBe("slot-taken");
    expect((await on(getHold, world.patient, first.id)).status).toBe(200);
    expect((await holdAs(world.patient, { start: "2026-11-24T08:20:00Z" })).status).toBe(201);
    expect(await offers()).toBe(true);
    expect((await on(getHold, world.patient, first.id)).json.code).toBe("hold-expired");
  });

  test("of somebody else does not exist", async () => {
    const { id } = (await holdAs(world.patient)).json;
    for (const stranger of [patientActor(), world.staff, world.doctor]) {
      for (const endpoint of [getHold, extendHold, releaseHold]) {
        expect((await on(endpoint, stranger, id)).json.code).toBe("not-found");
      }
      expect((await bookHeld(stranger, id, { patientId: patientActor().patientId })).json.code).toBe("not-found");
    }
    expect((await bookHeld(patientActor(), id)).json.code).toBe("not-found");
    expect((await on(getHold, world.patient, id)).status).toBe(200);
  });

  test("three at once are enough, also for parallel requests", async () => {
    const doctors = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const [doctorId, reasonId] = [newId("doc", mondayMorning), newId("rea", mondayMorning)];
        await world.database
          .owner`insert into doctors (doctor_id, clinic_id, is_active, changed_at) values (${doctorId}, ${world.clinicId}, true, 'epoch')`;
        await world.database
          .owner`insert into reasons (reason_id, doctor_id, minutes, is_online, cancel_hours) values (${reasonId}, ${doctorId}, 20, true, 0)`;
        await world.database
          .owner`insert into schedules values (${doctorId}, 'Europe/Paris', ${world.database.owner.json(weekdays.windows)}, '[]', 0, 60, now())`;
        return { doctorId, reasonId };
      }),
    );
    const answers = await Promise.all(doctors.map((doctor) => holdAs(world.patient, doctor)));
    expect(tally(answers)).toEqual({ "201": 3, "hold-limit": 3 });
  });

  test("lets staff book what they held for a patient", async () => {
    const { id } = (await holdAs(world.staff, { reasonId: world.reasons.byPhone })).json;
    const patientId = await world.knownPatient();
    expect(await bookHeld(world.staff, id, { patientId })).toMatchObject({ status: 201, json: { patientId } });
  });
});
