import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { testDeps } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";
import { jetstreamManager } from "@nats-io/jetstream";
import { systemClock } from "./clock.ts";
import { grant } from "./db.ts";
import { newId } from "./ids.ts";
import { atomicFrom, emitterInto, enqueue, type OutboxMessage, startOutbox } from "./outbox.ts";

let broker: TestBroker;
let world: TestDatabase;
let deps: ReturnType<typeof testDeps> & Pick<TestBroker, "js">;
beforeAll(async () => {
  [broker, world] = await Promise.all([testBroker(), testDatabase({ migrations: "pkg/service/src/fixtures/migrations" })]);
  deps = { ...testDeps("patient", world.db), js: broker.js };
});
afterAll(async () => {
  await world.close();
  await broker.close();
});

/** Commits so many events at once. @returns them in order */
async function commitEvents(count: number): Promise<OutboxMessage[]> {
  const messages: OutboxMessage[] = [];
  const emit = emitterInto((message) => void messages.push(message), { kind: "system", job: "test" }, systemClock);
  for (let index = 0; index < count; index++) await emit("patient.registered", { patientId: newId("pat", index) as never });
  // In pieces: the insert has four parameters a row.
  for (let from = 0; from < count; from += 500)
    await world.db.transaction(grant.public(), (tx) => enqueue(tx, messages.slice(from, from + 500)));
  return messages;
}

/** Ids of everything stored on EVENTS from a position on, in the stream's order. */
async function storedIds(fromSeq: number): Promise<string[]> {
  const manager = await jetstreamManager(broker.nats);
  const { state } = await manager.streams.info("EVENTS");
  const ids: string[] = [];
  for (let seq = fromSeq; seq <= state.last_seq; seq++) {
    const stored = await manager.streams.getMessage("EVENTS", { seq });
    ids.push((JSON.parse(stored?.string() ?? "{}") as { id: string }).id);
  }
  return ids;
}

const nextSeq = async () => (await (await jetstreamManager(broker.nats)).streams.info("EVENTS")).state.last_seq + 1;
const batchIdOf = async (seq: number) =>
  (await (await jetstreamManager(broker.nats)).streams.getMessage("EVENTS", { seq }))?.header.get("Nats-Batch-Id");

describe("what the outbox has gathered", () => {
  test("is stored as one batch, in order, and positions tell its last message; a few are not worth a batch", async () => {
    const from = await nextSeq();
    const outbox = await startOutbox({ ...deps });
    const many = await commitEvents(150);
    await outbox.flush();
    expect(await storedIds(from)).toEqual(many.map(({ id }) => id));
    expect(outbox.positions()["patient.registered"]).toBe(from + 149);
    expect(await batchIdOf(from + 149)).not.toBe("");
    const few = await commitEvents(atomicFrom - 1);
    await outbox.flush();
    expect((await storedIds(from + 150)).length).toBe(few.length);
    expect(await batchIdOf(from + 150)).toBe("");
    expect(await world.owner`select * from outbox`).toHaveLength(0);
    await outbox.stop();
  });

  test("holds a message that the stream has already: each is stored exactly once all the same", async () => {
    const from = await nextSeq();
    const messages = await commitEvents(100);
    const early = messages[40];
    if (!early) throw new Error("no message");
    await broker.js.publish(early.subject, early.payload, { msgID: early.id });
    const outbox = await startOutbox({ ...deps });
    await outbox.flush();
    const others = messages.filter((message) => message !== early);
    expect(await storedIds(from)).toEqual([early, ...others].map(({ id }) => id));
    expect(outbox.positions()["patient.registered"]).toBe(from + 99);
    await outbox.stop();
  });

  test("leaves with its audit records in one message, and events each for itself", async () => {
    const streams = (await jetstreamManager(broker.nats)).streams;
    const from = (await streams.info("AUDIT")).state.last_seq;
    const firstEvent = await nextSeq();
    const records = Array.from({ length: 5 }, (_, index) => ({ id: `aud_${index}`, note: "x" }));
    const messages = records.map((held) => ({ id: held.id, type: "audit", subject: "audit.patient", payload: JSON.stringify(held) }));
    const [event] = await commitEvents(1);
    await world.db.transaction(grant.public(), (tx) => enqueue(tx, messages));
    await commitEvents(1);
    const outbox = await startOutbox({ ...deps });
    await outbox.flush();
    expect((await streams.getMessage("AUDIT", { seq: from + 1 }))?.json<unknown>()).toEqual(records);
    expect((await streams.info("AUDIT")).state.last_seq).toBe(from + 1);
    expect((await storedIds(firstEvent))[0]).toBe(event?.id ?? "");
    expect(outbox.positions()["patient.registered"]).toBe(firstEvent + 1);
    await world.db.transaction(grant.public(), (tx) => enqueue(tx, messages.slice(0, 1)));
    await outbox.flush();
    expect((await streams.getMessage("AUDIT", { seq: from + 2 }))?.json<unknown>()).toEqual(records[0]);
    await outbox.stop();
  });

  test("is neither lost nor doubled by a broker that is killed again and again in the middle of it", async () => {
    const from = await nextSeq();
    const messages = await commitEvents(3_000);
    const outbox = await startOutbox({ ...deps });
    for (let kills = 0; kills < 4; kills++) {
      await new Promise((resolve) => setTimeout(resolve, 7 + 11 * kills));
      await broker.server.restart();
    }
    const isPublished = () =>
      outbox.flush().then(
        () => true,
        () => false,
      );
    await waitFor(isPublished, { timeoutMs: 20_000 });
    expect(await storedIds(from)).toEqual(messages.map(({ id }) => id));
    expect(await world.owner`select * from outbox`).toHaveLength(0);
    await outbox.stop();
  });
});
