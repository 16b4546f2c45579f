import { describe, expect, test } from "bun:test";
import { isRefusal } from "@episante/contracts/problem";
import fc from "fast-check";
import { busyStateOf, type FloorState, floorStatuses, setStatus } from "./floor.ts";
import { isSamePlace, judgeCancel, judgeMove, lastInstant, type PolicyText } from "./visit.ts";

const hourMs = 3_600_000;
const startMs = Date.parse("2026-11-24T10:00:00Z");
const visit = (status: string) => ({ status, startMs, endMs: startMs + 20 * 60_000, doctorId: "doc" });
const policy = (kind: "cancel" | "move", hours: number): PolicyText => ({ kind, hours, untilMs: lastInstant(startMs, hours) });

describe("who may move or cancel until when", () => {
  test("a patient until the limit and at the limit, not a millisecond later; the clinic always", () => {
    for (const judge of [judgeMove, judgeCancel]) {
      const limit = policy(judge === judgeMove ? "move" : "cancel", 24);
      expect(judge(visit("booked"), limit, startMs - 24 * hourMs, false)).toBeNull();
      expect(judge(visit("booked"), limit, startMs - 24 * hourMs + 1, false)).toMatchObject({ refused: "wrong-state" });
      expect(judge(visit("booked"), limit, startMs + hourMs, true)).toBeNull();
    }
  });
  test("the refusal says the policy in words and as facts", () => {
    const refusal = judgeMove(visit("booked"), policy("move", 24), startMs, false);
    expect(refusal?.detail).toContain("24 h before");
    expect(refusal?.extra).toEqual({ policy: { kind: "move", hours: 24, until: "2026-11-23T10:00:00.000Z" } });
  });
  test("what is cancelled is said to be, what has begun on the floor is not moved or cancelled, whoever asks", () => {
    for (const judge of [judgeMove, judgeCancel]) {
      expect(judge(visit("cancelled"), policy("move", 0), 0, true)).toMatchObject({ refused: "already-cancelled" });
      for (const status of ["arrived", "checked-in", "fulfilled", "noshow", "entered-in-error"])
        expect(judge(visit(status), policy("move", 0), 0, true)).toMatchObject({ refused: "wrong-state" });
    }
  });
  test("the same place is the same doctor and the same time", () => {
    expect(isSamePlace(visit("booked"), visit("arrived"))).toBe(true);
    expect(isSamePlace(visit("booked"), { ...visit("booked"), doctorId: "other" })).toBe(false);
    expect(isSamePlace(visit("booked"), { ...visit("booked"), startMs: startMs + 1 })).toBe(false);
  });
});

const fresh: FloorState = { status: "booked", arrivedMs: null, inRoomMs: null, doneMs: null, excused: null };
const verbs = fc.array(fc.record({ to: fc.constantFrom(...floorStatuses), excused: fc.boolean(), undo: fc.boolean() }), { maxLength: 30 });

describe("the floor", () => {
  test("an ordinary visit: arrived, in room, done, each with its time", () => {
    let state: FloorState = fresh;
    for (const [to, nowMs] of [
      ["arrived", 1],
      ["checked-in", 2],
      ["fulfilled", 3],
    ] as const) {
      const next = setStatus(state, to, nowMs);
      if (isRefusal(next)) throw new Error(next.refused);
      state = next;
    }
    expect(state).toEqual({ status: "fulfilled", arrivedMs: 1, inRoomMs: 2, doneMs: 3, excused: null });
  });
  test("a patient given up who turns up is let in, and is no no-show any more", () => {
    const absent = setStatus(fresh, "noshow", 1, true);
    if (isRefusal(absent)) throw new Error(absent.refused);
    expect(absent.excused).toBe(true);
    expect(setStatus(absent, "arrived", 2)).toMatchObject({ status: "arrived", excused: null });
  });
  test("a finished visit does not become a no-show, and nothing leads out of cancelled or entered in error", () => {
    for (const to of floorStatuses) {
      expect(setStatus({ ...fresh, status: "cancelled" }, to, 1)).toMatchObject({ refused: "already-cancelled" });
      expect(setStatus({ ...fresh, status: "entered-in-error" }, to, 1)).toMatchObject({ refused: "wrong-state" });
    }
    expect(setStatus({ ...fresh, status: "fulfilled" }, "noshow", 1)).toMatchObject({ refused: "wrong-state" });
  });
  test("whatever is said and undone, in any order: undoing restores exactly what was before, and only what never was frees its time", () => {
    fc.assert(
      fc.property(verbs, (steps) => {
        const before: FloorState[] = [];
        let state: FloorState = fresh;
        let nowMs = 0;
        for (const { to, excused, undo } of steps) {
          nowMs += 60_000;
          const last = before.at(-1);
          if (undo && last) {
            state = last;
            before.pop();
            continue;
          }
          const next = setStatus(state, to, nowMs, excused);
          if (isRefusal(next)) continue;
          before.push(state);
          state = next;
          expect(state.status === "noshow").toBe(state.excused !== null);
          expect(busyStateOf(state.status) === "released").toBe(state.status === "entered-in-error");
          const times = [state.arrivedMs, state.inRoomMs, state.doneMs].filter((time) => time !== null);
          expect([...times].sort((a, b) => a - b)).toEqual(times);
        }
        while (before.length > 0) state = before.pop() ?? state;
        expect(state).toEqual(fresh);
      }),
    );
  });
});
