import { afterAll, beforeAll, expect, test } from "bun:test";
import { book, hold, listSlots, putSchedule } from "@episante/contracts/appointment";
import type { UserActor } from "@episante/contracts/session";
import { patientActor } from "@episante/testkit/actors";
import { bookingWorld, freshKey, tuesdayNine, type World, weekdays } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await bookingWorld();
});
afterAll(() => world.close());

async function starts(actor?: UserActor): Promise<string[]> {
  const query = { doctorId: world.doctorId, reasonId: world.reasons.r20, from: "2026-11-24", to: "2026-11-25" };
  const { json } = await world.harness.call(listSlots, { ...(actor ? { actor } : {}), query });
  return json.items.map(({ start }: { start: string }) => start);
}

test("a held time is free for its holder alone, also where the doctor's facts are in memory", async () => {
  expect(await starts()).toContain(tuesdayNine);
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
  expect((await world.harness.call(hold, { actor: world.patient, headers: freshKey(), body })).status).toBe(201);
  expect(await starts(world.patient)).toContain(tuesdayNine);
  expect(await starts(patientActor())).not.toContain(tuesdayNine);
  expect(await starts()).not.toContain(tuesdayNine);
});

test("what a list read of the doctor and somebody changed since does not decide a booking", async () => {
  const start = "2026-11-25T09:00:00.000Z";
  expect(await starts()).toContain(start);
  await world.database.owner`insert into clinic_closures (clinic_id, day, name) values (${world.clinicId}, '2026-11-25', 'Fermé')`;
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start };
  const booked = await world.harness.call(book, { actor: world.patient, headers: freshKey(), body });
  expect(booked.json.code).toBe("slot-outside-hours");
  await world.database.owner`delete from clinic_closures where clinic_id = ${world.clinicId}`;
  expect(await starts()).toContain(start);
});

test("visits that end a moment past a minute keep the time they take", async () => {
  const [from, to] = ["2026-11-25T10:00:00.000Z", "2026-11-25T10:20:00.001Z"];
  expect(await starts()).toContain("2026-11-25T10:20:00.000Z");
  await world.database.owner`insert into busy (doctor_id, lane, during, state, holder)
    values (${world.doctorId}, 0, tstzrange(${from}::text::timestamptz, ${to}::text::timestamptz, '[)'), 'booked', 'apt_exact')`;
  expect(await starts()).not.toContain("2026-11-25T10:20:00.000Z");
  expect(await starts()).toContain("2026-11-25T10:40:00.000Z");
});

test("changed facts are listed at once, whoever changed them", async () => {
  const before = await starts();
  const body = { ...weekdays, windows: [{ day: 3, from: "10:00", to: "10:40" }] };
  expect((await world.harness.call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body })).status).toBe(200);
  expect(await starts()).toEqual(["2026-11-25T09:00:00.000Z", "2026-11-25T09:20:00.000Z"]);
  // As another process would: nothing in this one hears of it but by the version.
  await world.database.owner`insert into clinic_closures (clinic_id, day, name) values (${world.clinicId}, '2026-11-25', 'Fermé')`;
  expect(await starts()).toEqual([]);
  expect(before.length).toBeGreaterThan(2);
});
