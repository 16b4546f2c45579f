import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { sql } from "drizzle-orm";
import { makeWorld, start, type World } from "../../test/world.ts";

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const line = (from: number, count: number, value = 95): [number, number][] =>
  Array.from({ length: count }, (_, index) => [from + index, value]);
const count = async () => Number((await world.database.owner`select count(*) from readings`)[0]?.count);

describe("every reading exactly once", () => {
  test("frames sent again, reordered and with rolled-back transactions between", async () => {
    const frames = Array.from({ length: 20 }, (_, index) => world.frame(line(index * 50, 50)));
    for (let at = 0; at < frames.length; at += 4) {
      const batch = [...frames.slice(Math.max(0, at - 2), at + 4)].reverse();
      await world.store(batch, { fail: true });
      await world.store(batch);
      await world.store(batch);
    }
    expect(await count()).toBe(1000);
  });
  test("the same reading in another frame is a duplicate; another value is a new version, and the current one", async () => {
    await world.store([
      world.frame([
        [0, 95],
        [1, 94],
      ]),
    ]);
    await world.store([
      world.frame([
        [0, 95],
        [1, 94],
        [1, 90],
      ]),
      world.frame([
        [1, 90],
        [2, 93],
      ]),
    ]);
    expect((await world.rows()).map((row) => [Number(row.at_ms) - start, row.value, row.version, row.superseded])).toEqual([
      [0, 95, 1, false],
      [1000, 94, 1, true],
      [1000, 90, 2, false],
      [2000, 93, 1, false],
    ]);
  });
  test("batches that come again under another boot, as over a second door, change nothing; a correction among them does", async () => {
    const sent = line(0, 300);
    await world.store([world.frame(sent, { boot: "mqtt" })]);
    const again = sent.map(([t, value]): [number, number] => [t, t === 100 ? 97 : value]);
    await world.store([world.frame(again, { boot: "http" }), world.frame(sent.slice(0, 50), { boot: "http" })]);
    const rows = await world.rows();
    expect(rows).toHaveLength(301);
    expect(rows.filter((row) => row.superseded).map((row) => [row.value, row.version, row.boot])).toEqual([[95, 1, "mqtt"]]);
    expect(rows.filter((row) => row.version === 2).map((row) => [row.value, row.boot])).toEqual([[97, "http"]]);
  });
  test("a value that goes and comes back is three versions, and the last is the current one", async () => {
    for (const value of [95, 90, 95, 95]) await world.store([world.frame([[0, value]])]);
    expect((await world.rows()).map((row) => [row.value, row.version, row.superseded])).toEqual([
      [95, 1, true],
      [90, 2, true],
      [95, 3, false],
    ]);
  });
  test("two devices may read the same signal at the same instant", async () => {
    await world.store([world.frame([[0, 95]]), world.frame([[0, 94]], { deviceId: "dev_2" })]);
    expect(await count()).toBe(2);
  });
});

describe("days and devices", () => {
  test("each recent day gets its own partition in the transaction that needs it; the distant past shares one", async () => {
    const day = 86_400;
    await world.store([
      world.frame([
        [0, 95],
        [day, 95],
        [-5 * day, 95],
        [-400 * day, 95],
      ]),
    ]);
    const partitions = await world.database
      .owner`select tableoid::regclass::text as name, count(*)::int as n from readings group by 1 order by 1`;
    expect(partitions.map(({ name, n }) => [name, n])).toEqual([
      ["readings_20260110", 1],
      ["readings_20260115", 1],
      ["readings_20260116", 1],
      ["readings_other", 1],
    ]);
  });
  test("a day whose readings already lie in the shared partition goes on there", async () => {
    await world.store([world.frame([[-40 * 86_400, 95]])]);
    world.clock.set(start - 40 * 86_400_000);
    await world.store([world.frame([[-40 * 86_400 + 1, 95]])]);
    expect(await count()).toBe(2);
  });
  test("two partitions of the log that need the same new day at once both store", async () => {
    await Promise.all([
      world.store([world.frame([[0, 95]])]),
      world.store([world.frame([[0, 95]], { deviceId: "dev_2", patientId: newId("pat", start) })]),
    ]);
    expect(await count()).toBe(2);
  });
  test("last seen, battery, worn and clock follow the newest frame that told them, in any order; refused readings add up, once each", async () => {
    const told = world.frame([[10, 95]], { battery: 80, worn: true, skewMs: 7_800_000, refused: 2 });
    await world.store([told, world.frame([[5, 95]], { battery: 99, worn: false, skewMs: 1 })]);
    await world.store([world.frame([[7, 95]], { battery: 90, worn: false, skewMs: -1, refused: 3 })]);
    await world.store([told, world.frame([[20, 95]])]);
    const [row] = await world.database.owner`
      select battery, worn, skew_ms::float8 as skew_ms, refused::int as refused, extract(epoch from last_seen_at)::float8 * 1000 as seen from device_status`;
    expect(row).toMatchObject({ battery: 80, worn: true, skew_ms: 7_800_000, refused: 5, seen: start + 20_000 });
  });
});

test("row-level security: no grant, no row; partitions are not reachable beside their parent", async () => {
  await world.store([world.frame(line(0, 10))]);
  const db = world.database.db;
  for (const granted of [grant.public(), grant.patients([newId("pat", start)])]) {
    for (const table of ["readings", "rollups", "device_status", "devices", "pairings"]) {
      expect(await db.transaction(granted, (tx) => tx.execute(sql.raw(`select 1 from ${table}`)))).toHaveLength(0);
    }
  }
  expect(await db.transaction(grant.patients([world.patientId]), (tx) => tx.execute(sql`select 1 from readings`))).toHaveLength(10);
  const direct = db.transaction(grant.system("t"), (tx) => tx.execute(sql`select 1 from readings_20260115`));
  await expect(direct).rejects.toThrow();
});
