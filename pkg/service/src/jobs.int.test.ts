import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { testDeps } from "@episante/testkit/service";
import { sql } from "drizzle-orm";
import { grant } from "./db.ts";
import { job, startJob } from "./jobs.ts";

let world: TestDatabase;
beforeAll(async () => {
  world = await testDatabase({ migrations: "pkg/service/src/fixtures/migrations" });
});
afterAll(() => world.close());

test("more jobs than the pool has connections, all due at the same moment: each has its turn", async () => {
  const names = Array.from({ length: 8 }, (_, index) => `job-${index}`);
  const done = new Set<string>();
  const all = Promise.withResolvers<void>();
  const specs = names.map((name) =>
    job({
      name,
      everyMs: 60_000,
      run: async () => {
        // All have begun, as after a jump of the clock, before any goes on to ask for a connection.
        await Bun.sleep(50);
        await world.db.transaction(grant.public(), (tx) => tx.execute(sql`select 1`));
        done.add(name);
        if (done.size === names.length) all.resolve();
      },
    }),
  );
  const deps = testDeps("audit", world.db);
  const running = specs.map((spec) => startJob(spec, deps as never));
  await Promise.race([all.promise, Bun.sleep(20_000)]);
  expect([...done].sort()).toEqual(names);
  await Promise.all(running.map((one) => one.stop()));
}, 40_000);
