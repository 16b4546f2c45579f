import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { alertFixture } from "../../test/alert-fixture.ts";
import {
  type AlertBoard,
  applyAlerts,
  compareAlerts,
  countOpen,
  dismiss,
  emptyBoard,
  highestOpen,
  isOpen,
  isQuiet,
  moveSelection,
  select,
  settle,
  untakenCriticals,
} from "./alert-board.ts";

const calm = { reading: false };
const reading = { reading: true };
const names = (board: AlertBoard) => board.order.map((id) => board.alerts[id]?.rule.name);

describe("order of the list", () => {
  test("level first, then newest; technical alerts are last whatever their severity", () => {
    const { board } = applyAlerts(
      emptyBoard,
      [
        alertFixture("tech", { class: "technical", severity: "critical" }),
        alertFixture("old warning", { severity: "warning", minute: 1 }),
        alertFixture("critical", { minute: 0 }),
        alertFixture("new warning", { severity: "warning", minute: 2 }),
        alertFixture("notice", { severity: "notice" }),
      ],
      calm,
    );
    expect(names(board)).toEqual(["critical", "new warning", "old warning", "notice", "tech"]);
  });

  test("the order is total for any set of alerts and does not depend on arrival", () => {
    const arbitrary = fc.uniqueArray(
      fc.record({ n: fc.nat(40), severity: fc.constantFrom("critical", "warning", "notice"), minute: fc.nat(3) }),
      {
        selector: (entry) => entry.n,
      },
    );
    fc.assert(
      fc.property(arbitrary, fc.boolean(), (entries, backwards) => {
        const alerts = entries.map((entry) =>
          alertFixture(`a${entry.n}`, { severity: entry.severity as "critical", minute: entry.minute }),
        );
        const { board } = applyAlerts(emptyBoard, backwards ? alerts.toReversed() : alerts, calm);
        expect(board.order as string[]).toEqual(alerts.toSorted(compareAlerts).map((alert) => alert.id));
      }),
    );
  });
});

describe("while the list is read", () => {
  const start = applyAlerts(
    emptyBoard,
    [alertFixture("a", { severity: "warning", minute: 1 }), alertFixture("b", { severity: "warning" })],
    calm,
  ).board;

  test("a new warning is held back and counted, and shown when asked", () => {
    const { board, arrived, inserted } = applyAlerts(start, [alertFixture("c", { severity: "warning", minute: 9 })], reading);
    expect(names(board)).toEqual(["a", "b"]);
    expect(board.held).toHaveLength(1);
    expect(arrived).toHaveLength(1);
    expect(inserted).toEqual([]);
    expect(countOpen(board, "warning")).toBe(3);
    expect(names(settle(board))).toEqual(["c", "a", "b"]);
    expect(settle(board).held).toEqual([]);
  });

  test("a new critical comes in at once, at the top, and the others keep their order", () => {
    const { board, inserted } = applyAlerts(start, [alertFixture("c")], reading);
    expect(names(board)).toEqual(["c", "a", "b"]);
    expect(inserted).toEqual([alertFixture("c").id]);
  });

  test("a held alert that becomes critical is held no longer", () => {
    const held = applyAlerts(start, [alertFixture("c", { severity: "warning" })], reading).board;
    const { board } = applyAlerts(held, [alertFixture("c", { severity: "critical", cursor: 50 })], reading);
    expect(names(board)[0]).toBe("c");
    expect(board.held).toEqual([]);
  });

  test("an alert that closes keeps its row until the reading ends", () => {
    const { board } = applyAlerts(start, [alertFixture("a", { status: "resolved", severity: "warning", minute: 1, cursor: 50 })], reading);
    expect(names(board)).toEqual(["a", "b"]);
    expect(names(settle(board))).toEqual(["b"]);
  });
});

describe("cursor", () => {
  const start = applyAlerts(
    emptyBoard,
    [alertFixture("a", { minute: 3 }), alertFixture("b", { minute: 2 }), alertFixture("c", { minute: 1 })],
    calm,
  ).board;
  const id = (name: string) => alertFixture(name).id;

  test("follows its alert when others come in", () => {
    const { board } = applyAlerts(select(start, id("b")), [alertFixture("d", { minute: 9 })], calm);
    expect(board.selected).toBe(id("b"));
    expect(board.order.indexOf(id("b"))).toBe(2);
  });
  test("goes to the next row when its alert leaves, to the one before at the end", () => {
    expect(applyAlerts(select(start, id("b")), [alertFixture("b", { status: "resolved", cursor: 50 })], calm).board.selected).toBe(id("c"));
    expect(dismiss(select(start, id("c")), id("c")).selected).toBe(id("b"));
  });
  test("stays on an alert that was never in the list", () => {
    expect(settle(select(start, id("resolved long ago"))).selected).toBe(id("resolved long ago"));
  });
  test("stops at the ends and enters at the nearer one", () => {
    expect(moveSelection(start, start.order, -1).selected).toBe(id("c"));
    expect(moveSelection(start, start.order, 1).selected).toBe(id("a"));
    expect(moveSelection(select(start, id("a")), start.order, -1).selected).toBe(id("a"));
    expect(moveSelection(select(start, id("a")), start.order, 99).selected).toBe(id("c"));
    expect(moveSelection(emptyBoard, [], 1)).toBe(emptyBoard);
  });
});

