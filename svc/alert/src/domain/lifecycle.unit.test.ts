import { describe, expect, test } from "bun:test";
import type { AccountId } from "@episante/contracts/ids";
import { isRefusal } from "@episante/contracts/problem";
import fc from "fast-check";
import {
  ackExpiresAt,
  assign,
  close,
  type Decision,
  isActive,
  isPiercedBy,
  passTime,
  type Standable,
  snooze,
  standingAs,
  take,
} from "./lifecycle.ts";

const minute = 60_000;
const defaults = { criticalMinutes: 60, warningMinutes: 240 };
const never = { criticalMinutes: null, warningMinutes: null };
const ada = "acc_ada" as AccountId;
const bob = "acc_bob" as AccountId;
const warning: Standable = { status: "open", severity: "warning" };
const critical: Standable = { status: "open", severity: "critical" };
const after = (alert: Standable, decision: Decision): Standable => {
  if (!decision || isRefusal(decision)) throw new Error(`no step: ${JSON.stringify(decision)}`);
  return standingAs(alert, decision.standing);
};
const actions = (decision: Decision) => (decision && !isRefusal(decision) ? decision.entries.map(({ action }) => action) : decision);

describe("taking in charge", () => {
  test("the first has it; a second changes nothing; what has ended cannot be taken", () => {
    const taken = after(critical, take(critical, ada, defaults, 0));
    expect(taken).toEqual({ status: "acked", severity: "critical", ownerAccountId: ada, ackedAt: 0, ackExpiresAt: 60 * minute });
    expect(take(taken, bob, defaults, 1)).toBeUndefined();
    for (const status of ["resolved", "withdrawn"] as const)
      expect(take({ ...warning, status }, ada, defaults, 0)).toEqual({ refused: "wrong-state" });
  });
  test("whoever takes an alert that was given to somebody else has it", () => {
    expect(after(warning, take({ ...warning, ownerAccountId: bob }, ada, never, 0))).toMatchObject({
      status: "acked",
      ownerAccountId: ada,
    });
  });
  test("how long it counts is the clinic's setting by severity; null and notices: for ever", () => {
    expect(ackExpiresAt("critical", defaults, 5)).toBe(60 * minute + 5);
    expect(ackExpiresAt("warning", defaults, 5)).toBe(240 * minute + 5);
    expect(ackExpiresAt("notice", defaults, 5)).toBeUndefined();
    expect(ackExpiresAt("critical", never, 5)).toBeUndefined();
  });
});

describe("snoozing", () => {
  test("keeps status, owner and severity; the last of several counts; the same again changes nothing", () => {
    const given = { ...warning, ownerAccountId: bob };
    const first = after(given, snooze(given, 60, 0));
    expect(first).toEqual({ ...given, snoozedUntil: 60 * minute });
    expect(after(first, snooze(first, 15, minute)).snoozedUntil).toBe(16 * minute);
    expect(snooze(first, 60, 0)).toBeUndefined();
  });
  test("a critical alert only after somebody took it, and at most a quarter of an hour", () => {
    expect(snooze(critical, 15, 0)).toMatchObject({ refused: "wrong-state" });
    const taken = after(critical, take(critical, ada, defaults, 0));
    expect(snooze(taken, 16, 0)).toMatchObject({ refused: "invalid-input", errors: [{ path: "minutes" }] });
    expect(actions(snooze(taken, 15, 0))).toEqual(["snoozed"]);
  });
  test("is pierced by what is more severe, not by what is as severe or less; only while it lasts", () => {
    const quiet = { ...warning, snoozedUntil: 1 };
    expect((["critical", "warning", "notice"] as const).map((severity) => isPiercedBy(quiet, severity))).toEqual([true, false, false]);
    expect(isPiercedBy(warning, "critical")).toBe(false);
    expect(isPiercedBy({ ...quiet, status: "resolved" }, "critical")).toBe(false);
  });
});

test("an alert that is given away is not taken in charge by it; to the same person again changes nothing", () => {
  const given = after(warning, assign(warning, bob));
  expect(given).toEqual({ ...warning, ownerAccountId: bob });
  expect(assign(given, bob)).toBeUndefined();
  const taken = after(given, take(given, ada, defaults, 0));
  expect(after(taken, assign(taken, bob))).toMatchObject({ status: "acked", ownerAccountId: bob, ackedAt: 0, ackExpiresAt: 240 * minute });
  expect(assign({ ...warning, status: "resolved" }, bob)).toEqual({ refused: "wrong-state" });
});

test("closing ends the snooze; closed by hand, a second closing changes nothing; ended by its readings, there is nothing to close", () => {
  const quiet = { ...warning, snoozedUntil: 5 };
  expect(after(quiet, close(quiet))).toEqual({ status: "resolved", severity: "warning" });
  expect(close({ ...warning, status: "resolved", closedByHandAt: 1 })).toBeUndefined();
  expect(close({ ...warning, status: "resolved" })).toEqual({ refused: "wrong-state" });
  expect(close({ ...warning, status: "withdrawn", closedByHandAt: 1 })).toEqual({ refused: "wrong-state" });
});

describe("time", () => {
  test("forgets an acknowledgement at its end, and who had it; not a moment before", () => {
    const taken = after(critical, take(critical, ada, defaults, 0));
    expect(passTime(taken, 60 * minute - 1)).toBeUndefined();
    const step = passTime(taken, 60 * minute);
    expect(actions(step)).toEqual(["ack-expired"]);
    expect(after(taken, step)).toEqual(critical);
  });
  test("ends a snooze at its end and leaves the acknowledgement; both at once are two entries", () => {
    const taken = after(critical, take(critical, ada, { ...defaults, criticalMinutes: 10 }, 0));
    const quiet = after(taken, snooze(taken, 15, 0));
    expect(actions(passTime(quiet, 10 * minute))).toEqual(["ack-expired"]);
    expect(actions(passTime(quiet, 15 * minute))).toEqual(["ack-expired", "snooze-ended"]);
    expect(passTime({ ...quiet, status: "resolved" }, 15 * minute)).toBeUndefined();
  });
});

test("whatever people and time do in whatever order: an alert that is acked has an owner, and time never does a thing twice", () => {
  const acts = fc.constantFrom("take", "snooze", "assign", "close", "time");
  const steps = fc.array(fc.tuple(acts, fc.integer({ min: 15, max: 240 }), fc.constantFrom(ada, bob)), { maxLength: 30 });
  fc.assert(
    fc.property(fc.constantFrom(critical, warning), steps, (begin, list) => {
      let alert: Standable = begin;
      let now = 0;
      for (const [act, minutes, who] of list) {
        now += minutes * minute;
        const decide: { [name in typeof act]: () => Decision } = {
          take: () => take(alert, who, defaults, now),
          snooze: () => snooze(alert, minutes, now),
          assign: () => assign(alert, who),
          close: () => close(alert),
          time: () => passTime(alert, now),
        };
        const decision = decide[act]();
        if (!decision || isRefusal(decision)) continue;
        expect(isActive(alert)).toBe(true);
        alert = standingAs(alert, decision.standing);
        expect(alert.status === "acked").toBe(alert.ackedAt !== undefined && alert.status !== "resolved");
        if (alert.status === "acked") expect(alert.ownerAccountId).toBeDefined();
        if (act === "time") expect(passTime(alert, now)).toBeUndefined();
        expect(alert.severity).toBe(begin.severity);
      }
    }),
  );
});
