import { describe, expect, test } from "bun:test";
import type { Appointment } from "@episante/contracts/appointment";
import fc from "fast-check";
import { boardOf, cardAt, changesBetween, columnOf, columns, minutesSince, placesOf, publicName, stepTo } from "./floor-board.ts";

const day = { from: Date.parse("2026-01-12T00:00:00+01:00"), to: Date.parse("2026-01-13T00:00:00+01:00") };
function visit(id: string, start: string, more: Partial<Appointment> = {}): Appointment {
  const at = `2026-01-12T${start}:00Z`;
  const base = { status: "booked", start: at, end: at, zone: "Europe/Paris", doctorId: "doc_a", patientId: `pat_${id}`, reasonId: "rea_a" };
  return { ...base, id, bookedAt: at, cancelUntil: at, ...more } as unknown as Appointment;
}
const of = (visits: readonly Appointment[], doctors = ["doc_a"]) => boardOf(visits, doctors, day.from, day.to);
const ids = (visits: readonly Appointment[]) => visits.map((one) => one.id as string);

describe("columns", () => {
  test("every state that stands has one, what is cancelled or an error has none", () => {
    const board = of([
      visit("a", "08:00", { status: "pending" }),
      visit("b", "08:10"),
      visit("c", "08:20", { status: "arrived" }),
      visit("d", "08:30", { status: "checked-in" }),
      visit("e", "08:40", { status: "fulfilled" }),
      visit("f", "08:50", { status: "noshow" }),
      visit("g", "09:00", { status: "cancelled" }),
      visit("h", "09:10", { status: "entered-in-error" }),
    ]);
    expect(columns.map((column) => ids(board[column]))).toEqual([["a", "b"], ["c"], ["d"], ["e"], ["f"]]);
  });
  test("another day and another doctor are not on the board, midnight belongs to the day that begins", () => {
    const moved = { start: "2026-01-12T23:00:00Z" };
    const board = of([visit("a", "08:00"), visit("b", "08:00", { doctorId: "doc_b" }), visit("c", "08:00", moved as Partial<Appointment>)]);
    expect(ids(board.expected)).toEqual(["a"]);
  });
  test("waiting goes by the time of the visit, the room by who is longest in it, done by who was last", () => {
    const board = of([
      visit("late", "09:00", { status: "arrived", arrivedAt: "2026-01-12T08:00:00Z" }),
      visit("early", "08:40", { status: "arrived", arrivedAt: "2026-01-12T08:30:00Z" }),
      visit("r2", "08:00", { status: "checked-in", inRoomAt: "2026-01-12T08:30:00Z" }),
      visit("r1", "08:20", { status: "checked-in", inRoomAt: "2026-01-12T08:25:00Z" }),
      visit("d1", "07:00", { status: "fulfilled", doneAt: "2026-01-12T07:20:00Z" }),
      visit("d2", "07:20", { status: "fulfilled", doneAt: "2026-01-12T07:40:00Z" }),
    ]);
    expect([ids(board.waiting), ids(board.room), ids(board.done)]).toEqual([
      ["early", "late"],
      ["r1", "r2"],
      ["d2", "d1"],
    ]);
  });
});

