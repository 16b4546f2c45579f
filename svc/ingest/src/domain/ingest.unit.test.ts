import { expect, test } from "bun:test";
import type { Frame } from "@episante/contracts/envelope";
import fc from "fast-check";
import { isDeviceLogin, parseLoginRequest } from "./device-login.ts";
import { daysOf, keyOf, splitReadings } from "./readings.ts";
import { WrongCodeLimit } from "./wrong-codes.ts";

const reading = fc.tuple(
  fc.constantFrom("59408-5", "2708-6"),
  fc.constant("spo2" as const),
  fc.integer({ min: 80, max: 99 }),
  fc.integer({ min: 0, max: 9 }),
);
const frames: fc.Arbitrary<Frame[]> = fc.array(
  fc.record({
    deviceId: fc.constantFrom("dev_1", "dev_2"),
    patientId: fc.constant("pat_1"),
    clinicId: fc.constant("cli_1"),
    kind: fc.constant("wearable"),
    boot: fc.constant("b"),
    seq: fc.nat(),
    receivedAtMs: fc.nat(),
    readings: fc.array(reading, { maxLength: 20 }),
  }),
);

test("splitting loses nothing, keeps one first reading per identity and the order of the others", () => {
  fc.assert(
    fc.property(frames, (some) => {
      const { first, again } = splitReadings(some);
      expect(first.length + again.length).toBe(some.reduce((sum, { readings }) => sum + readings.length, 0));
      expect(new Set(first.map(keyOf)).size).toBe(first.length);
      const all = some.flatMap(({ deviceId, readings }) =>
        readings.map(([code, , value, at]) => [keyOf({ deviceId, code, at }), value] as const),
      );
      for (const row of first) {
        const told = all.filter(([key]) => key === keyOf(row)).map(([, value]) => value);
        expect([row.value, ...again.filter((one) => keyOf(one) === keyOf(row)).map(({ value }) => value)]).toEqual(told);
      }
    }),
  );
});

test("only days around now get partitions", () => {
  const now = Date.parse("2026-01-15T08:00:00Z");
  const row = (at: number) => ({
    patientId: "p",
    signal: "spo2",
    code: "c",
    at,
    value: 1,
    deviceId: "d",
    receivedAt: now,
    boot: "b",
    seq: 0,
  });
  const day = 86_400_000;
  expect(daysOf([row(now), row(now - 1), row(now - 30 * day), row(now - 32 * day), row(0), row(now + 3 * day)], now)).toEqual([
    "2025-12-16",
    "2026-01-15",
  ]);
});

test("wrong codes are counted per caller for ten minutes", () => {
  const limit = new WrongCodeLimit();
  for (let count = 0; count < 10; count++) {
    expect(limit.isOver("a", 1000)).toBe(false);
    limit.add("a", 1000);
  }
  expect(limit.isOver("a", 1000)).toBe(true);
  expect(limit.isOver("b", 1000)).toBe(false);
  expect(limit.isOver(undefined, 1000)).toBe(false);
  expect(limit.isOver("a", 1000 + 600_000)).toBe(false);
});

test("a login that is not a device's is told apart without a fault", () => {
  for (const payload of [null, 1, {}, { nats: {} }, { nats: { user_nkey: "U", server_id: {} } }])
    expect(parseLoginRequest(payload)).toBeNull();
  const id = `dev_${"0".repeat(32)}`;
  const request = (user?: string, pass?: string) => {
    const parsed = parseLoginRequest({ nats: { user_nkey: "U", server_id: { id: "N" }, connect_opts: { user, pass } } });
    return parsed ? isDeviceLogin(parsed) : null;
  };
  expect(request(id, `${id}.x`)).toBe(true);
  for (const [user, pass] of [
    [undefined, "x"],
    [id, undefined],
    [id, "x"],
    ["dev_>", "dev_>.x"],
    [id, `${id}.${"x".repeat(300)}`],
  ])
    expect(request(user, pass)).toBe(false);
});
