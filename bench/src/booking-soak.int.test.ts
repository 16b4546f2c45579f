import { expect, test } from "bun:test";
import { isSound, soakBookings } from "./booking-soak.ts";

test("among many who want the same few times in several instances one each wins: no overlap, no deadlock", async () => {
  const report = await soakBookings(8_000, () => {});
  expect(report).toMatchObject({ attempts: 8_000, winners: 40, notOneWinner: 0, overlaps: 0, deadlocks: 0, faults: 0 });
  expect(isSound(report)).toBe(true);
});

test("a soak that found anything is not sound", () => {
  const sound = {
    attempts: 1,
    winners: 1,
    seconds: 1,
    attemptsPerSecond: 1,
    hoursForTenMillion: 1,
    notOneWinner: 0,
    overlaps: 0,
    deadlocks: 0,
    faults: 0,
  };
  expect(isSound(sound)).toBe(true);
  for (const fault of ["notOneWinner", "overlaps", "deadlocks", "faults"]) expect(isSound({ ...sound, [fault]: 1 })).toBe(false);
});
