import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Running, startConsumer } from "@episante/service/consume";
import { newId } from "@episante/service/ids";
import { makeMetrics } from "@episante/service/metrics";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { waitFor } from "@episante/testkit/wait-for";
import { startWorld, type World } from "../../test/world.ts";
import { pullProfileOnAccountRegistered } from "./pull-profile-on-account-registered.ts";

let world: World;
let broker: TestBroker;
let running: Running;
beforeAll(async () => {
  [world, broker] = await Promise.all([startWorld(), testBroker()]);
  const deps = { ...world.deps, nats: broker.nats, js: broker.js, metrics: makeMetrics("patient") };
  running = await startConsumer(pullProfileOnAccountRegistered, deps);
});
afterAll(async () => {
  await running.stop();
  await broker.close();
  await world.close();
});

const publish = (actor: { accountId: string; patientId: string }) => {
  const data = { accountId: actor.accountId, patientId: actor.patientId };
  const event = {
    id: newId("evt", Date.now()),
    type: "account.registered",
    version: 1,
    at: new Date().toISOString(),
    actor: { kind: "anonymous" },
    data,
  };
  return broker.js.publish("events.account.registered.v1", JSON.stringify(event));
};
const find = async (patientId: string) => (await world.owner`select family_name from patients where id = ${patientId}`)[0];

test("a registration heard on the stream brings the profile, also when svc/auth was away at first, and twice is once", async () => {
  const actor = world.newAccount({ familyName: "Stream" });
  world.auth.isUp = false;
  await publish(actor);
  await waitFor(() => world.auth.asked > 0);
  expect(await find(actor.patientId)).toBeUndefined();
  world.auth.isUp = true;
  await waitFor(() => find(actor.patientId));
  await publish(actor);
  const next = world.newAccount();
  await publish(next);
  await waitFor(() => find(next.patientId));
  const told = (await world.events("patient.registered")).filter((event) => event.patientId === actor.patientId);
  expect(told).toHaveLength(1);
});

test("an account that is gone by now holds nothing up", async () => {
  await publish({ accountId: newId("acc", 0), patientId: newId("pat", 0) });
  const next = world.newAccount();
  await publish(next);
  await waitFor(() => find(next.patientId));
});
