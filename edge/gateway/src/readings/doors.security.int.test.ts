import { afterAll, beforeAll, expect, test } from "bun:test";
import { postReadings } from "@episante/contracts/reading";
import { waitFor } from "@episante/testkit/wait-for";
import { type Fixture, makeFixture, reading } from "../../test/fixture.ts";
import type { Gateway } from "../gateway.ts";

interface Verdict {
  code?: string;
}

let fixture: Fixture;
let gateway: Gateway;
beforeAll(async () => {
  fixture = await makeFixture();
  gateway = await fixture.start();
});
afterAll(() => fixture.close());

function post(token: string | null, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(gateway.url + postReadings.path, {
    method: postReadings.method,
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function stored(deviceId: string) {
  return (await fixture.envelopes()).flatMap((envelope) => envelope.frames).filter((frame) => frame.deviceId === deviceId);
}

function openSocket(token: string) {
  const url = `${gateway.url.replace("http", "ws")}/api/devices/stream`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } } as unknown as string[]);
  let closeCode: number | null = null;
  let opened = false;
  socket.onopen = () => {
    opened = true;
  };
  socket.onclose = (event) => {
    closeCode = event.code;
  };
  return { isOpen: () => socket.readyState === WebSocket.OPEN, wasOpen: () => opened, closeCode: () => closeCode };
}

test("bad batches are refused whole with their code, and nothing of them reaches the stream", async () => {
  const device = await fixture.pair();
  const cases: [string | object, number, string][] = [
    ["{nope", 400, "malformed-json"],
    ['{"boot":"b","seq":1,"readings":[{"value":NaN}]}', 400, "malformed-json"],
    [`${"[".repeat(10_000)}${"]".repeat(10_000)}`, 400, "too-deep"],
    [{ boot: "b", seq: 1, readings: [] }, 422, "empty-batch"],
    [{ boot: "b", seq: 1, readings: Array.from({ length: 5_000 }, () => 1) }, 422, "batch-too-large"],
    [{ boot: "b", seq: 1, readings: [reading()], patientId: "pat_1" }, 422, "unknown-field"],
    [{ boot: "b", seq: -1, readings: [reading()] }, 422, "invalid-input"],
    [{ boot: "a b", seq: 1, readings: [reading()] }, 422, "invalid-input"],
    [{ boot: "b", seq: 1, readings: [reading()], status: { battery: "x".repeat(270_000) } }, 413, "body-too-large"],
  ];
  for (const [body, status, code] of cases) {
    const answer = await post(device.token, body);
    expect([answer.status, ((await answer.json()) as Verdict).code]).toEqual([status, code]);
  }
  expect(await stored(device.entry.deviceId)).toEqual([]);
});

test("no token, a wrong secret and an unknown device are all refused alike; text bodies and foreign origins too", async () => {
  const device = await fixture.pair();
  const batch = { boot: "b", seq: 1, readings: [reading()] };
  for (const token of [null, "x", `${device.entry.deviceId}.${"A".repeat(43)}`, `dev_${"0".repeat(32)}.${"A".repeat(43)}`]) {
    const answer = await post(token, batch);
    expect([answer.status, ((await answer.json()) as Verdict).code]).toEqual([401, "invalid-token"]);
  }
  expect((await post(device.token, batch, { "content-type": "text/plain" })).status).toBe(415);
  expect((await post(device.token, batch, { origin: "https://evil.example" })).status).toBe(403);
  expect((await post(device.token, batch)).status).toBe(202);
});

test("a revoked device's socket is closed and its token refused at every door", async () => {
  const device = await fixture.pair();
  const { isOpen, closeCode } = openSocket(device.token);
  await waitFor(isOpen, { what: "the socket" });
  await fixture.revoke(device);
  expect(await waitFor(closeCode, { timeoutMs: 5_000, what: "close" })).toBe(4401);
  expect((await post(device.token, { boot: "b", seq: 1, readings: [reading()] })).status).toBe(401);
  const again = openSocket(device.token);
  await waitFor(again.closeCode, { what: "refusal" });
  expect(again.wasOpen()).toBe(false);
});

test("while the broker does not fsync nothing is acknowledged and the gateway is not ready", async () => {
  const lax = Bun.serve({ port: 0, fetch: () => Response.json({ config: { sync_interval: 120e9 } }) });
  const unsafe = await fixture.start({ NATS_MONITOR_URL: `http://127.0.0.1:${lax.port}` });
  const device = await fixture.pair();
  const answer = await fetch(`${unsafe.url}/api/devices/readings`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${device.token}` },
    body: JSON.stringify({ boot: "b", seq: 1, readings: [reading()] }),
  });
  expect([answer.status, ((await answer.json()) as Verdict).code]).toEqual([503, "not-ready"]);
  expect(await (await fetch(`${unsafe.opsUrl}/readyz`)).json()).toEqual({ ready: false, reasons: ["durability"] });
  expect(await stored(device.entry.deviceId)).toEqual([]);
  await unsafe.stop();
  await lax.stop(true);
});
