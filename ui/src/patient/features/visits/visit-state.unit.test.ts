import { expect, test } from "bun:test";
import { choicesAt, isOpenAt, limitsAt, moveKey, policyAt } from "./visit-state.ts";

const start = "2026-11-24T10:00:00.000Z";
const at = (hoursBefore: number) => Date.parse(start) - hoursBefore * 3_600_000;
const visit = (more: object = {}) => ({
  status: "booked" as const,
  start,
  cancelUntil: new Date(at(4)).toISOString(),
  moveUntil: new Date(at(24)).toISOString(),
  ...more,
});

test("each limit ends its own choice, at the limit itself", () => {
  expect(choicesAt(visit(), at(24) - 1)).toMatchObject({ canMove: true, canCancel: true });
  expect(choicesAt(visit(), at(24))).toMatchObject({ canMove: false, canCancel: true });
  expect(choicesAt(visit(), at(4))).toMatchObject({ canMove: false, canCancel: false });
});

test("without a limit of its own, moving ends when cancelling does", () => {
  const { moveUntil: _, ...older } = visit();
  expect(choicesAt(older, at(5)).canMove).toBe(true);
  expect(choicesAt(older, at(4)).canMove).toBe(false);
});

test("nothing is offered for a visit that is over, cancelled or under way", () => {
  for (const status of ["cancelled", "arrived", "fulfilled", "noshow"] as const) {
    expect(choicesAt(visit({ status }), at(48))).toMatchObject({ canMove: false, canCancel: false });
    expect(policyAt(visit({ status }), at(48))).toEqual([]);
  }
  expect(isOpenAt(visit(), at(0))).toBe(false);
});

test("the policy is one sentence when both limits are one, else says each, also when it has passed", () => {
  const keys = (more: object, nowMs: number) => policyAt(visit(more), nowMs).map(({ key }) => key);
  expect(keys({ moveUntil: visit().cancelUntil }, at(48))).toEqual(["policyBoth"]);
  expect(keys({}, at(48))).toEqual(["policyMove", "policyCancel", "policyCall"]);
  expect(keys({}, at(12))).toEqual(["policyMoveOver", "policyCancel", "policyCall"]);
  expect(keys({}, at(1))).toEqual(["policyMoveOver", "policyCancelOver"]);
});

test("at another time a visit has the limits of its reason, counted from there", () => {
  const limits = limitsAt(start, { cancelHours: 4, moveHours: 24 });
  expect(limits).toMatchObject({ cancelUntil: visit().cancelUntil, moveUntil: visit().moveUntil });
  expect(limitsAt(start, { cancelHours: 4 }).moveUntil).toBe(limits.cancelUntil);
  expect(choicesAt(limitsAt(start, { cancelHours: 0 }), at(0) - 1).canCancel).toBe(true);
});

test("a retry of one move has one key, a move after another change has a new one", () => {
  const id = `apt_${"0".repeat(32)}` as const;
  expect(moveKey({ id, version: 1 }, start)).toBe(moveKey({ id, version: 1 }, "2026-11-24T11:00:00+01:00"));
  expect(moveKey({ id, version: 2 }, start)).not.toBe(moveKey({ id, version: 1 }, start));
  expect(moveKey({ id, version: 1 }, start)).toMatch(/^[\x21-\x7e]{1,128}$/);
});
