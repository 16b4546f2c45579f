import { describe, expect, test } from "bun:test";
import type { AccountId } from "@episante/contracts/ids";
import fc from "fast-check";
import { onCallAt, onCallUntil } from "./rota.ts";

const [ada, bea, cem] = ["a", "b", "c"].map((letter) => `acc_${letter.repeat(32)}` as AccountId) as [AccountId, AccountId, AccountId];
const paris = "Europe/Paris";
const at = (instant: string) => Date.parse(instant);
const nights = (accountId: AccountId) => [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: "20:00", to: "08:00", accountId }));

describe("who is on call", () => {
  const rota = {
    weekly: [...nights(ada), { day: 4, from: "08:00", to: "20:00", accountId: bea }],
    exceptions: [{ from: "2026-01-15T18:30:00Z", to: "2026-01-15T21:00:00Z", accountId: cem }],
  };
  test("a turn past midnight is one turn; a hole is nobody; an exception wins while it lasts", () => {
    // Thursday 15 January 2026; Paris is one hour ahead of UTC.
    const seen = ["2026-01-15T06:59:00Z", "2026-01-15T07:00:00Z", "2026-01-15T18:29:00Z", "2026-01-15T18:30:00Z", "2026-01-15T21:00:00Z"];
    expect(seen.map((instant) => onCallAt(rota, paris, at(instant)))).toEqual([ada, bea, bea, cem, ada]);
    expect(onCallAt(rota, paris, at("2026-01-16T09:00:00Z"))).toBeUndefined();
  });
  test("until when, is told across turns of the same person and up to an exception", () => {
    expect(onCallUntil(rota, paris, at("2026-01-15T10:00:00Z"))).toEqual({ accountId: bea, untilMs: at("2026-01-15T18:30:00Z") });
    expect(onCallUntil(rota, paris, at("2026-01-15T22:00:00Z"))).toEqual({ accountId: ada, untilMs: at("2026-01-16T07:00:00Z") });
    const always = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: "00:00", to: "00:00", accountId: ada }));
    const now = at("2026-01-15T10:00:00Z");
    expect(onCallUntil({ weekly: always, exceptions: [] }, paris, now)).toEqual({ accountId: ada, untilMs: now + 8 * 86_400_000 });
    expect(onCallUntil({ weekly: [], exceptions: [] }, paris, now)).toBeUndefined();
  });
  test("of several at once the last in the list counts", () => {
    const twice = { weekly: [...nights(ada), ...nights(bea)], exceptions: [] };
    expect(onCallAt(twice, paris, at("2026-01-15T22:00:00Z"))).toBe(bea);
  });
  test("clock changes: the wall clock counts, and turns that meet leave no hole and no overlap", () => {
    const week = {
      weekly: [1, 2, 3, 4, 5, 6, 7].flatMap((day) => [
        { day, from: "02:30", to: "14:30", accountId: ada },
        { day, from: "14:30", to: "02:30", accountId: bea },
      ]),
      exceptions: [],
    };
    expect(onCallAt(week, paris, at("2026-03-29T00:59:59Z"))).toBe(bea);
    expect(onCallAt(week, paris, at("2026-03-29T01:00:00Z"))).toBe(ada);
    fc.assert(
      fc.property(fc.integer({ min: at("2026-03-01"), max: at("2026-11-30") }), (instant) => {
        const now = onCallUntil(week, paris, instant);
        expect(now).toBeDefined();
        const until = now?.untilMs ?? 0;
        expect(until - instant).toBeLessThanOrEqual(13 * 3_600_000);
        expect(onCallAt(week, paris, until - 1)).toBe(now?.accountId as AccountId);
        expect(onCallAt(week, paris, until)).not.toBe(now?.accountId);
      }),
    );
  });
});
