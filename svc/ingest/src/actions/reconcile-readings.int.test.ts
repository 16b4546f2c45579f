import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import type { Frame } from "@episante/contracts/envelope";
import { orderReconciliation, reconciliation } from "@episante/contracts/reading";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { adminActor } from "@episante/testkit/actors";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { makeWorld, start, type World } from "../../test/world.ts";
import { type LandedCount, writeLanded } from "../storage/reconciliation.ts";
import { reconcileReadings } from "./reconcile-readings.ts";

let broker: TestBroker;
let world: World;
beforeAll(async () => {
  broker = await testBroker();
});
afterAll(() => broker.close());
beforeEach(async () => {
  world = await makeWorld({ more: { nats: broker.nats, js: broker.js } });
});
afterEach(async () => {
  await world.close();
  const manager = await broker.js.jetstreamManager();
  await manager.streams.purge("READINGS");
});

const hourMs = 3_600_000;
const other = newId("dev", start);
const line = (from: number, count: number, value = 95): [number, number][] =>
  Array.from({ length: count }, (_, index) => [from + index, value]);

/** Puts each list of frames on the log as one message, and tells that bronze landed them all in one range. @returns the sequences of the messages */
async function publish(
  messages: readonly (readonly Frame[])[],
  options: { bronze?: (counts: LandedCount[]) => LandedCount[]; partition?: number } = {},
) {
  const { bronze = (counts) => counts, partition = 0 } = options;
  const seqs: number[] = [];
  for (const frames of messages) seqs.push((await broker.js.publish(`readings.${partition}`, JSON.stringify({ v: 1, frames }))).seq);
  const [firstSeq = 0, lastSeq = 0] = [seqs[0], seqs.at(-1)];
  const counts = new Map<string, LandedCount>();
  for (const { deviceId, boot, readings } of messages.flat()) {
    const key = `${deviceId} ${boot}`;
    counts.set(key, { deviceId, boot, readings: (counts.get(key)?.readings ?? 0) + readings.length });
  }
  await world.database.db.transaction(grant.system("test"), (tx) =>
    writeLanded(tx, { partition, firstSeq, lastSeq, counts: bronze([...counts.values()]) }, start),
  );
  await world.database.owner`
    insert into reader_leases (reader, partition, owner, epoch, checkpoint, expires_at) values ('store', ${partition}, 'test', 1, ${lastSeq}, now())
    on conflict (reader, partition) do update set checkpoint = excluded.checkpoint`;
  return seqs;
}
/** The same, stored too, each message in a transaction of its own. */
async function publishAndStore(messages: readonly (readonly Frame[])[], options: Parameters<typeof publish>[1] = {}) {
  await publish(messages, options);
  for (const frames of messages) await world.store(frames);
}
const pass = (laterMs = 0) => reconcileReadings(world.deps, start + laterMs);
const report = async () => (await world.api.call(reconciliation, { actor: adminActor() })).json;
/** All that the store holds of readings, without what tells when it was written. */
const stored = async () => ({
  readings: await world.database.owner`
    select patient_id, signal, code, at, value, device_id, received_at, flag, version, superseded, boot, seq::int as seq from readings order by at, device_id, code, version`,
  rollups: await world.database.owner`select * from rollups order by patient_id, signal, step, at`,
  marks: await world.database.owner`select device_id, boot, low, above from reader_marks order by device_id, boot`,
});

test("rows of a batch that were deleted come back as they were, corrections and roll-ups included; a second pass finds nothing to do", async () => {
  await publishAndStore([
    [world.frame(line(0, 120))],
    [world.frame(line(120, 120)), world.frame([[30, 80]], { receivedAtMs: start + 300_000 })],
    [world.frame(line(0, 60), { deviceId: other })],
  ]);
  const before = await stored();
  // A batch, a whole minute with its roll-up, an original under its correction, and a correction over its original.
  await world.database.owner`delete from readings where device_id = ${other}`;
  await world.database
    .owner`delete from readings where at >= to_timestamp(${start / 1000 + 120}) and at < to_timestamp(${start / 1000 + 180})`;
  await world.database.owner`delete from readings where superseded`;
  await world.database.owner`delete from rollups where step = 60 and at = to_timestamp(${start / 1000 + 120})`;
  expect(await pass()).toMatchObject({ messages: 3, readings: 301, repaired: 121 });
  expect(await stored()).toEqual(before);
  await world.database.owner`delete from readings where version = 2`;
  await world.api.call(orderReconciliation, { actor: adminActor() });
  expect(await pass()).toMatchObject({ repaired: 1 });
  expect(await stored()).toEqual(before);
  expect((await report()).findings).toEqual([]);
});