describe("merging", () => {
  test("a replay of what is known changes nothing and announces nothing", () => {
    const { board } = applyAlerts(emptyBoard, [alertFixture("a")], calm);
    const again = applyAlerts(board, [alertFixture("a")], calm);
    expect(again.board).toBe(board);
    expect(again.arrived).toEqual([]);
  });
  test("an older version never overwrites a newer one", () => {
    const newer = applyAlerts(emptyBoard, [alertFixture("a", { status: "acked", cursor: 9 })], calm).board;
    expect(applyAlerts(newer, [alertFixture("a", { status: "open", cursor: 4 })], calm).board.alerts[alertFixture("a").id]?.status).toBe(
      "acked",
    );
  });
  test("any order of delivery and any repetition ends in the same board; no open alert is ever dropped", () => {
    const versions = fc.array(
      fc.record({
        n: fc.nat(6),
        cursor: fc.integer({ min: 1, max: 30 }),
        status: fc.constantFrom("open", "acked", "resolved"),
        reading: fc.boolean(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(versions, (steps) => {
        // One cursor means one version, as on the server.
        const alerts = steps.map((step) =>
          alertFixture(`a${step.n}`, {
            cursor: step.n * 100 + step.cursor,
            status: ["open", "acked", "resolved"][step.cursor % 3] as "open",
          }),
        );
        const forwards = alerts.reduce(
          (board, alert, at) => applyAlerts(board, [alert], { reading: steps[at]?.reading ?? false }).board,
          emptyBoard,
        );
        const backwards = settle(applyAlerts(emptyBoard, [...alerts.toReversed(), ...alerts], calm).board);
        expect(settle(forwards).order).toEqual(backwards.order);
        const open = Object.values(forwards.alerts).filter(isOpen);
        for (const alert of open) expect(forwards.order.includes(alert.id) || forwards.held.includes(alert.id)).toBe(true);
      }),
    );
  });
  test("the resume point is the highest cursor seen", () => {
    expect(applyAlerts(emptyBoard, [alertFixture("a", { cursor: 12 }), alertFixture("b", { cursor: 7 })], calm).board.cursor).toBe(12);
  });
});

test("roll-ups show the highest clinical level, never technical", () => {
  const board = applyAlerts(
    emptyBoard,
    [alertFixture("t", { class: "technical" }), alertFixture("w", { severity: "warning" })],
    calm,
  ).board;
  expect(highestOpen(board)).toEqual({ level: "warning", count: 1 });
  expect(highestOpen(emptyBoard)).toBeUndefined();
});
test("a taken critical calls no more but still counts", () => {
  const board = applyAlerts(emptyBoard, [alertFixture("a", { status: "acked" }), alertFixture("b")], calm).board;
  expect(untakenCriticals(board, 0)).toEqual([alertFixture("b").id]);
  expect(countOpen(board, "critical")).toBe(2);
});
test("an alert that is put off calls no more until its time, stays in the list, and counts", () => {
  const until = Date.parse("2026-01-15T08:15:00Z");
  const alert = alertFixture("a", { snoozedUntil: new Date(until).toISOString() });
  const { board } = applyAlerts(emptyBoard, [alert], calm);
  expect([untakenCriticals(board, until - 1), untakenCriticals(board, until)]).toEqual([[], [alert.id]]);
  expect(names(board)).toEqual(["a"]);
  expect(countOpen(board, "critical")).toBe(1);
  expect(isQuiet({ ...alert, status: "resolved" }, 0)).toBe(false);
});
test("a known alert that is told again has arrived, once for each time; what people do with it is no arrival", () => {
  const entry = (action: string) => ({ at: "2026-01-15T08:00:00.000Z", action });
  const steps = ["acked", "snoozed", "commented", "snooze-ended", "assigned", "ack-expired", "snooze-pierced", "reopened"];
  let board = applyAlerts(emptyBoard, [alertFixture("a")], calm).board;
  const arrivals = steps.map((_, index) => {
    const next = alertFixture("a", { cursor: index + 2, history: steps.slice(0, index + 1).map(entry) });
    const step = applyAlerts(board, [next], reading);
    board = step.board;
    return step.arrived.length;
  });
  expect(arrivals).toEqual([0, 0, 0, 1, 0, 1, 1, 1]);
  expect(board.order).toHaveLength(1);
});
