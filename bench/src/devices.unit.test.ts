import { afterAll, expect, test } from "bun:test";
import { startDevices } from "./devices.ts";

const credit = 64;
const seen = new Map<string, number[]>();
let slow = false;

/** A gateway that acknowledges at once, or reads nothing for a while. */
const gateway = Bun.serve<{ token: string }>({
  port: 0,
  fetch(request, server) {
    const token = request.headers.get("authorization")?.slice("Bearer ".length) ?? "";
    return server.upgrade(request, { data: { token } }) ? undefined : new Response(null, { status: 400 });
  },
  websocket: {
    maxPayloadLength: 1024 * 1024,
    open(socket) {
      socket.send(JSON.stringify({ credit }));
    },
    message(socket, message) {
      const { boot, seq, readings } = JSON.parse(String(message));
      expect(readings[0].unit).toBe("/min");
      const numbers = seen.get(socket.data.token) ?? [];
      seen.set(socket.data.token, numbers);
      numbers.push(seq);
      if (slow) Bun.sleepSync(2);
      socket.send(JSON.stringify({ boot, ack: seq }));
    },
  },
});
const devices = startDevices();
afterAll(async () => {
  await devices.close();
  await gateway.stop(true);
});

/** Every number once, in order, without a gap. */
function expectInOrder(token: string): number[] {
  const numbers = seen.get(token) ?? [];
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
  return numbers;
}

test("frames of an open loop come all, in order, over devices in turn", async () => {
  const load = await devices.open(gateway.url.href, ["one", "two", "three"], 1);
  const { perSecond, p50 } = await load.openLoop({ framesPerSecond: 2_000, forMs: 250, awake: true });
  expect(perSecond).toBeGreaterThan(0);
  expect(p50).toBeGreaterThanOrEqual(0);
  expect(["one", "two", "three"].map((token) => expectInOrder(token).length)).toEqual([167, 167, 166]);
  await load.openLoop({ framesPerSecond: 1_000, forMs: 90, awake: false });
  expect(["one", "two", "three"].map((token) => expectInOrder(token).length)).toEqual([197, 197, 196]);
});

test("large frames that a slow gateway leaves in the socket lose no byte", async () => {
  slow = true;
  const load = await devices.open(gateway.url.href, ["large"], 850);
  expect(await load.saturate(100)).toBeGreaterThan(0);
  slow = false;
  expect(expectInOrder("large").length).toBeGreaterThan(credit);
});
