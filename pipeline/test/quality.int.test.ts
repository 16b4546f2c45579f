import { afterAll, beforeAll, expect, test } from "bun:test";
import { withDuck } from "../src/duck.ts";
import { loadSql } from "../src/sql-files.ts";
import { checkDay } from "../src/stages/quality.ts";
import { listBronzeOf } from "../src/storage/landing.ts";
import { listQuality } from "../src/storage/quality.ts";
import { alertData, frame, makeWorld, noonMs, visit, type World } from "./world.ts";

const day = "2026-11-18";
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const offences = async () => {
  const results = await listQuality(world.deps.db, 200);
  return Object.fromEntries(
    results.filter((result) => result.offending > 0).map((result) => [`${result.check} ${result.day}`, result.offending]),
  );
};

test("facts that cannot be true are counted by the check that forbids them", async () => {
  await world.publishReadings([frame(0, [["8867-4", 900, noonMs]]), frame(1, [["8867-4", 60, noonMs + 1000]])]);
  await world.publish("alert.raised", alertData("2026-11-18T12:00:00.000Z", { ackedAt: "2026-11-18T11:00:00.000Z", status: "acked" }));
  await world.publish("appointment.cancelled", { ...visit("2026-11-18T15:00:00.000Z"), by: "clinic" });
  expect(await world.run("all")).toMatchObject({ status: "done" });
  expect(await offences()).toEqual({
    [`alerts_acked_after_fired ${day}`]: 1,
    [`appointments_were_booked ${day}`]: 1,
    [`readings_plausible_in_gate ${day}`]: 1,
  });
});

test("rows planted in silver are found: doubled, lost, without a signal, in another day", async () => {
  const bronze = await listBronzeOf(world.deps.db, day);
  const found = await withDuck(world.deps.duck, async (duck) => {
    const key = `silver/readings/day=${day}.parquet`;
    const path = `${duck.folder}/planted.parquet`;
    await duck.run(`copy (
      select * from read_parquet('${world.folder}/${key}') where value = 60
      union all select * from read_parquet('${world.folder}/${key}') where value = 60
      union all select * replace (null as unit, 'unknown' as signal, "at" + interval 3 days as "at") from read_parquet('${world.folder}/${key}') where value = 60
    ) to '${path}' (format parquet)`);
    await world.deps.lake.put(key, { path });
    return checkDay(world.deps, duck, day, bronze, loadSql("checks"), ["readings", "alerts", "appointments"]);
  });
  const counts = Object.fromEntries(found.map((result) => [result.check, result.offending]));
  expect(counts).toMatchObject({
    readings_one_row_each: 1,
    readings_none_lost: 2,
    readings_signal_known: 1,
    readings_in_their_day: 1,
    vitals_daily_fit_silver: 1,
  });
});

test("the next run mends planted rows", async () => {
  await world.publishReadings([frame(2, [["8867-4", 61, noonMs + 2000]])]);
  expect(await world.run("all", day)).toMatchObject({ status: "done", changed: true });
  expect(Object.keys(await offences())).not.toContain(`readings_one_row_each ${day}`);
});
