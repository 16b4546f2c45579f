import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { createRoot, createSignal } from "solid-js";
import { heldWhilePressed } from "./held-while-pressed.ts";

const tell = (type: string) => dispatchEvent(new Event(type));
beforeEach(() => void jest.useFakeTimers());
afterEach(() => {
  tell("pointerup");
  jest.advanceTimersByTime(60);
  jest.useRealTimers();
});

function follow() {
  return createRoot((dispose) => {
    const [source, setSource] = createSignal("before");
    return { shown: heldWhilePressed(source), setSource, dispose };
  });
}

test("follows at once while nothing is pressed", () => {
  const { shown, setSource, dispose } = follow();
  expect(shown()).toBe("before");
  setSource("after");
  expect(shown()).toBe("after");
  dispose();
});
test("stays between press and click, then shows what is true by then", () => {
  const { shown, setSource, dispose } = follow();
  tell("pointerdown");
  setSource("meanwhile");
  setSource("after");
  expect(shown()).toBe("before");
  tell("pointerup");
  expect(shown()).toBe("before");
  jest.advanceTimersByTime(50);
  expect(shown()).toBe("after");
  dispose();
});
test("a long press, and one that ends outside the window, hold nothing back for more than a second", () => {
  const { shown, setSource, dispose } = follow();
  tell("pointerdown");
  setSource("after");
  jest.advanceTimersByTime(999);
  expect(shown()).toBe("before");
  jest.advanceTimersByTime(1);
  expect(shown()).toBe("after");
  dispose();
});
test("a drag that the browser takes over ends the hold", () => {
  const { shown, setSource, dispose } = follow();
  tell("pointerdown");
  setSource("after");
  tell("pointercancel");
  jest.advanceTimersByTime(50);
  expect(shown()).toBe("after");
  dispose();
});
