import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { getSchedule, listSlots, putSchedule } from "@episante/contracts/appointment";
import { doctorActor, staffActor } from "@episante/testkit/actors";
import { bookingWorld, type World, weekdays } from "../../test/world.ts";

let world: World;
beforeEach(async () => {
  world = await bookingWorld();
});
afterEach(() => world.close());

const put = (actor: World["staff"], more: Record<string, unknown>) =>
  world.harness.call(putSchedule, { actor, params: { doctorId: world.doctorId }, body: { ...weekdays, ...more } });
const slots = async (query: Record<string, string> = {}) =>
  (
    await world.harness.call(listSlots, {
      query: { doctorId: world.doctorId, reasonId: world.reasons.r20, from: "2026-11-24", to: "2026-11-24", ...query },
    })
  ).json;

describe("weekly hours", () => {
  test("are replaced by the doctor or the staff, and the offer follows", async () => {
    const windows = [{ day: 2, from: "14:00", to: "15:00" }];
    expect((await put(world.doctor, { windows })).status).toBe(200);
    expect((await slots()).items.map((slot: { start: string }) => slot.start)).toEqual(
      ["13:00", "13:20", "13:40"].map((time) => `2026-11-24T${time}:00.000Z`),
    );
    const read = await world.harness.call(getSchedule, { actor: world.staff, params: { doctorId: world.doctorId } });
    expect(read.json).toEqual({ ...weekdays, windows });
    expect(await world.events()).toEqual(["appointment.openings-changed"]);
  });

  test("that overlap, are empty or name no zone are refused, naming the window", async () => {
    const overlapping = [
      { day: 1, from: "09:00", to: "12:00" },
      { day: 1, from: "11:00", to: "13:00" },
    ];
    expect((await put(world.staff, { windows: overlapping })).json).toMatchObject({
      code: "invalid-input",
      errors: [{ path: "windows.1" }],
    });
    expect((await put(world.staff, { windows: [{ day: 1, from: "12:00", to: "09:00" }] })).json.code).toBe("invalid-input");
    expect((await put(world.staff, { zone: "Mars/Olympus" })).json.code).toBe("invalid-input");
    expect((await slots()).items).toHaveLength(9);
  });

  test("of another clinic, or of a colleague, are not found", async () => {
    for (const actor of [staffActor(), doctorActor(), doctorActor({ clinicId: world.clinicId, doctorId: world.otherDoctorId })]) {
      expect((await put(actor, {})).json.code).toBe("not-found");
      const read = await world.harness.call(getSchedule, { actor, params: { doctorId: world.doctorId } });
      expect(read.json.code).toBe("not-found");
    }
  });

  test("before any were set are empty, in the clinic's zone", async () => {
    await world.database.owner`delete from schedules where doctor_id = ${world.doctorId}`;
    const read = await world.harness.call(getSchedule, { actor: world.doctor, params: { doctorId: world.doctorId } });
    expect(read.json).toMatchObject({ zone: "Europe/Paris", windows: [] });
  });
});

describe("the offer", () => {
  test("names the next free time when the asked days have none", async () => {
    expect(await slots({ from: "2026-11-28", to: "2026-11-29" })).toEqual({ items: [], nextFreeAt: "2026-11-30T08:00:00.000Z" });
    expect(await slots({ from: "2027-09-01", to: "2027-09-02" })).toEqual({ items: [] });
    expect(await slots({ from: "9999-12-30", to: "9999-12-31" })).toEqual({ items: [] });
  });

  test("refuses reversed and too long periods, and another doctor's reason", async () => {
    expect((await slots({ to: "2026-11-23" })).code).toBe("invalid-input");
    expect((await slots({ to: "2027-11-23" })).code).toBe("invalid-input");
    expect((await slots({ reasonId: world.reasons.others })).code).toBe("not-found");
    expect((await slots({ from: "tomorrow" })).code).toBe("invalid-input");
  });

  test("is empty for visits booked by telephone, and gone with the doctor's membership", async () => {
    expect((await slots({ reasonId: world.reasons.byPhone })).items).toEqual([]);
    await world.database.owner`update doctors set is_active = false where doctor_id = ${world.doctorId}`;
    expect((await slots()).code).toBe("not-found");
  });
});