test("messages the store passed without storing them, marks and all, are stored by the reconciler", async () => {
  const frames = [world.frame(line(0, 60), { battery: 70 }), world.frame(line(60, 60))];
  await publish([frames]);
  expect(await pass()).toMatchObject({ messages: 1, repaired: 120 });
  expect((await stored()).marks).toMatchObject([{ low: "1" }]);
  expect(await world.database.owner`select n from rollups where step = 3600`).toEqual([{ n: 120 }] as never);
  expect(await world.database.owner`select battery from device_status`).toEqual([{ battery: 70 }] as never);
  // What comes again by the log is a repeat.
  await world.store(frames);
  expect(await world.rows()).toHaveLength(120);
});

test("a batch that nobody has is reported with its device, and stays so until it comes", async () => {
  const frames = Array.from({ length: 6 }, (_, seq) => world.frame(line(seq * 10, 10), { boot: "gap", seq: seq + 3 }));
  const lost = frames.splice(2, 2);
  await publishAndStore([frames]);
  await pass();
  const [finding] = (await report()).findings;
  expect(finding).toMatchObject({ kind: "sequence", boot: "gap", firstSeq: 5, lastSeq: 6, missing: 2 });
  // Young, it may be on its way; an hour later it counts. What came before the first batch is no gap.
  expect((await report()).missing).toEqual({ bronze: 0, sequence: 0 });
  world.clock.advance(hourMs);
  await pass(hourMs);
  expect((await report()).missing).toEqual({ bronze: 0, sequence: 2 });
  expect((await report()).findings[0].foundAt).toBe(finding.foundAt);
  await publishAndStore([lost]);
  await pass(2 * hourMs);
  expect(await report()).toMatchObject({ findings: [], missing: { sequence: 0 } });
});

test("what bronze lacks is reported by device and range, cannot be repaired here, and is struck off when bronze has it after all", async () => {
  await publishAndStore([[world.frame(line(0, 60))], [world.frame(line(0, 30), { deviceId: other })]], {
    bronze: (counts) => counts.map((one) => (one.deviceId === other ? { ...one, readings: 25 } : one)),
  });
  expect(await pass()).toMatchObject({ repaired: 0 });
  expect(await report()).toMatchObject({ missing: { bronze: 5 }, findings: [{ kind: "bronze", deviceId: other, boot: "b1", missing: 5 }] });
  await world.database.owner`update landed_ranges set counts = jsonb_set(counts, '{1,readings}', '30')`;
  await world.api.call(orderReconciliation, { actor: adminActor() });
  await pass();
  expect(await report()).toMatchObject({ missing: { bronze: 0 }, findings: [] });
});

test("a pass is due each hour or when ordered, waits for what store or bronze have not passed, and takes each range once", async () => {
  await publishAndStore([[world.frame(line(0, 10))]]);
  expect(await pass()).toMatchObject({ messages: 1 });
  expect(await pass(hourMs - 1)).toBeNull();
  await publishAndStore([[world.frame(line(10, 10))]]);
  expect(await pass(hourMs)).toMatchObject({ messages: 1 });
  const [seq = 0] = await publish([[world.frame(line(20, 10))]]);
  await world.database.owner`update reader_leases set checkpoint = ${seq - 1}`;
  expect(await pass(2 * hourMs)).toMatchObject({ messages: 0, repaired: 0 });
  await world.database.owner`update reader_leases set checkpoint = ${seq}`;
  expect(await pass(3 * hourMs)).toMatchObject({ messages: 1, repaired: 10 });
  expect((await report()).last).toMatchObject({ messages: 1, repaired: 10 });
});

test("a range whose beginning has left the log says nothing about bronze, and is forgotten once it is gone whole", async () => {
  const [, second = 0, third = 0] = await publish([[world.frame(line(0, 10))], [world.frame(line(10, 10))], [world.frame(line(20, 10))]], {
    bronze: (counts) => counts.map((one) => ({ ...one, readings: 0 })),
  });
  const manager = await broker.js.jetstreamManager();
  await manager.streams.purge("READINGS", { seq: second });
  expect(await pass()).toMatchObject({ messages: 2, repaired: 20 });
  expect((await report()).findings).toEqual([]);
  await manager.streams.purge("READINGS", { seq: third + 1 });
  await broker.js.publish("readings.1", JSON.stringify({ v: 1, frames: [] }));
  await pass(hourMs);
  expect(await world.database.owner`select 1 from landed_ranges`).toHaveLength(0);
});
