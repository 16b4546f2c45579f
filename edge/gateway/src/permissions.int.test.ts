import { afterAll, beforeAll, expect, test } from "bun:test";
import { connectNats, jetStreamOf } from "@episante/service/nats";
import { ensureStreams, natsPermissions } from "@episante/service/streams";
import { patientActor } from "@episante/testkit/actors";
import { startNats } from "@episante/testkit/servers";
import { waitFor } from "@episante/testkit/wait-for";
import { connect } from "@nats-io/transport-node";
import { type Fixture, makeFixture, reading } from "../test/fixture.ts";
import type { Gateway } from "./gateway.ts";

const list = (subjects: readonly string[]) => `[${subjects.map((subject) => JSON.stringify(subject)).join(", ")}]`;
const deviceId = `dev_${"4".repeat(32)}`;

let fixture: Fixture;
let gateway: Gateway;
beforeAll(async () => {
  const { publish, subscribe } = natsPermissions("gateway");
  const server = await startNats(`authorization { users: [
    { user: admin, password: admin }
    { user: gateway, password: q7Zr2mTn8vKx4Lp9, permissions: { publish: ${list(publish)}, subscribe: ${list(subscribe)} } }
    { user: ${deviceId}, password: device, permissions: { publish: "dev.${deviceId}.>", subscribe: "_INBOX.${deviceId}.>" } }
  ] }`);
  const nats = await connectNats({ url: server.url, user: "admin", password: "admin", name: "test" });
  await ensureStreams(nats);
  const broker = { server, url: server.url, nats, js: jetStreamOf(nats), close: () => nats.close().then(server.stop) };
  fixture = await makeFixture({ broker, user: "gateway", password: "q7Zr2mTn8vKx4Lp9" });
  gateway = await fixture.start({ TEST_CLOCK: "on" });
});
afterAll(() => fixture.close());

test("the gateway works with exactly the rights generated for it", async () => {
  expect(await (await fetch(`${gateway.opsUrl}/readyz`)).json()).toEqual({ ready: true, reasons: [] });
  const device = await fixture.pair();
  const answer = await fetch(`${gateway.url}/api/devices/readings`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${device.token}` },
    body: JSON.stringify({ boot: "b", seq: 1, readings: [reading()] }),
  });
  expect(answer.status).toBe(202);
  const { cookie } = await fixture.signIn(patientActor());
  // No service is behind it: reaching that refusal means that the session was found and its token signed.
  expect((await fetch(`${gateway.url}/api/patients/me`, { headers: { cookie } })).status).toBe(503);
  const clock = await fetch(`${gateway.url}/api/_test/clock`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ advanceSeconds: 60 }),
  });
  expect(clock.status).toBe(200);
});

test("the gateway stays ready with those rights: its watches are proved up to date", async () => {
  await Bun.sleep(6_000);
  expect(await (await fetch(`${gateway.opsUrl}/readyz`)).json()).toEqual({ ready: true, reasons: [] });
}, 20_000);

test("a device that may only use its own subject and inbox hears the gateway's answer", async () => {
  const nats = await connect({
    servers: fixture.broker.url,
    user: deviceId,
    pass: "device",
    inboxPrefix: `_INBOX.${deviceId}`,
  });
  const ask = async () =>
    (
      await nats.request(`dev.${deviceId}.readings`, JSON.stringify({ boot: "n", seq: 1, readings: [reading()] }), { timeout: 2_000 })
    ).json();
  expect(await waitFor(ask)).toMatchObject({ nack: 1, problem: { code: "invalid-token" } });
  await nats.close();
});
