import { describe, expect, test } from "bun:test";
import type { Reason } from "@episante/contracts/doctor";
import { judgeTarget, nearestFree, sameReason, stepTarget } from "./move-targets.ts";

const target = { day: "2026-01-13", doctorId: "doc_a", from: 600 };
const around = { minutes: 20, before: 0, after: 0 };
const visit = { kind: "visit", key: "apt_1", from: 580, to: 600 } as const;
const facts = { openings: [[540, 720]] as const, taken: [visit], notBefore: 0 };

describe("a target is judged before the drop", () => {
  test("times that only touch do not clash", () => {
    expect(judgeTarget(target, around, facts)).toEqual({ kind: "free" });
    expect(judgeTarget({ ...target, from: 560 }, around, facts)).toEqual({ kind: "free" });
  });
  test("a minute over the edge is taken, and says by whom", () => {
    expect(judgeTarget({ ...target, from: 599 }, around, facts)).toEqual({ kind: "taken", with: "apt_1" });
    expect(judgeTarget({ ...target, from: 561 }, around, facts)).toEqual({ kind: "taken", with: "apt_1" });
  });
  test("the minutes around both visits add up", () => {
    const taken = [{ ...visit, after: 10 }];
    expect(judgeTarget({ ...target, from: 610 }, around, { ...facts, taken }).kind).toBe("free");
    expect(judgeTarget({ ...target, from: 610 }, { ...around, before: 5 }, { ...facts, taken }).kind).toBe("taken");
  });
  test("the visit itself stays within the hours; a held time and the past are no place either", () => {
    expect(judgeTarget({ ...target, from: 705 }, around, facts).kind).toBe("closed");
    expect(judgeTarget({ ...target, from: 700 }, { ...around, after: 30 }, facts).kind).toBe("free");
    expect(judgeTarget(target, around, { ...facts, taken: [{ ...visit, kind: "held", from: 610, to: 630 }] }).kind).toBe("held");
    expect(judgeTarget(target, around, { ...facts, notBefore: 601 }).kind).toBe("past");
  });
});

describe("arrow keys move the target", () => {
  const doctors = ["doc_a", "doc_b"];
  test("up and down by five minutes, by an hour with Shift, never out of the day", () => {
    expect(stepTarget(target, "ArrowUp", false, doctors)?.from).toBe(595);
    expect(stepTarget(target, "ArrowDown", true, doctors)?.from).toBe(660);
    expect(stepTarget({ ...target, from: 3 }, "ArrowUp", false, doctors)?.from).toBe(0);
    expect(stepTarget({ ...target, from: 1430 }, "ArrowDown", true, doctors)?.from).toBe(1435);
  });
  test("left and right by doctor, and on to the next day behind the last one", () => {
    expect(stepTarget(target, "ArrowRight", false, doctors)).toEqual({ ...target, doctorId: "doc_b" });
    expect(stepTarget({ ...target, doctorId: "doc_b" }, "ArrowRight", false, doctors)).toEqual({ ...target, day: "2026-01-14" });
    expect(stepTarget(target, "ArrowLeft", false, doctors)).toEqual({ day: "2026-01-12", doctorId: "doc_b", from: 600 });
    expect(stepTarget(target, "ArrowLeft", true, doctors)).toEqual({ ...target, day: "2026-01-12" });
  });
  test("with one doctor they go by day; other keys are none of theirs", () => {
    expect(stepTarget(target, "ArrowRight", false, ["doc_a"])).toEqual({ ...target, day: "2026-01-14" });
    expect(stepTarget(target, "x", false, doctors)).toBeUndefined();
  });
});

test("a colleague's reason is found by its words in either language, never guessed", () => {
  const reason = (id: string, fr: string, en: string) => ({ id, name: { fr, en } }) as unknown as Reason;
  const mine = reason("rea_1", "Suivi", "Follow-up");
  expect(sameReason(mine, [reason("rea_2", "ECG", "ECG"), reason("rea_3", "Suivi ", "Follow-up")])?.id as string).toBe("rea_3");
  expect(sameReason(mine, [reason("rea_2", "ECG", "ECG")])).toBeUndefined();
});

test("the nearest free times are offered in order, each really free, none over another", () => {
  const near = nearestFree({ ...target, from: 585 }, around, facts);
  expect(near.map(({ from }) => from)).toEqual([560, 600, 620]);
  expect(nearestFree(target, around, { ...facts, openings: undefined })).toEqual([]);
  expect(nearestFree(target, around, { ...facts, openings: [[580, 600]] })).toEqual([]);
});
