import { expect, test } from "bun:test";
import { entryOf, type Lane, step } from "./lane-keys.ts";

const item = (kind: "visit" | "free" | "closed", from: number, to: number) => ({ kind, key: `${kind}-${from}`, from, to });
const monday: Lane = {
  day: "2026-01-12",
  doctorId: "doc_a",
  items: [item("closed", 480, 540), item("visit", 540, 560), item("free", 560, 580)],
};
const tuesday: Lane = { ...monday, day: "2026-01-13", items: [item("closed", 480, 600), item("visit", 600, 620)] };
const other: Lane = { ...monday, doctorId: "doc_b", items: [item("free", 540, 580)] };
const lanes = [monday, other, tuesday];
const at = (lane: Lane, index: number) => {
  const { key = "", from = 0 } = lane.items[index] ?? {};
  return { day: lane.day, doctorId: lane.doctorId, key, from };
};

test("up and down step through everything in a lane, and stay at its ends", () => {
  expect(step(lanes, at(monday, 1), "ArrowDown")).toEqual({ spot: at(monday, 2) });
  expect(step(lanes, at(monday, 2), "ArrowDown")).toEqual({ spot: at(monday, 2) });
  expect(step(lanes, at(monday, 1), "ArrowUp")).toEqual({ spot: at(monday, 0) });
  expect(step(lanes, at(monday, 0), "ArrowUp")).toEqual({ spot: at(monday, 0) });
  expect(step(lanes, at(monday, 1), "End")).toEqual({ spot: at(monday, 2) });
});
test("left and right keep the doctor and the time, passing over closed hours", () => {
  const right = step(lanes, at(monday, 1), "ArrowRight");
  expect(right).toEqual({ spot: { day: tuesday.day, doctorId: "doc_a", key: "visit-600", from: 540 } });
  expect("spot" in right && step(lanes, right.spot, "ArrowLeft")).toEqual({ spot: at(monday, 1) });
});
test("beyond the last day the screen is left by a day", () => {
  expect(step(lanes, at(tuesday, 1), "ArrowRight")).toEqual({ leave: 1 });
  expect(step(lanes, at(monday, 1), "ArrowLeft")).toEqual({ leave: -1 });
});
test("an item that is gone is looked for by its time", () => {
  expect(step(lanes, { ...at(monday, 1), key: "free-540" }, "ArrowDown")).toEqual({ spot: at(monday, 1) });
});
test("a lane is entered where the keyboard was in it, else at the same time, else at its first visit or free time", () => {
  expect(entryOf(monday, at(monday, 2))?.key).toBe("free-560");
  expect(entryOf(monday, at(other, 0))?.key).toBe("visit-540");
  expect(entryOf(tuesday, undefined)?.key).toBe("visit-600");
});
