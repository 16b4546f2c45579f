import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { sql } from "drizzle-orm";
import { grant } from "./db.ts";
import { pipelined } from "./pipelined.ts";

let world: TestDatabase;
beforeAll(async () => {
  world = await testDatabase({ migrations: "pkg/service/src/fixtures/migrations" });
});
afterAll(() => world.close());

test("statements run in the order they were sent, and each answer is given", async () => {
  const results = await world.db.transaction(grant.system("test"), async (tx) => {
    const write = (body: string) => tx.execute(sql`insert into notes (patient_id, body) values ('pat_x', ${body}) returning body`);
    return pipelined([
      write("one"),
      write("two"),
      tx.execute(sql`select count(*)::int as n from notes where body in (${"one"}, ${"two"})`),
    ]);
  });
  expect(results.map(([row]) => row)).toEqual([{ body: "one" }, { body: "two" }, { n: 2 }]);
});

test("when one fails it is the one that is thrown, the transaction is rolled back, and nothing is sent after that", async () => {
  let isAnswered = false;
  const failing = world.db.drizzle.transaction((tx) => {
    const later = async () => {
      await tx.execute(sql`select pg_sleep(0.05), ${"a"}`);
      isAnswered = true;
      // Sent after the failure was known: it must still meet the failed transaction, not the connection behind it.
      await tx.execute(sql`insert into inbox (consumer, event_id) values (${"late"}, 'evt_1')`);
    };
    return pipelined([later(), tx.execute(sql`select 1 / ${0}::int`), tx.execute(sql`select ${"b"}::text`)]);
  });
  await expect(failing).rejects.toMatchObject({ cause: { code: "22012" } });
  expect(isAnswered).toBe(true);
  expect(await world.owner`select * from inbox`).toHaveLength(0);
});
