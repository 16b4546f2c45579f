import { expect, test } from "bun:test";
import { Histogram, Registry } from "prom-client";
import { makeTally } from "./tally.ts";

test("a tally is exposed as prom-client exposes a histogram, bounds belonging to their bucket", async () => {
  const [plain, tallied] = [new Registry(), new Registry()];
  for (const registry of [plain, tallied]) registry.setDefaultLabels({ service: "s" });
  const spec = { name: "wait_seconds", help: "h", buckets: [0.001, 0.01, 1] };
  const histogram = new Histogram({ ...spec, labelNames: ["door"], registers: [plain] });
  const tally = makeTally(tallied, { ...spec, label: "door" });
  for (const [door, value] of [
    ["socket", 0.001],
    ["socket", 0.0011],
    ["http", 5],
    ["socket", 0],
    ["http", 1],
  ] as const) {
    histogram.observe({ door }, value);
    tally.observe(door, value);
  }
  expect(await tallied.metrics()).toBe(await plain.metrics());
});
