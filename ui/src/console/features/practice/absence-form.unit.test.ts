import { describe, expect, test } from "bun:test";
import type { Reason } from "@episante/contracts/doctor";
import { countOutcomes, equalReasons, faultsOf, newDraft, periodOf, planOf, wholeDaysOf } from "./absence-form.ts";

const zone = "Europe/Paris";
const now = Date.parse("2026-11-23T07:00:00Z");
const draft = (more: Partial<ReturnType<typeof newDraft>> = {}) => ({ ...newDraft("2026-11-26"), ...more });

describe("the period", () => {
  test("of whole days ends with the midnight after the last, also over a clock change", () => {
    const period = periodOf(draft({ firstDay: "2027-03-27", lastDay: "2027-03-28" }), zone);
    expect(period).toEqual({ startMs: Date.parse("2027-03-27T00:00:00+01:00"), endMs: Date.parse("2027-03-29T00:00:00+02:00") });
  });
  test("of a part of a day is in the clinic's time, and may end at midnight", () => {
    const part = { isPartial: true, from: "14h30", to: "24:00" };
    expect(periodOf(draft(part), zone)).toEqual({
      startMs: Date.parse("2026-11-26T14:30:00+01:00"),
      endMs: Date.parse("2026-11-27T00:00:00+01:00"),
    });
    expect(periodOf(draft({ ...part, firstDay: "2027-07-01", lastDay: "2027-07-01", to: "18" }), "America/Montreal")).toEqual({
      startMs: Date.parse("2027-07-01T14:30:00-04:00"),
      endMs: Date.parse("2027-07-01T18:00:00-04:00"),
    });
    expect(periodOf(draft({ ...part, to: "" }), zone)).toBeUndefined();
  });
  test("is told apart into whole days and others when it is shown", () => {
    const day = { start: "2026-11-25T23:00:00.000Z", end: "2026-11-27T23:00:00.000Z" };
    expect(wholeDaysOf(day, zone)).toEqual({ first: "2026-11-26", last: "2026-11-27" });
    expect(wholeDaysOf({ ...day, end: "2026-11-27T22:00:00.000Z" }, zone)).toBeUndefined();
    expect(wholeDaysOf(day, "America/Montreal")).toBeUndefined();
  });
});

describe("faults", () => {
  const cases: [string, Parameters<typeof draft>[0], ReturnType<typeof faultsOf>][] = [
    ["none", {}, {}],
    ["no days", { firstDay: "", lastDay: "" }, { firstDay: "day", lastDay: "day" }],
    ["days the wrong way round", { lastDay: "2026-11-25" }, { lastDay: "order" }],
    ["a period that is over", { firstDay: "2026-11-22", lastDay: "2026-11-22" }, { lastDay: "past" }],
    ["today is not over", { firstDay: "2026-11-23", lastDay: "2026-11-23" }, {}],
    ["no times", { isPartial: true }, { from: "time", to: "time" }],
    ["times the wrong way round", { isPartial: true, from: "12", to: "9" }, { to: "times" }],
    ["a new day within the absence", { plan: "move", moveToDay: "2026-11-26" }, { moveToDay: "moveDay" }],
    ["a new day that has passed", { plan: "move", moveToDay: "2026-11-22" }, { moveToDay: "moveDay" }],
    ["nobody to hand over to", { plan: "colleague" }, { toDoctorId: "colleague" }],
  ];
  for (const [what, more, faults] of cases) test(what, () => expect(faultsOf(draft(more), zone, now)).toEqual(faults));
});

describe("the plan that is sent", () => {
  test("holds what belongs to it and nothing else", () => {
    const typed = { moveToDay: "2026-12-03", toDoctorId: "doc_1", reason: " malade ", reasons: { rea_1: "rea_2", rea_3: "" } };
    expect(planOf(draft(typed))).toEqual({ plan: "keep" });
    expect(planOf(draft({ ...typed, plan: "cancel" }))).toEqual({ plan: "cancel", reason: "malade" });
    expect(planOf(draft({ ...typed, plan: "move" }))).toEqual({ plan: "move", moveToDay: "2026-12-03", otherwise: "keep" });
    expect(planOf(draft({ ...typed, plan: "colleague", otherwise: "cancel" }))).toEqual({
      plan: "colleague",
      toDoctorId: "doc_1",
      reasons: [{ reasonId: "rea_1", toReasonId: "rea_2" }],
      otherwise: "cancel",
      reason: "malade",
    });
    expect(planOf(draft({ plan: "cancel", reason: "  " }))).toEqual({ plan: "cancel" });
  });
  test("reasons of the same name and length stand for each other, whatever their case; others for none", () => {
    const reason = (id: string, fr: string, en: string, minutes: number) => ({ id, name: { fr, en }, minutes }) as unknown as Reason;
    const own = [reason("a", "Consultation", "Consultation", 20), reason("b", "Vaccin", "Vaccine", 10), reason("c", "ECG", "ECG", 30)];
    const theirs = [reason("x", "consultation ", "Visit", 20), reason("y", "Vaccination", "vaccine", 10), reason("z", "ECG", "ECG", 40)];
    expect(equalReasons(own, theirs)).toEqual({ a: "x", b: "y", c: "" });
  });
});

test("outcomes are counted", () => {
  const visit = (outcome: "kept" | "moved") => ({ outcome }) as Parameters<typeof countOutcomes>[0][number];
  expect(countOutcomes([visit("moved"), visit("kept"), visit("moved")])).toEqual({ kept: 1, cancelled: 0, moved: 2 });
});
