import { expect, test } from "bun:test";
import { makeGate } from "./gate.ts";

test("never more than the allowed number run, the queue is served in order, and beyond it tasks are not run", async () => {
  const gate = makeGate({ parallel: 2, waiting: 3 });
  let running = 0;
  let most = 0;
  const started: number[] = [];
  const tasks = [0, 1, 2, 3, 4, 5].map((number) =>
    gate.run(async () => {
      started.push(number);
      most = Math.max(most, ++running);
      await Promise.resolve();
      await Promise.resolve();
      running--;
      return number;
    }),
  );
  expect(await Promise.all(tasks)).toEqual([0, 1, 2, 3, 4, "busy"]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
  expect(most).toBe(2);
});

test("a failing task gives its place back", async () => {
  const gate = makeGate({ parallel: 1, waiting: 1 });
  const failing = gate.run(() => Promise.reject(new Error("no")));
  const after = gate.run(async () => "yes");
  await expect(failing).rejects.toThrow("no");
  expect(await after).toBe("yes");
  expect(await gate.run(async () => "again")).toBe("again");
});
