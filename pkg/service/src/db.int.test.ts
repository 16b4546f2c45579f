import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { sql } from "drizzle-orm";
import { grant, isUnreachable } from "./db.ts";

let world: TestDatabase;
beforeAll(async () => {
  world = await testDatabase({ migrations: "pkg/service/src/fixtures/migrations" });
});
afterAll(() => world.close());

/** What the server does to a service's connections when it crashes. */
const cutAll = () =>
  world.owner`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'test_app'`;

test("a transaction whose connection died goes on nowhere: not in the process, not in another's transaction", async () => {
  await world.owner`create table if not exists kept (word text)`;
  await world.owner`grant insert, select on kept to test_app`;
  const died = Promise.withResolvers<void>();
  const inserts: unknown[] = [];
  const lost = fault(
    world.db.bulk.begin(async (tx) => {
      await tx`insert into kept values ('lost')`;
      await cutAll();
      await died.promise;
      // Without the patch the first ends the process while there is no socket, and joins whoever has the connection now when there is.
      inserts.push(await fault(tx`insert into kept values (${"stray".repeat(300)})`));
    }),
  );
  expect(isUnreachable(await lost)).toBe(true);
  const others = Array.from({ length: 2 }, () =>
    world.db.bulk.begin(async (tx) => {
      await tx`insert into kept values ('other')`;
      died.resolve();
      await Bun.sleep(50);
    }),
  );
  await Promise.all(others);
  expect(inserts.map((error) => isUnreachable(error))).toEqual([true]);
  expect((await world.owner`select word from kept`).map(({ word }) => word)).toEqual(["other", "other"]);
});

test("queries in flight when every connection is cut settle at once, and the next ones work", async () => {
  for (let round = 0; round < 20; round++) {
    const queries = Array.from({ length: 8 }, () =>
      fault(world.db.transaction(grant.public(), (tx) => tx.execute(sql`select pg_sleep(0.002)`))),
    );
    await cutAll();
    // Unpatched, a write gathered for the dead socket blocks the new one until the connect timeout of 10 s.
    const settled = await Promise.race([Promise.all(queries), Bun.sleep(8_000).then(() => "a query hangs")]);
    if (typeof settled === "string") throw new Error(settled);
    expect(settled.filter((error) => error !== null && !isUnreachable(error))).toEqual([]);
  }
  const [row] = await world.db.drizzle.execute(sql`select 1 as one`);
  expect(row?.one).toBe(1);
});

/** @returns null when the query worked */
function fault(query: PromiseLike<unknown>): Promise<unknown> {
  return Promise.resolve(query).then(
    () => null,
    (error: unknown) => error,
  );
}
