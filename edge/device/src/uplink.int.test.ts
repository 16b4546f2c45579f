import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Batch, ServerFrame } from "@episante/contracts/reading";
import { newTraceparent, parseTraceparent } from "@episante/contracts/traceparent";
import type { ServerWebSocket } from "bun";
import { openDevice } from "./client.ts";
import { runReplay } from "./replay.ts";
import { runSimulation } from "./simulate.ts";

const root = mkdtempSync(join(tmpdir(), "episante-uplink-"));
const servers: { stop(force?: boolean): unknown }[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop(true);
  rmSync(root, { recursive: true, force: true });
});

interface Heard {
  readonly batch: Batch;
  readonly atMs: number;
}

/** A server that speaks the device protocol; `answer` decides what each batch hears. */
function fakeServer({
  credit = 8,
  answer,
}: {
  credit?: number;
  answer?: (batch: Batch, socket: ServerWebSocket<undefined>) => ServerFrame[];
} = {}) {
  const heard: Heard[] = [];
  let open = 0;
  let mostOpen = 0;
  const say = (socket: ServerWebSocket<undefined>, frame: ServerFrame) => socket.send(JSON.stringify(frame));
  const server = Bun.serve({
    port: 0,
    fetch(request, self) {
      if (request.headers.get("authorization") !== "Bearer good") return new Response(null, { status: 401 });
      if (new URL(request.url).pathname !== "/api/devices/stream") return new Response(null, { status: 404 });
      return self.upgrade(request, { data: undefined }) ? undefined : new Response(null, { status: 400 });
    },
    websocket: {
      open: (socket) => void say(socket, { credit }),
      message(socket, text) {
        const batch = JSON.parse(String(text)) as Batch;
        heard.push({ batch, atMs: performance.now() });
        open += 1;
        mostOpen = Math.max(mostOpen, open);
        setTimeout(() => {
          open -= 1;
          for (const frame of answer?.(batch, socket) ?? [{ boot: batch.boot, ack: batch.seq }]) say(socket, frame);
        }, 2);
      },
    },
  });
  servers.push(server);
  return { url: server.url.origin, heard, mostOpen: () => mostOpen };
}

const someReading = { code: "8867-4", value: 60, unit: "/min", at: "2026-01-01T00:00:00Z" };
function recording(rows: number): string {
  const path = join(root, `${rows}.csv`);
  writeFileSync(
    path,
    `Time [s], HR, SpO2\n${Array.from({ length: rows }, (_, second) => `${second},80,${second === 3 ? "NaN" : 97}`).join("\n")}\n`,
  );
  return path;
}

test("batches go out in order, within the credit, and leave the outbox when they are acknowledged", async () => {
  const server = fakeServer({ credit: 3 });
  const device = await openDevice({ url: server.url, token: "good" });
  for (let index = 0; index < 30; index++) await device.send([someReading]);
  expect(await device.drained(5_000)).toBe(true);
  expect(server.heard.map(({ batch }) => batch.seq)).toEqual(Array.from({ length: 30 }, (_, seq) => seq));
  expect(server.mostOpen()).toBeLessThanOrEqual(3);
  await device.close();
});

test("a refusal that passes is tried again under the same number; one that stays is told and not repeated", async () => {
  const problem = (code: "back-pressure" | "empty-batch") => ({ type: "", title: "", status: 400, code, traceId: "" });
  let pressed = true;
  const server = fakeServer({
    answer(batch) {
      if (batch.seq === 1) return [{ boot: batch.boot, nack: 1, problem: problem("empty-batch") }];
      if (batch.seq === 0 && pressed) {
        pressed = false;
        return [{ boot: batch.boot, nack: 0, problem: problem("back-pressure") }];
      }
      return [
        { boot: batch.boot, refused: batch.seq, items: [{ index: 0, code: "unknown-code" }] },
        { boot: batch.boot, ack: batch.seq },
      ];
    },
  });
  const told: unknown[] = [];
  const device = await openDevice({ url: server.url, token: "good", onSettled: ({ seq }, settlement) => told.push([seq, settlement]) });
  for (let index = 0; index < 3; index++) await device.send([someReading]);
  expect(await device.drained(5_000)).toBe(true);
  expect(server.heard.map(({ batch }) => batch.seq)).toEqual([0, 1, 2, 0]);
  const kept = { kind: "acked", refusedItems: [{ index: 0, code: "unknown-code" }] };
  expect(told).toEqual([
    [1, { kind: "refused", code: "empty-batch" }],
    [2, kept],
    [0, kept],
  ]);
  await device.close();
});

