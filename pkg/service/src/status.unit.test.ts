import { expect, test } from "bun:test";
import { serviceStatusSchema } from "@episante/contracts/ops";
import type { Database } from "./db.ts";
import { makeMetrics } from "./metrics.ts";
import { makeStatus, type StatusDeps } from "./status.ts";

/** A database that answers the given way, and counts how often it is asked. */
function database(answer: () => Promise<unknown>) {
  const seen = { asked: 0 };
  const execute = () => {
    seen.asked += 1;
    return answer();
  };
  return { seen, db: { drizzle: { execute } } as unknown as Database };
}
const row = async () => [{ version: "17.6 (Debian 17.6-1)", started: "1768464000000.5", bytes: "9041587" }];
const deps = (more: Partial<StatusDeps> = {}): StatusDeps => ({
  db: database(row).db,
  metrics: makeMetrics("alert"),
  ready: () => [],
  partitions: 2,
  mirrors: [],
  readers: [],
  ...more,
});

test("a service tells what it is, its database, its readers by partition, its mirrors and its outbox", async () => {
  const metrics = makeMetrics("alert");
  metrics.readerLag.set({ reader: "rules", partition: "1" }, 7);
  metrics.outboxPending.set(3);
  metrics.outboxOldestSeconds.set(20);
  const heard = { lastBeatMs: performance.now(), behindSinceMs: null, appliedSeq: 1 };
  const never = { lastBeatMs: 0, behindSinceMs: null, appliedSeq: 0 };
  const status = await makeStatus(
    deps({
      metrics,
      ready: () => ["stopping"],
      readers: [{ name: "rules", aliveAt: (partition) => (partition === 1 ? Date.now() - 4_000 : 0) }],
      mirrors: [
        { owner: "patient", fresh: () => true, state: heard },
        { owner: "auth", fresh: () => false, state: never },
      ],
    }),
  )();
  expect(serviceStatusSchema.parse(status)).toEqual(status);
  expect(status).toMatchObject({
    reasons: ["stopping"],
    outbox: { pending: 3, oldestSeconds: 20 },
    database: { version: "17.6", startedAt: "2026-01-15T08:00:00.001Z", bytes: 9_041_587 },
  });
  expect(status.readers.map(({ partition, lag }) => [partition, lag])).toEqual([
    [0, 0],
    [1, 7],
  ]);
  expect(status.readers[1]?.quietSeconds).toBeGreaterThanOrEqual(4);
  // A partition that has never turned is as quiet as the process is old.
  expect((status.readers[0]?.quietSeconds ?? 0) * 1000).toBeLessThanOrEqual(process.uptime() * 1000 + 100);
  expect(status.mirrors[0]?.heardSecondsAgo).toBeGreaterThanOrEqual(0);
  expect(status.mirrors[1]).toEqual({ owner: "auth", fresh: false });
});

test("a database that refuses is told as away; the rest is told all the same", async () => {
  const { db } = database(() => Promise.reject(new Error("password of 10.0.0.7")));
  const status = await makeStatus(deps({ db }))();
  expect(status.database).toBeNull();
  expect(JSON.stringify(status)).not.toContain("10.0.0.7");
});

test("a database that hangs is asked once however often the service is, and told as away in time", async () => {
  const { db, seen } = database(() => new Promise(() => {}));
  const status = makeStatus(deps({ db }));
  expect((await status()).database).toBeNull();
  expect((await Promise.all([status(), status()])).map(({ database: found }) => found)).toEqual([null, null]);
  expect(seen.asked).toBe(1);
});
