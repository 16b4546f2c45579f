import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Envelope, Frame } from "@episante/contracts/envelope";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { testDeps } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";
import { jetstreamManager } from "@nats-io/jetstream";
import { sql } from "drizzle-orm";
import { systemClock } from "./clock.ts";
import { type ConsumeDeps, consumer, startConsumer } from "./consume.ts";
import { grant } from "./db.ts";
import { newId } from "./ids.ts";
import { mirror, startBeats, startMirror } from "./mirror.ts";
import { emitter, measureOutbox, startOutbox } from "./outbox.ts";
import { handedOver, pipelined } from "./pipelined.ts";
import { freshFrames, reader, startReader } from "./reader.ts";

let broker: TestBroker;
let world: TestDatabase;
let deps: ConsumeDeps;
beforeAll(async () => {
  [broker, world] = await Promise.all([testBroker(), testDatabase({ migrations: "pkg/service/src/fixtures/migrations" })]);
  deps = { ...testDeps("patient", world.db), nats: broker.nats, js: broker.js };
});
afterAll(async () => {
  await world.close();
  await broker.close();
});

const registered = (patientId: string) =>
  world.db.transaction(grant.public(), (tx) =>
    emitter(tx, { kind: "system", job: "test" }, systemClock)("patient.registered", { patientId: patientId as never }),
  );
const notesOf = async (prefix: string) =>
  (await world.owner`select body from notes where body like ${`${prefix}%`} order by id`).map((row) => String(row.body));

describe("outbox and consumers", () => {
  test("publish committed events once, in order, and survive a broker that is killed in between", async () => {
    const outbox = await startOutbox({ ...deps });
    const ids = Array.from({ length: 20 }, () => newId("pat", Date.now()));
    for (const id of ids.slice(0, 10)) await registered(id);
    await outbox.flush();
    expect(await valuesOf(deps.metrics.published, "type")).toEqual({ "patient.registered": 10 });
    await broker.server.restart();
    for (const id of ids.slice(10)) await registered(id);
    await waitFor(
      () =>
        outbox.flush().then(
          () => true,
          () => false,
        ),
      { timeoutMs: 15_000 },
    );
    expect(await world.owner`select * from outbox`).toHaveLength(0);
    const handled: string[] = [];
    const running = await startConsumer(
      consumer({
        name: "note-on-registered",
        on: ["patient.registered"],
        handle: async ({ event, tx }) => {
          await tx.execute(sql`insert into notes (patient_id, body) values (${event.data.patientId}, ${`c:${event.data.patientId}`})`);
          handled.push(event.data.patientId);
        },
      }),
      deps,
    );
    await waitFor(async () => (await notesOf("c:")).length >= 20);
    expect(await notesOf("c:")).toEqual(ids.map((id) => `c:${id}`));
    expect(await valuesOf(deps.metrics.handled, "consumer")).toEqual({ "note-on-registered": 20 });
    expect(await valuesOf(deps.metrics.consumerLag, "consumer")).toEqual({ "note-on-registered": 0 });
    await running.stop();
    await outbox.stop();
  });

  test("what waits in the outbox is measured, although nothing publishes it", async () => {
    await registered(newId("pat", Date.now()));
    await world.owner`update outbox set created_at = created_at - interval '1 hour'`;
    await measureOutbox(world.db, deps.metrics);
    expect((await deps.metrics.outboxPending.get()).values[0]?.value).toBe(1);
    expect((await deps.metrics.outboxOldestSeconds.get()).values[0]?.value).toBeGreaterThanOrEqual(3_600);
    await world.owner`delete from outbox`;
    await measureOutbox(world.db, deps.metrics);
    expect((await deps.metrics.outboxPending.get()).values[0]?.value).toBe(0);
    expect((await deps.metrics.outboxOldestSeconds.get()).values[0]?.value).toBe(0);
  });

  test("a redelivered event has no second effect, and one that always fails ends in the dead letters without blocking the next", async () => {
    const outbox = await startOutbox({ ...deps });
    const [bad, good] = [newId("pat", Date.now()), newId("pat", Date.now())];
    await registered(bad);
    await registered(good);
    await outbox.flush();
    let failures = 0;
    const spec = consumer({
      name: "fail-on-registered",
      on: ["patient.registered"],
      handle: async ({ event, tx }) => {
        if (event.data.patientId === bad) {
          failures++;
          throw new Error("always");
        }
        await tx.execute(sql`insert into notes (patient_id, body) values (${event.data.patientId}, ${`d:${event.data.patientId}`})`);
      },
    });
    const running = await startConsumer(spec, deps);
    await waitFor(async () => (await notesOf("d:")).includes(`d:${good}`));
    expect(failures).toBeGreaterThan(0);
    await running.stop();
    const again = await startConsumer({ ...spec }, deps);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await notesOf("d:")).filter((body) => body === `d:${good}`)).toHaveLength(1);
    await again.stop();
    await outbox.stop();
  });

  test("a mirror is fresh only while the owner is heard and everything it published is applied", async () => {
    const outbox = await startOutbox({ ...deps });
    const spec = mirror({ owner: "patient", name: "mirror-on-registered", on: ["patient.registered"], apply: async () => {} });
    const running = await startMirror(spec, deps);
    expect(spec.fresh()).toBe(false);
    const beats = startBeats("patient", broker.nats, outbox, deps.log);
    await registered(newId("pat", Date.now()));
    await outbox.flush();
    await waitFor(() => spec.fresh());
    expect(await deps.metrics.registry.getSingleMetricAsString("mirror_fresh")).toContain('owner="patient",service="patient"} 1');
    await beats.stop();
    spec.state.lastBeatMs -= 6_000;
    expect(spec.fresh()).toBe(false);
    expect(await deps.metrics.registry.getSingleMetricAsString("mirror_fresh")).toContain('owner="patient",service="patient"} 0');
    await running.stop();
    await outbox.stop();
  });
});

