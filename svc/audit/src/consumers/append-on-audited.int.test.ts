import { afterAll, beforeAll, expect, test } from "bun:test";
import { verifyAudit } from "@episante/contracts/audit";
import { adminActor } from "@episante/testkit/actors";
import { waitFor } from "@episante/testkit/wait-for";
import { makeWorld, record, type World } from "../../test/world.ts";
import { appendRecords } from "../actions/append-records.ts";
import { startAppending } from "./append-on-audited.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const count = async () => Number((await world.database.owner`select count(*) as n from records`)[0]?.n);
const verify = async () => (await world.service.call(verifyAudit, { actor: adminActor() })).json;

test("every published record comes into the chain exactly once, in order, across restarts and redeliveries", async () => {
  const published = Array.from({ length: 600 }, () => record());
  const publish = async (records: typeof published) => {
    for (const one of records) await world.broker.js.publish(`audit.${one.service}`, JSON.stringify(one));
  };
  const first = startAppending(world.deps);
  await publish(published.slice(0, 300));
  await waitFor(async () => (await count()) > 0);
  await first.stop();
  const second = startAppending(world.deps);
  await publish([...published.slice(250, 600), ...published.slice(0, 50)]);
  await waitFor(async () => (await count()) >= 600);
  await second.stop();
  const rows = await world.database.owner`select seq::int as seq, id from records order by seq`;
  expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
  expect(rows.map((row) => row.id)).toEqual(published.map((one) => one.id));
  expect(await verify()).toMatchObject({ ok: true, records: 600 });
});

test("a message that is no record goes to the dead letters and holds nothing up", async () => {
  const before = await count();
  await world.broker.js.publish("audit.patient", "{not json");
  await world.broker.js.publish("audit.patient", JSON.stringify(record()));
  const running = startAppending(world.deps);
  await waitFor(async () => (await count()) === before + 1);
  await running.stop();
  expect(await world.deps.deadLetters.list(undefined, 5)).toMatchObject([
    { service: "audit", reader: "append-on-audited", subject: "audit.patient" },
  ]);
});

test("records that come as one list stand in the chain one by one, once, whatever other list repeats them", async () => {
  const before = await count();
  const [one, two, three] = [record(), record(), record()];
  const publish = (held: unknown) => world.broker.js.publish("audit.alert", JSON.stringify(held));
  await publish([one, two]);
  await publish([two, three, one]);
  await publish([record(), { id: "aud_x" }]);
  await publish(record());
  const running = startAppending(world.deps);
  await waitFor(async () => (await count()) === before + 4);
  await running.stop();
  const rows = await world.database.owner`select id from records where seq > ${before} order by seq limit 3`;
  expect(rows.map((row) => row.id)).toEqual([one.id, two.id, three.id]);
  expect((await verify()).ok).toBe(true);
  const dead = await world.deps.deadLetters.list(undefined, 5);
  expect(dead.filter(({ subject }) => subject === "audit.alert")).toMatchObject([{ service: "audit", reader: "append-on-audited" }]);
});

test("parallel appenders never leave a gap and never double", async () => {
  const before = await count();
  const batches = Array.from({ length: 8 }, () => [record(), record(), record()]);
  await Promise.all([...batches, ...batches].map((batch) => appendRecords(world.deps.db, batch)));
  expect(await count()).toBe(before + 24);
  expect((await verify()).ok).toBe(true);
});

test("verify names the first link that does not fit: changed, hidden from a patient, removed, reordered, cut off", async () => {
  const last = await count();
  const { owner } = world.database;
  const tampering: [name: string, statement: string, brokenAt: number][] = [
    ["a changed record", `update records set record = replace(record, '"ok"', '"denied"') where seq = 40`, 40],
    ["a record hidden from its patient", `update records set patient_ids = array['pat_other'] where seq = 7`, 7],
    ["a removed record", "delete from records where seq = 55", 55],
    ["a removed first record", "delete from records where seq = 1", 1],
    [
      "two reordered records",
      "update records set seq = case seq when 20 then -20 else -21 end where seq in (20, 21); update records set seq = case seq when -20 then 21 else 20 end where seq < 0",
      20,
    ],
    ["a removed end", `delete from records where seq > ${last - 2}`, last - 1],
    ["everything removed", "delete from records", 1],
  ];
  for (const [name, statement, brokenAt] of tampering) {
    const kept = await owner`select * from records order by seq`;
    await owner.unsafe("alter table records disable trigger all; alter table records drop constraint records_seq_check");
    await owner.unsafe(statement);
    expect({ name, ...(await verify()) }).toMatchObject({ name, ok: false, brokenAt });
    await owner.unsafe("delete from records");
    for (const row of kept) await owner`insert into records ${owner(row)}`;
    await owner.unsafe("alter table records enable trigger all; alter table records add constraint records_seq_check check (seq > 0)");
  }
  expect((await verify()).ok).toBe(true);
});
