import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Batch } from "@episante/contracts/reading";
import { type NatsServer, startNats, temporaryFolder } from "@episante/testkit/servers";
import { waitFor } from "@episante/testkit/wait-for";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type Box, openBox } from "./box.ts";
import { boxUser, natsConfig } from "./box-config.ts";
import { deviceIdOf } from "./links/link.ts";

const tokens = ["1", "2"].map((digit) => `dev_${digit.repeat(32)}.${"A".repeat(43)}`) as [string, string];
const [id, other] = tokens.map(deviceIdOf) as [string, string];
const heard: Batch[] = [];
let server: ReturnType<typeof startServer>;
let broker: NatsServer;
let box: Box;
let device: NatsConnection;

/** The clinic's server as the box sees it: takes everything of known devices. */
function startServer(port = 0) {
  return Bun.serve({
    port,
    fetch: (request, self) => (self.upgrade(request, { data: undefined }) ? undefined : new Response(null, { status: 404 })),
    websocket: {
      open: (socket) => void socket.send('{"credit":8}'),
      message(socket, text) {
        const batch = JSON.parse(String(text)) as Batch;
        heard.push(batch);
        socket.send(JSON.stringify({ boot: batch.boot, ack: batch.seq }));
      },
    },
  });
}
const logIn = (token: string) =>
  connect({ servers: broker.url, user: deviceIdOf(token), pass: token, inboxPrefix: `_INBOX.${deviceIdOf(token)}`, reconnect: false });

beforeAll(async () => {
  server = startServer();
  const entries = tokens.map((token) => ({ model: "m", serial: "s", token }));
  const { authorization } = JSON.parse(natsConfig({ url: "https://x", listen: "127.0.0.1:1", maxOutboxMiB: 64 }, entries, "secret"));
  broker = await startNats(`authorization ${JSON.stringify(authorization)}`);
  box = await openBox({
    url: server.url.origin,
    broker: { servers: broker.url, user: boxUser, password: "secret" },
    tokens,
    folder: temporaryFolder("box"),
    maxOutboxBytes: 2_000,
  });
  device = await logIn(tokens[0]);
});
afterAll(async () => {
  await device.close();
  await box.close();
  await broker.stop();
  await server.stop(true);
});

const reading = { code: "8867-4", value: 60, unit: "/min", at: "2026-01-01T00:00:00Z" };
const ask = async (batch: unknown) => {
  const text = typeof batch === "string" ? batch : JSON.stringify(batch);
  return (await device.request(`dev.${id}.readings`, text, { timeout: 5_000 })).json() as { ack?: number; problem?: { code: string } };
};

test("a batch is acknowledged under its number and reaches the server once, however often it is sent; its send time stays behind", async () => {
  const batch = { boot: "b", seq: 7, readings: [reading], sentAt: "2026-01-01T00:00:01Z" };
  const answers = await Promise.all([ask(batch), ask(batch), ask(batch)]);
  expect(answers.map(({ ack, problem }) => [ack, problem])).toEqual([1, 2, 3].map(() => [7, undefined]));
  await waitFor(() => box.status()[0]?.waiting === 0, { what: "the way to the server" });
  expect(heard[0]).toEqual({ boot: "b", seq: 7, readings: [reading] });
  expect(new Set(heard.map(({ seq }) => seq)).size).toBe(1);
});

test("what is no batch is refused by name and never handed on", async () => {
  const before = heard.length;
  const cases: [unknown, string][] = [
    ["{nope", "malformed-json"],
    [{ boot: "b", seq: -1, readings: [reading] }, "invalid-input"],
    [{ boot: "a b", seq: 1, readings: [reading] }, "invalid-input"],
    [{ boot: "b", seq: 1, readings: [reading], patientId: "pat_1" }, "invalid-input"],
    [{ boot: "b", seq: 1, readings: [] }, "empty-batch"],
    [{ boot: "b", seq: 1, readings: Array.from({ length: 1_001 }, () => 1) }, "batch-too-large"],
    [{ boot: "b", seq: 1, readings: [reading], status: { battery: "x".repeat(270_000) } }, "body-too-large"],
  ];
  for (const [batch, code] of cases) expect((await ask(batch)).problem?.code).toBe(code);
  expect([heard.length, box.status()[0]?.waiting]).toEqual([before, 0]);
});

test("a device cannot speak for its neighbour, listen to it, or have the box answer elsewhere", async () => {
  const faults: string[] = [];
  void (async () => {
    for await (const status of device.status()) if ("error" in status) faults.push(String(status.error.message));
  })();
  device.publish(`dev.${other}.readings`, "{}", { reply: `_INBOX.${id}.x` });
  device.subscribe(`_INBOX.${other}.>`, { callback: () => {} });
  device.subscribe("dev.*.readings", { callback: () => {} });
  await waitFor(() => faults.length === 3, { what: "three refusals" });
  let answered = 0;
  const neighbour = await logIn(tokens[1]);
  neighbour.subscribe(`_INBOX.${other}.>`, { callback: () => void answered++ });
  await neighbour.flush();
  device.publish(`dev.${id}.readings`, JSON.stringify({ boot: "b", seq: 9, readings: [reading] }), { reply: `_INBOX.${other}.stolen` });
  expect(await ask({ boot: "b", seq: 8, readings: [reading] })).toMatchObject({ ack: 8 });
  expect([answered, heard.some(({ seq }) => seq === 9)]).toEqual([0, false]);
  await neighbour.close();
  for (const wrong of [`${other}.${"B".repeat(43)}`, `dev_${"3".repeat(32)}.${"A".repeat(43)}`])
    await expect(logIn(wrong)).rejects.toThrow(/authorization/i);
});

test("a full box asks the device to keep its batch, and takes it once the server is back", async () => {
  await waitFor(() => box.status()[0]?.waiting === 0, { what: "an empty box" });
  const { port } = server;
  await server.stop(true);
  let seq = 100;
  await waitFor(async () => (await ask({ boot: "full", seq: seq++, readings: [reading] })).problem?.code === "back-pressure", {
    what: "a full box",
  });
  const kept = box.status()[0]?.waiting ?? 0;
  expect(kept).toBe(seq - 101);
  server = startServer(port);
  await waitFor(() => box.status()[0]?.waiting === 0, { timeoutMs: 15_000, what: "the backlog" });
  await waitFor(async () => (await ask({ boot: "full", seq: seq - 1, readings: [reading] })).ack === seq - 1, { what: "room again" });
  expect(heard.filter(({ boot }) => boot === "full").length).toBeGreaterThanOrEqual(kept);
}, 30_000);