/** Values of a metric by one of its labels. */
async function valuesOf(
  metric: { get(): Promise<{ values: { labels: object; value: number }[] }> },
  label: string,
): Promise<Record<string, number>> {
  const { values } = await metric.get();
  return Object.fromEntries(values.map((one) => [String((one.labels as Record<string, unknown>)[label]), one.value]));
}

const frame = (deviceId: string, seq: number): Frame => ({
  deviceId,
  patientId: "pat_x",
  clinicId: "cli_x",
  kind: "wearable",
  boot: "b",
  seq,
  receivedAtMs: 0,
  readings: [["8867-4", "heart-rate", 60, 0]],
});
const publish = (partition: number, body: Envelope | string) =>
  broker.js.publish(`readings.${partition}`, typeof body === "string" ? body : JSON.stringify(body));

describe("readers of the log", () => {
  test("take over from their checkpoint, skip what cannot be parsed, and are fenced by the epoch", async () => {
    const spec = (instance: string) =>
      reader<ConsumeDeps>({
        name: "notes",
        handle: async ({ tx, messages }) => {
          for (const message of messages) {
            for (const one of await freshFrames(tx, "notes", message.envelope.frames))
              await tx.execute(sql`insert into notes (patient_id, body) values ('pat_x', ${`r:${one.seq}:${instance}`})`);
          }
        },
      });
    for (let seq = 0; seq < 5; seq++) await publish(0, { v: 1, frames: [frame("dev_a", seq)] });
    await publish(0, "not json");
    await publish(0, { v: 1, frames: [frame("dev_a", 3), frame("dev_a", 5)] });
    const first = startReader(spec("one"), deps, { partitions: 1, instance: "one" });
    await waitFor(async () => (await notesOf("r:")).length === 6);
    // A second instance with the same name takes the partition; the first loses its lease and must not write again.
    const second = startReader(spec("two"), deps, { partitions: 1, instance: "one" });
    await waitFor(async () => Number((await world.owner`select epoch from reader_leases where reader = 'notes'`)[0]?.epoch) >= 2);
    for (let seq = 6; seq < 9; seq++) await publish(0, { v: 1, frames: [frame("dev_a", seq)] });
    await waitFor(async () => (await notesOf("r:")).length === 9);
    await Promise.all([first.stop(), second.stop()]);
    expect((await notesOf("r:")).map((body) => Number(body.split(":")[1]))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const manager = await jetstreamManager(broker.nats);
    const dead = await manager.streams.getMessage("DLQ", { last_by_subj: "dlq.patient.notes" });
    expect(dead?.string()).toBe("not json");
  });

  test("a message whose handling throws goes to the dead letters and the others of its batch are kept", async () => {
    const spec = reader<ConsumeDeps>({
      name: "picky",
      handle: async ({ tx, messages }) => {
        for (const message of messages) {
          if (message.envelope.frames[0]?.seq === 666) throw new Error("poison");
          await tx.execute(sql`insert into notes (patient_id, body) values ('pat_x', ${`p:${message.envelope.frames[0]?.seq}`})`);
        }
      },
    });
    for (const seq of [100, 666, 101]) await publish(1, { v: 1, frames: [frame("dev_b", seq)] });
    const running = startReader(spec, deps, { partitions: 2, instance: "one" });
    await waitFor(async () => (await notesOf("p:10")).length === 2);
    await running.stop();
    expect((await notesOf("p:")).filter((body) => body.startsWith("p:10")).sort()).toEqual(["p:100", "p:101"]);
    // Each kept message left one note; those given up on (here, and the first test's in partition 0) are counted where they went.
    const { values } = await deps.metrics.readerBatch.get();
    const sums = values.filter(({ metricName, labels }) => metricName === "reader_batch_messages_sum" && labels.reader === "picky");
    expect(sums.map(({ value }) => value)).toEqual([(await notesOf("p:")).length]);
    expect(await valuesOf(deps.metrics.deadLetters, "reader")).toMatchObject({ picky: 2 });
    expect(await deps.metrics.registry.getSingleMetricAsString("reader_turn_timestamp_seconds")).toContain('reader="picky",partition="1"');
  });

  test("a commit that is sent behind the writes, without waiting for them: one that fails takes all of its message back", async () => {
    let told = "";
    const spec = reader<ConsumeDeps>({
      name: "hasty",
      onCommitted: () => void notesOf("h:").then((bodies) => (told = bodies.join(" "))),
      handle: async ({ tx, messages, commit }) => {
        const seqs = messages.map(({ envelope }) => envelope.frames[0]?.seq);
        const write = (body: string, seq?: number) =>
          tx.execute(sql`insert into notes (patient_id, body) values (${seq === 668 ? null : "pat_x"}, ${body})`);
        const statements = seqs.flatMap((seq) => [write(`h:${seq}`), write(`g:${seq}`, seq)]);
        await pipelined([...statements, handedOver().then(commit)]);
      },
    });
    for (const seq of [667, 668, 669]) await publish(0, { v: 1, frames: [frame("dev_h", seq)] });
    const running = startReader(spec, deps, { partitions: 1, instance: "one" });
    await waitFor(() => told.includes("h:669"));
    await running.stop();
    const [first, second] = [await notesOf("h:"), await notesOf("g:")];
    expect(first).toContain("h:667");
    expect(first).not.toContain("h:668");
    expect(second).toEqual(first.map((body) => body.replace("h:", "g:")));
    // And the one of the first test that is no envelope.
    expect(await valuesOf(deps.metrics.deadLetters, "reader")).toMatchObject({ hasty: 2 });
  });

  test("a broker killed again and again: what comes after each kill is read long before the client's own 30 s", async () => {
    const running = startReader(
      reader<ConsumeDeps>({
        name: "stubborn",
        handle: async ({ tx, messages }) => {
          for (const { envelope } of messages)
            await tx.execute(sql`insert into notes (patient_id, body) values ('pat_x', ${`k:${envelope.frames[0]?.seq}`})`);
        },
      }),
      deps,
      { partitions: 1, instance: "one" },
    );
    const body = (seq: number) => JSON.stringify({ v: 1, frames: [frame("dev_k", seq)] });
    for (let seq = 500; seq < 506; seq++) {
      await broker.server.restart();
      const isStored = () => broker.js.publish("readings.0", body(seq), { msgID: `k${seq}`, timeout: 1_000 }).then(Boolean, () => false);
      await waitFor(isStored, { timeoutMs: 10_000 });
      await waitFor(async () => (await notesOf(`k:${seq}`)).length === 1, { timeoutMs: 12_000 });
    }
    await running.stop();
    expect((await notesOf("k:5")).length).toBe(6);
  });
});
