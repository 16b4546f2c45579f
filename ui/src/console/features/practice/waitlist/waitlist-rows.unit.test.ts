import { expect, test } from "bun:test";
import { putWaitlistSettings } from "@episante/contracts/waitlist";
import { leftOf, minutesOf, reasonWith } from "./waitlist-rows.ts";

const doctor = (digit: string) => `doc_${digit.repeat(32)}` as const;
const reason = (digit: string) => `rea_${digit.repeat(32)}` as const;

test("the reason shown is the one for the doctor on screen, also when another doctor was named first", () => {
  const entry = { doctorId: doctor("1"), reasonId: reason("a"), others: [{ doctorId: doctor("2"), reasonId: reason("b") }] };
  expect([reasonWith(entry, doctor("1")), reasonWith(entry, doctor("2")), reasonWith(entry, doctor("3"))]).toEqual([
    reason("a"),
    reason("b"),
    undefined,
  ]);
});

test("what is left of an offer never falls below nothing", () => {
  const offer = { until: "2026-11-24T10:00:00Z" };
  expect(leftOf(offer, Date.parse("2026-11-24T09:59:00Z"))).toBe(60_000);
  expect(leftOf(offer, Date.parse("2026-11-24T10:00:01Z"))).toBe(0);
});

test("minutes to answer are those that the API takes", () => {
  for (const typed of ["14", "15", "2880", "2881", "", "1.5", "-15", "abc"]) {
    const taken = putWaitlistSettings.body?.safeParse({ mode: "one-by-one", offerMinutes: Number(typed) }).success ?? false;
    expect([typed, minutesOf(typed) !== undefined]).toEqual([typed, taken]);
  }
  expect(minutesOf(" 120 ")).toBe(120);
});
