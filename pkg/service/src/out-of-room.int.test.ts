import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { testDeps } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";
import type { ConsumeDeps } from "./consume.ts";
import { isOutOfRoom } from "./db.ts";
import { reader, startReader } from "./reader.ts";

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

test("a database without room costs no message: the reader waits and takes it when there is room", async () => {
  const frame = {
    deviceId: "dev_1",
    patientId: "pat_1",
    clinicId: "cli_1",
    kind: "wearable",
    boot: "b",
    seq: 0,
    receivedAtMs: 1,
    readings: [],
  };
  await broker.js.publish("readings.0", JSON.stringify({ v: 1, frames: [frame] }));
  let refused = 0;
  let taken = 0;
  const running = startReader(
    reader({
      name: "full",
      handle: async ({ messages }) => {
        if (refused < 4) {
          refused++;
          throw Object.assign(new Error("could not extend file"), { code: "53100" });
        }
        taken += messages.length;
      },
    }),
    deps,
    { partitions: 1, instance: "a" },
  );
  await waitFor(() => taken === 1, { timeoutMs: 20_000, what: "the message" });
  await running.stop();
  const manager = await broker.js.jetstreamManager();
  expect((await manager.streams.info("DLQ")).state.messages).toBe(0);
}, 40_000);

test("Postgres' codes for no room and a failing disk are known, also below drizzle's error", () => {
  const fault = (code: string) => new Error("query failed", { cause: Object.assign(new Error("refused"), { code }) });
  expect(["53100", "53200", "58030"].map((code) => isOutOfRoom(fault(code)))).toEqual([true, true, true]);
  expect(["23505", "40001", "57P01"].map((code) => isOutOfRoom(fault(code)))).toEqual([false, false, false]);
});
