import { afterAll, beforeAll, expect, test } from "bun:test";
import { waitFor } from "@episante/testkit/wait-for";
import { type Fixture, makeFixture, reading } from "../../test/fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(() => fixture.close());

test("without room a device is told to wait on both doors, nothing is taken, and readiness says why", async () => {
  const gateway = await fixture.start({ MIN_FREE_BYTES: String(Number.MAX_SAFE_INTEGER) });
  const device = await fixture.pair();
  const authorization = `Bearer ${device.token}`;
  const answer = await fetch(`${gateway.url}/api/devices/readings`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization },
    body: JSON.stringify({ boot: "b", seq: 1, readings: [reading()] }),
  });
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, "not-ready"]);

  const heard: unknown[] = [];
  const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/api/devices/stream`, {
    headers: { authorization },
  } as unknown as string[]);
  socket.onmessage = (event) => heard.push(JSON.parse(String(event.data)));
  await waitFor(() => heard.length > 0, { what: "the first frame" });
  expect(heard[0]).toEqual({ credit: 0 });
  socket.send(JSON.stringify({ boot: "w", seq: 1, readings: [reading()] }));
  await waitFor(() => heard.length > 1, { what: "the answer" });
  expect(heard[1]).toMatchObject({ boot: "w", nack: 1, problem: { code: "not-ready" } });
  socket.close();

  expect(await (await fetch(`${gateway.opsUrl}/readyz`)).json()).toEqual({ ready: false, reasons: ["disk full"] });
  expect(await fixture.envelopes()).toEqual([]);
});
