import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { testDeps } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";
import { jetstreamManager } from "@nats-io/jetstream";
import { sql } from "drizzle-orm";
import { systemClock } from "./clock.ts";
import { type ConsumeDeps, type ConsumerSpec, consumer, startConsumer } from "./consume.ts";
import { grant } from "./db.ts";
import { newId } from "./ids.ts";
import { emitterInto, enqueue, type OutboxMessage, startOutbox } from "./outbox.ts";

let broker: TestBroker;
let world: TestDatabase;
let deps: ConsumeDeps;
beforeAll(async () => {
  [broker, world] = await Promise.all([testBroker(), testDatabase({ migrations: "pkg/service/src/fixtures/migrations" })]);
});
afterAll(async () => {
  await world.close();
  await broker.close();
});
beforeEach(async () => {
  await world.owner`truncate notes, inbox, outbox`;
  await (await jetstreamManager(broker.nats)).streams.purge("EVENTS");
  deps = { ...testDeps("patient", world.db), nats: broker.nats, js: broker.js };
});

/** Publishes so many registrations. @returns their patients, in order */
async function registered(count: number): Promise<string[]> {
  const messages: OutboxMessage[] = [];
  const emit = emitterInto((message) => void messages.push(message), { kind: "system", job: "test" }, systemClock);
  const ids = Array.from({ length: count }, (_, index) => newId("pat", index));
  for (const patientId of ids) await emit("patient.registered", { patientId: patientId as never });
  await world.db.transaction(grant.public(), (tx) => enqueue(tx, messages));
  const outbox = await startOutbox({ ...deps });
  await outbox.flush();
  await outbox.stop();
  return ids;
}

const noted = async () => (await world.owner`select body from notes order by id`).map((row) => String(row.body));
const pendingOf = async (durable: string) => {
  const { num_ack_pending, num_pending } = await (await jetstreamManager(broker.nats)).consumers.info("EVENTS", durable);
  return num_ack_pending + num_pending;
};

/** Notes each patient; a handler of its own decides what else happens. */
function noting(
  name: string,
  before: (patientId: string) => void = () => {},
  more: Partial<ConsumerSpec<ConsumeDeps>> = {},
): ConsumerSpec<ConsumeDeps> {
  return {
    ...consumer<ConsumeDeps, "patient.registered">({
      name,
      on: ["patient.registered"],
      gatherMs: 50,
      handle: async ({ event, tx }) => {
        before(event.data.patientId);
        await tx.execute(sql`insert into notes (patient_id, body) values (${event.data.patientId}, ${event.data.patientId})`);
      },
    }),
    ...more,
  };
}

describe("events that have gathered", () => {
  test("take effect in one transaction, in order, and are acknowledged", async () => {
    const ids = await registered(40);
    const running = await startConsumer(noting("together"), deps);
    await waitFor(async () => (await noted()).length === 40 && (await pendingOf("patient-together")) === 0);
    expect(await noted()).toEqual(ids);
    const transactions = await world.owner`select count(distinct xmin::text)::int as n from notes`;
    expect(transactions[0]?.n).toBeLessThan(10);
    expect(await world.owner`select * from inbox`).toHaveLength(40);
    await running.stop();
  });

  test("hold a poison one: it goes to the dead letters alone, its neighbours take effect once and in order", async () => {
    const ids = await registered(20);
    const poison = ids[9];
    let isFirst = true;
    // Seven failures take half a minute of pauses; an event that can never be read goes at once, as any does in the end.
    const spec = noting("poisoned", (patientId) => {
      if (patientId !== poison) return;
      if (isFirst) isFirst = false;
      else throw new SyntaxError("poison");
      throw new Error("the whole batch");
    });
    const running = await startConsumer(spec, deps);
    const manager = await jetstreamManager(broker.nats);
    const dead = () => manager.streams.getMessage("DLQ", { last_by_subj: "dlq.patient.poisoned" });
    await waitFor(async () => (await dead()) !== null && (await pendingOf("patient-poisoned")) === 0);
    expect(await noted()).toEqual(ids.filter((id) => id !== poison));
    expect((await dead())?.string()).toContain(poison ?? "");
    expect((await manager.streams.info("DLQ")).state.messages).toBe(1);
    expect(await world.owner`select * from inbox where consumer = 'poisoned'`).toHaveLength(19);
    await running.stop();
  });

  test("come again after a crash between commit and acknowledgement, without a second effect", async () => {
    const ids = await registered(30);
    const { url, user, password } = broker.server;
    const crashing = Bun.spawn(
      [process.execPath, "--no-env-file", `${import.meta.dir}/fixtures/crashing-consumer.ts`, world.url, url, user, password],
      { stdout: "ignore", stderr: "inherit" },
    );
    await crashing.exited;
    expect(crashing.signalCode).toBe("SIGKILL");
    const before = await noted();
    expect(before.length).toBeGreaterThan(1);
    expect(await pendingOf("patient-crashing")).toBe(30);
    const running = await startConsumer(noting("crashing"), deps);
    // The broker gives out again what was under way once its time for acknowledgements is over.
    await waitFor(async () => (await pendingOf("patient-crashing")) === 0, { timeoutMs: 30_000 });
    expect((await noted()).toSorted()).toEqual(ids.toSorted());
    await running.stop();
  });

  test("are handed over together to a handler that takes them so, each event once however often it came", async () => {
    const ids = await registered(10);
    const manager = await jetstreamManager(broker.nats);
    const third = await manager.streams.getMessage("EVENTS", { seq: (await manager.streams.info("EVENTS")).state.first_seq + 2 });
    // The same event under another id of the broker's: as after its window of two minutes.
    await broker.js.publish(third?.subject ?? "", third?.data, { msgID: "again" });
    const sizes: number[] = [];
    const running = await startConsumer(
      noting("gathered", undefined, {
        handleGathered: async ({ events, tx, emit }) => {
          sizes.push(events.length);
          for (const { data } of events as readonly { data: { patientId: string } }[])
            await tx.execute(sql`insert into notes (patient_id, body) values (${data.patientId}, ${data.patientId})`);
          await emit("patient.registered", { patientId: ids[0] as never });
        },
      }),
      deps,
    );
    await waitFor(async () => (await noted()).length >= 10 && (await pendingOf("patient-gathered")) === 0);
    expect(await noted()).toEqual(ids);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(10);
    expect(await world.owner`select * from outbox`).toHaveLength(sizes.length);
    await running.stop();
  });

  test("are taken one by one where the handler says so", async () => {
    const ids = await registered(12);
    const running = await startConsumer(noting("alone", undefined, { oneByOne: true }), deps);
    await waitFor(async () => (await noted()).length === 12);
    expect(await noted()).toEqual(ids);
    expect((await world.owner`select count(distinct xmin::text)::int as n from notes`)[0]?.n).toBe(12);
    await running.stop();
  });
});