describe("steps to a column", () => {
  // What the service does, undo as a stack of former states.
  function walk(start: Appointment["status"], former: Appointment["status"][], column: (typeof columns)[number]) {
    let status = start;
    const stack = [...former];
    for (let taken = 0; taken < 10; taken++) {
      const step = stepTo(status, column);
      if (!step) return status;
      if (step === "undo") {
        const before = stack.pop();
        if (!before) return status;
        status = before;
      } else {
        stack.push(status);
        status = step.set;
      }
    }
    return undefined;
  }
  test("forward in one step, also past the waiting room", () => {
    expect(stepTo("booked", "waiting")).toEqual({ set: "arrived" });
    expect(stepTo("booked", "room")).toEqual({ set: "checked-in" });
    expect(stepTo("arrived", "done")).toEqual({ set: "fulfilled" });
    expect(stepTo("noshow", "waiting")).toEqual({ set: "arrived" });
  });
  test("back is taking back, and where it already is nothing happens", () => {
    expect(stepTo("checked-in", "waiting")).toBe("undo");
    expect(stepTo("arrived", "expected")).toBe("undo");
    expect(stepTo("arrived", "absent")).toBe("undo");
    expect(stepTo("arrived", "waiting")).toBeUndefined();
    expect(stepTo("cancelled", "waiting")).toBeUndefined();
  });
  test("whatever was said before, every column is reached from every other and never gone past for good", () => {
    const column = fc.constantFrom(...columns);
    fc.assert(
      fc.property(fc.array(column, { maxLength: 6 }), column, (path, target) => {
        // A history as the service would have written it: only steps it allows.
        let status: Appointment["status"] = "booked";
        const former: Appointment["status"][] = [];
        for (const next of path) {
          const step = stepTo(status, next);
          if (!step || step === "undo") continue;
          former.push(status);
          status = step.set;
        }
        const end = walk(status, former, target);
        expect(end && columnOf({ status: end })).toBe(target);
      }),
    );
  });
});

test("minutes are whole and never negative, also when a clock is behind", () => {
  const now = Date.parse("2026-01-12T09:00:59Z");
  expect(minutesSince("2026-01-12T08:40:00Z", now)).toBe(20);
  expect(minutesSince("2026-01-12T09:05:00Z", now)).toBe(0);
  expect(minutesSince(undefined, now)).toBe(0);
});

test("changes tell who came, went and changed column, and nothing of who stayed", () => {
  const before = placesOf(of([visit("a", "08:00"), visit("b", "08:10"), visit("c", "08:20")]));
  const after = placesOf(of([visit("a", "08:00", { status: "arrived" }), visit("b", "08:30"), visit("d", "08:40")]));
  expect(changesBetween(before, after)).toEqual([
    { id: "d", to: "expected" },
    { id: "a", to: "waiting" },
    { id: "c", to: undefined },
  ]);
});

describe("arrow keys", () => {
  const board = of([
    visit("a", "08:00"),
    visit("b", "08:10"),
    visit("c", "08:20"),
    visit("d", "08:30", { status: "checked-in" }),
    visit("e", "08:40", { status: "noshow" }),
  ]);
  test("go along a column and stop at its ends", () => {
    expect(cardAt(board, "a", "ArrowDown")).toBe("b");
    expect(cardAt(board, "a", "ArrowUp")).toBeUndefined();
    expect(cardAt(board, "c", "ArrowDown")).toBeUndefined();
    expect([cardAt(board, "b", "Home"), cardAt(board, "b", "End")]).toEqual(["a", "c"]);
  });
  test("leave out empty columns and keep the height as far as the column goes", () => {
    expect(cardAt(board, "c", "ArrowRight")).toBe("d");
    expect(cardAt(board, "d", "ArrowRight")).toBe("e");
    expect(cardAt(board, "d", "ArrowLeft")).toBe("a");
    expect(cardAt(board, "e", "ArrowRight")).toBeUndefined();
  });
  test("begin with the first card, also when the current one is gone, and lead nowhere on an empty board", () => {
    expect(cardAt(board, undefined, "ArrowDown")).toBe("a");
    expect(cardAt(board, "gone", "ArrowLeft")).toBe("a");
    expect(cardAt(of([]), undefined, "ArrowDown")).toBeUndefined();
  });
});

test("a name for strangers keeps one letter of the family name", () => {
  expect(publicName({ givenName: "Jeanne", familyName: "perrin" })).toBe("Jeanne P.");
  expect(publicName({ givenName: "Éa", familyName: "étienne" })).toBe("Éa É.");
  expect(publicName({ givenName: "Mo", familyName: " " })).toBe("Mo");
});
