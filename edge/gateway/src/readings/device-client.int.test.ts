import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDevice } from "@episante/device/client";
import { freePort } from "@episante/testkit/servers";
import { waitFor } from "@episante/testkit/wait-for";
import { type Fixture, makeFixture, reading } from "../../test/fixture.ts";
import type { Gateway } from "../gateway.ts";

let fixture: Fixture;
let gateway: Gateway;
let port: string;
beforeAll(async () => {
  fixture = await makeFixture();
  port = String(await freePort());
  gateway = await fixture.start({ PORT: port });
});
afterAll(() => fixture.close());

const framesOf = async (deviceId: string) =>
  (await fixture.envelopes()).flatMap((envelope) => envelope.frames).filter((frame) => frame.deviceId === deviceId);

// Door `nats` needs the logins that ingest answers: the whole-stack test has it.
for (const door of ["ws", "http", "mqtt"] as const) {
  test(`door ${door}: every batch gets through a restart of the gateway, under its number, and a revoked token ends the tries`, async () => {
    const device = await fixture.pair();
    const client = await openDevice({ url: gateway.url, token: device.token, door });
    for (let seq = 0; seq < 10; seq++) await client.send([reading(90 + seq)]);
    expect(await client.drained(10_000)).toBe(true);
    await gateway.stop();
    for (let seq = 10; seq < 20; seq++) await client.send([reading(80 + seq)]);
    gateway = await fixture.start({ PORT: port });
    expect(await client.drained(20_000)).toBe(true);
    const frames = new Map((await framesOf(device.entry.deviceId)).map((frame) => [frame.seq, frame]));
    expect([...frames.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, seq) => seq));
    await fixture.revoke(device);
    // Over HTTP a device learns it with its next batch.
    await waitFor(
      async () => {
        await client.send([reading()]);
        return client.state() === "rejected";
      },
      { timeoutMs: 10_000, what: "the end of the tries" },
    );
    expect(client.waiting()).toBeGreaterThan(0);
    await client.close();
  }, 60_000);
}

test("what a door refuses is told where it can be: by index over HTTP, not at all over MQTT", async () => {
  for (const [door, items] of [
    ["http", [{ index: 1, code: "unknown-unit" }]],
    ["mqtt", []],
  ] as const) {
    const device = await fixture.pair();
    const settled: unknown[] = [];
    const client = await openDevice({
      url: gateway.url,
      token: device.token,
      door,
      onSettled: (_, settlement) => settled.push(settlement),
    });
    await client.send([reading(), { ...reading(), unit: "kg" }]);
    expect(await client.drained(10_000)).toBe(true);
    expect(settled).toEqual([{ kind: "acked", refusedItems: [...items] }]);
    await client.close();
  }
});
