import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "@episante/contracts/envelope";
import { grant } from "@episante/service/db";
import { makeWorld, start, type World } from "../../test/world.ts";
import { writeLanded } from "../storage/reconciliation.ts";
import { thinReadings } from "./thin-readings.ts";

let world: World;
beforeEach(async () => {
  world = await makeWorld({ more: { retention: { beats: 10, vitals: 20, measurements: 0, minutes: 40, hours: 0 } } });
});
afterEach(() => world.close());

const dayMs = 86_400_000;
/** A minute of each class on one day. */
const readings = (fromMs: number): Frame["readings"] =>
  Array.from({ length: 60 }, (_, t) => fromMs + t * 1000).flatMap((at): Frame["readings"] => [
    ["8637-1", "rr-interval", 800, at],
    ["59408-5", "spo2", 95, at],
    ["8310-5", "body-temperature", 37, at],
  ]);
const landed = (lastSeq: number) =>
  world.database.db.transaction(grant.system("test"), (tx) =>
    writeLanded(tx, { partition: 0, firstSeq: lastSeq, lastSeq, counts: [] }, start),
  );
const turn = (days: number) => {
  world.clock.set(start + days * dayMs);
  return thinReadings(world.deps, start + days * dayMs);
};
const left = async () =>
  Object.fromEntries(
    (
      await world.database.owner`
      select signal, count(*)::int as n from readings group by 1 union all select 'step ' || step, sum(n)::int from rollups group by 1 order by 1`
    ).map(({ signal, n }) => [signal, n]),
  );
const partitions = async () =>
  (await world.database.owner`select 1 from pg_class where relname ~ '^readings_[0-9]{8}$' and relkind = 'r'`).length;
const all = { "body-temperature": 60, "rr-interval": 60, spo2: 60, "step 60": 180, "step 3600": 180 };

test("each class goes after its own time, whole days at once, the rest of the day stays; nothing before bronze has it", async () => {
  await world.store([world.frame([], { readings: readings(start) })]);
  expect(await turn(50)).toEqual({ deleted: 0, waitingDays: 1 });
  expect(await left()).toEqual(all);
  await landed(1);
  expect(await turn(11)).toEqual({ deleted: 60, waitingDays: 0 });
  expect(await left()).toEqual({ ...all, "rr-interval": undefined } as never);
  expect(await turn(11)).toEqual({ deleted: 0, waitingDays: 0 });
  expect(await turn(21)).toEqual({ deleted: 60, waitingDays: 0 });
  // Roll-ups by the minute go later than their readings, by the hour never.
  await turn(41);
  expect(await left()).toEqual({ "body-temperature": 60, "step 3600": 180 });
  expect(await partitions()).toBe(1);
  // What is kept counts as before.
  const [hour] = await world.database.owner`select n, sum / n as mean from rollups where step = 3600 and signal = 'spo2'`;
  expect(hour).toEqual({ n: 60, mean: 95 } as never);
});

test("a day of which nothing is kept loses its partition, and takes readings again afterwards", async () => {
  await world.store([
    world.frame([
      [0, 95],
      [86_400, 95],
    ]),
  ]);
  await landed(1);
  expect(await partitions()).toBe(2);
  await turn(21);
  expect([await partitions(), await left()]).toEqual([1, { spo2: 1, "step 60": 2, "step 3600": 2 }]);
  await world.store([world.frame([[60, 90]])]);
  expect((await left()).spo2).toBe(2);
});

test("nothing is deleted while bronze lacks readings, nor a day that was written to since bronze last told", async () => {
  await world.store([world.frame([[0, 95]])]);
  await landed(1);
  await world.database.owner`
    insert into reading_findings (kind, device_id, boot, first_seq, last_seq, expected, found, found_at) values ('bronze', 'd', 'b', 1, 1, 2, 1, now())`;
  expect(await turn(30)).toEqual({ deleted: 0, waitingDays: 1 });
  await world.database.owner`delete from reading_findings`;
  await world.database.owner`update reading_days set last_seq = 2`;
  expect(await turn(30)).toEqual({ deleted: 0, waitingDays: 1 });
  await landed(2);
  expect(await turn(30)).toEqual({ deleted: 1, waitingDays: 0 });
});

test("late readings for a day whose readings are gone are stored for their own time, and never shrink its roll-ups", async () => {
  await world.store([world.frame([], { readings: readings(start) })]);
  await landed(1);
  await turn(21);
  await world.store([
    world.frame([
      [5, 80],
      [90, 85],
    ]),
  ]);
  const rollups = await world.database.owner`select step, at, n, min from rollups where signal = 'spo2' order by step, at`;
  expect(rollups.map(({ step, n, min }) => [step, n, min])).toEqual([
    [60, 60, 95],
    [60, 1, 85],
    [3600, 61, 85],
  ]);
  expect(await turn(40)).toEqual({ deleted: 0, waitingDays: 0 });
  // Their own time is over 20 days after they were stored.
  expect((await turn(41.5)).deleted).toBeGreaterThanOrEqual(2);
  expect((await left()).spo2).toBeUndefined();
});

test("a recording of the distant past is kept as long as one of today", async () => {
  const fromMs = Date.parse("2020-03-01T00:00:00Z");
  await world.store([world.frame([], { readings: readings(fromMs), receivedAtMs: fromMs + 60_000 })]);
  await landed(1);
  expect((await turn(9)).deleted).toBe(0);
  expect((await turn(11)).deleted).toBe(60);
  expect((await turn(60)).deleted).toBe(60 + 3);
  expect(await left()).toEqual({ "body-temperature": 60, "step 3600": 180 });
});

test("the migration knows the days of a database that already holds readings, and holds them until bronze has passed what was stored", async () => {
  await world.store([
    world.frame([
      [0, 95],
      [86_400, 95],
      [-400 * 86_400, 95],
    ]),
  ]);
  await world.database.owner`truncate reading_days`;
  await world.database
    .owner`insert into reader_leases (reader, partition, owner, epoch, checkpoint, expires_at) values ('store', 0, 't', 1, 7, now())`;
  const migration = readFileSync(join(import.meta.dir, "../../migrations/0006_reconciliation.sql"), "utf8");
  const fills = migration.split("--> statement-breakpoint").filter((statement) => statement.includes("insert into reading_days ("));
  expect(fills).toHaveLength(1);
  await world.database.owner.unsafe(fills[0] ?? "");
  const days = await world.database.owner`select day::text as day, partition, last_seq::int as last_seq from reading_days order by day`;
  expect(days.map(({ day, last_seq }) => [day, last_seq])).toEqual([
    ["2024-12-11", 7],
    ["2026-01-15", 7],
    ["2026-01-16", 7],
  ]);
});
