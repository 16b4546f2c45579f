import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "@episante/contracts/envelope";
import { newId } from "@episante/service/ids";
import fc from "fast-check";
import { makeWorld, start, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

interface Rollup {
  readonly patient_id: string;
  readonly signal: string;
  readonly step: number;
  readonly at: Date;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly n: number;
}
/** Sums of the same values in another order may differ in their last bits. */
const rounded = (rows: readonly Rollup[]) => rows.map(({ sum, ...row }) => ({ ...row, sum: Number(sum.toPrecision(12)) }));
const stored = async () => rounded(await world.database.owner<Rollup[]>`select * from rollups order by patient_id, signal, step, at`);
/** What the readings say, without the roll-ups of the minute. */
const computed = async () =>
  rounded(
    await world.database.owner<Rollup[]>`
      select patient_id, signal, step, date_bin(step * interval '1 second', at, timestamptz 'epoch') as at,
        min(value) as min, max(value) as max, sum(value) as sum, count(*)::int as n
      from readings, (values (60), (3600)) steps(step) where flag is distinct from 'implausible' and not superseded group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
  );

test("after any batches of late, repeated, corrected and implausible readings the roll-ups are what the readings say", async () => {
  const reading = fc.record({
    // Around two hour limits, so that minutes and hours are shared, left and entered again.
    second: fc.oneof(fc.integer({ min: -90, max: 90 }), fc.integer({ min: 3540, max: 3660 }), fc.integer({ min: -40 * 86_400, max: 0 })),
    value: fc.oneof(
      fc.constantFrom(0, 88, 95),
      fc.integer({ min: 500, max: 1000 }).map((tenths) => tenths / 10),
    ),
    code: fc.constantFrom("59408-5", "2708-6"),
    flag: fc.constantFrom("implausible" as const, "disagreeing" as const, undefined, undefined),
  });
  const frame = fc.record({ device: fc.constantFrom("dev_a", "dev_b"), readings: fc.array(reading, { minLength: 1, maxLength: 12 }) });
  const batch = fc.record({ frames: fc.array(frame, { minLength: 1, maxLength: 4 }), fail: fc.boolean(), isRepeated: fc.boolean() });
  const known: Frame[][] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 6 }), async (batches) => {
      const patientId = newId("pat", start);
      for (const { frames, fail, isRepeated } of batches) {
        const made = frames.map(({ device, readings }) =>
          world.frame([], {
            patientId,
            deviceId: `${device}_${patientId}`,
            readings: readings.map(({ second, value, code, flag }): Frame["readings"][number] =>
              flag ? [code, "spo2", value, start + second * 1000, flag] : [code, "spo2", value, start + second * 1000],
            ),
          }),
        );
        known.push(made);
        await world.store(made, { fail });
        await world.store(isRepeated ? [...made, ...(known.at(-2) ?? [])] : made);
      }
      expect(await stored()).toEqual(await computed());
    }),
    { numRuns: 25 },
  );
});

test("a minute whose only reading is corrected to an implausible one is gone, and so is its hour", async () => {
  const patientId = newId("pat", start);
  const rows = async () => (await stored()).filter((row) => row.patient_id === patientId);
  await world.store([world.frame([[0, 95]], { patientId, deviceId: "dev_c" })]);
  expect(await rows()).toHaveLength(2);
  const readings: Frame["readings"] = [["59408-5", "spo2", 0, start, "implausible"]];
  await world.store([world.frame([], { patientId, deviceId: "dev_c", readings })]);
  expect(await rows()).toEqual([]);
});

test("the migration fills the roll-ups of a database that already holds readings", async () => {
  const before = await stored();
  expect(before.length).toBeGreaterThan(20);
  // A flag that the product did not know then.
  await world.database.owner`update readings set flag = null where flag = 'disagreeing'`;
  await world.database.owner`truncate rollups`;
  const migration = readFileSync(join(import.meta.dir, "../../migrations/0002_rollups.sql"), "utf8");
  const fills = migration.split("--> statement-breakpoint").filter((statement) => statement.trim().startsWith("insert"));
  expect(fills).toHaveLength(2);
  for (const statement of fills) await world.database.owner.unsafe(statement);
  expect(await stored()).toEqual(before);
});
