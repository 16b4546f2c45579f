import { expect, test } from "bun:test";
import { makeMetrics, version } from "./metrics.ts";

test("every process says which service and version it is, and what the runtime tells of itself", async () => {
  const text = await makeMetrics("alert").registry.metrics();
  expect(text).toContain(`episante_build_info{version="${version}",service="alert"} 1`);
  for (const name of [
    "process_start_time_seconds",
    "process_resident_memory_bytes",
    "nodejs_heap_size_used_bytes",
    "nodejs_eventloop_lag_p99_seconds",
  ])
    expect(text).toContain(`${name}{service="alert"}`);
});

test("readiness is asked at each scrape", async () => {
  const metrics = makeMetrics("alert");
  const reasons: string[] = [];
  metrics.watchReady(() => reasons);
  const line = async () => (await metrics.registry.getSingleMetricAsString("service_ready")).split("\n").at(-1);
  expect(await line()).toBe('service_ready{service="alert"} 1');
  reasons.push("nats");
  expect(await line()).toBe('service_ready{service="alert"} 0');
});

test("a reader's turns are shown for the partitions this process holds, no longer for one that was taken over", async () => {
  const metrics = makeMetrics("alert");
  const turns = new Map([
    [0, 1_000],
    [1, 2_000],
  ]);
  metrics.watchReader({ name: "rules", turns });
  const partitions = async () =>
    [...(await metrics.registry.getSingleMetricAsString("reader_turn_timestamp_seconds")).matchAll(/partition="(\d)".* (\d+)/g)].map(
      ([, partition, value]) => `${partition}:${value}`,
    );
  expect(await partitions()).toEqual(["0:1", "1:2"]);
  turns.delete(1);
  expect(await partitions()).toEqual(["0:1"]);
});
