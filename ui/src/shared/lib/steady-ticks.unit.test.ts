import { afterEach, expect, test } from "bun:test";
import { steadyTicks } from "./steady-ticks.ts";

const RealWorker = globalThis.Worker;
const workers: { onmessage?: () => void; ended: boolean }[] = [];
globalThis.Worker = class {
  onmessage?: () => void;
  ended = false;
  constructor() {
    workers.push(this);
  }
  terminate(): void {
    this.ended = true;
  }
} as unknown as typeof Worker;
afterEach(() => {
  globalThis.Worker = RealWorker;
});

test("one worker ticks for everybody and ends with the last of them", () => {
  const heard: string[] = [];
  const stopFirst = steadyTicks(() => heard.push("first"));
  const stopSecond = steadyTicks(() => heard.push("second"));
  expect(workers).toHaveLength(1);
  workers[0]?.onmessage?.();
  expect(heard).toEqual(["first", "second"]);
  stopFirst();
  workers[0]?.onmessage?.();
  expect(heard).toEqual(["first", "second", "second"]);
  stopSecond();
  expect(workers[0]?.ended).toBe(true);
});