test("a lost connection comes back and unacknowledged batches are sent again", async () => {
  let cuts = 2;
  const server = fakeServer({
    answer(batch, socket) {
      if (batch.seq === 5 && cuts-- > 0) {
        socket.terminate();
        return [];
      }
      return [{ boot: batch.boot, ack: batch.seq }];
    },
  });
  const device = await openDevice({ url: server.url, token: "good" });
  for (let index = 0; index < 12; index++) await device.send([someReading]);
  expect(await device.drained(10_000)).toBe(true);
  expect(new Set(server.heard.map(({ batch }) => batch.seq)).size).toBe(12);
  await device.close();
});

test("a batch carries the trace context the device gives it, and none otherwise", async () => {
  const server = fakeServer();
  const device = await openDevice({
    url: server.url,
    token: "good",
    traceparentOf: ({ seq }) => (seq === 1 ? newTraceparent() : undefined),
  });
  for (let index = 0; index < 2; index++) await device.send([someReading]);
  expect(await device.drained(5_000)).toBe(true);
  expect(server.heard.map(({ batch }) => parseTraceparent(batch.traceparent) !== null)).toEqual([false, true]);
  expect(server.heard[0]?.batch).not.toHaveProperty("traceparent");
  await device.close();
});

test("a refused token ends the uplink instead of knocking for ever", async () => {
  const server = fakeServer();
  const device = await openDevice({ url: server.url, token: "bad" });
  await device.send([someReading]);
  expect(await device.drained(5_000)).toBe(false);
  expect(device.state()).toBe("rejected");
  await device.close();
  await expect(runReplay({ file: recording(5), token: "bad", url: server.url, speed: "max" })).rejects.toThrow("token");
});

test("a replay sends every reading once, dated from its start, with the recorded time as send time", async () => {
  const server = fakeServer();
  const start = "2026-01-01T00:00:00.000Z";
  const result = await runReplay({ file: recording(60), token: "good", url: server.url, speed: "max", start });
  expect(result).toEqual({ sent: 119, acked: 119, refused: 0, batches: 30 });
  const readings = server.heard.flatMap(({ batch }) => batch.readings);
  expect(readings).toHaveLength(119);
  expect(readings.at(-1)?.at).toBe("2026-01-01T00:00:59.000Z");
  for (const { batch } of server.heard) expect(batch.sentAt).toBe(batch.readings.at(-1)?.at ?? "");
});

test("at 20 times the speed event time runs 20 times as fast as real time", async () => {
  const server = fakeServer();
  const result = await runReplay({ file: recording(21), token: "good", url: server.url, speed: 20 });
  expect(result).toMatchObject({ sent: 41, acked: 41, batches: 21 });
  const first = server.heard[0]?.atMs ?? 0;
  for (const [second, { atMs }] of server.heard.entries()) expect(atMs - first).toBeGreaterThan(second * 50 - 45);
});

test("a simulation streams every device until it is stopped", async () => {
  const server = fakeServer();
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 900);
  const devices = [1, 2].map((seed) => ({ token: "good", profile: "stable" as const, seed }));
  const result = await runSimulation({ url: server.url, devices, rateHz: 10, signal: abort.signal });
  expect(result.acked).toBe(result.sent);
  expect(result.sent).toBeGreaterThan(2 * 4 * 3);
  expect(result.dropped).toBe(0);
});
