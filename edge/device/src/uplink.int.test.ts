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

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error("not within 10 s");
    await Bun.sleep(10);
  }
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

test("after an outage what is measured now goes first, and the backlog never has more than a quarter of the credit", async () => {
  const held: (() => void)[] = [];
  let isHolding = false;
  const server = fakeServer({
    credit: 8,
    answer(batch, socket) {
      const ack = { boot: batch.boot, ack: batch.seq };
      if (!isHolding) return [ack];
      held.push(() => socket.send(JSON.stringify(ack)));
      return [];
    },
  });
  const folder = join(root, "outage");
  const away = await openDevice({ url: "http://127.0.0.1:1", token: "good", folder });
  for (let index = 0; index < 40; index++) await away.send([someReading]);
  await away.close();
  isHolding = true;
  const device = await openDevice({ url: server.url, token: "good", folder });
  await until(() => server.heard.length >= 2);
  for (let index = 0; index < 5; index++) await device.send([someReading]);
  await until(() => server.heard.length >= 7);
  await Bun.sleep(50);
  const earlier = server.heard[0]?.batch.boot;
  const now = server.heard.filter(({ batch }) => batch.boot !== earlier).map(({ batch }) => batch.seq);
  expect([server.heard.length, now]).toEqual([7, [0, 1, 2, 3, 4]]);
  isHolding = false;
  for (const answer of held) answer();
  expect(await device.drained(5_000)).toBe(true);
  const backlog = server.heard.filter(({ batch }) => batch.boot === earlier).map(({ batch }) => batch.seq);
  expect(backlog).toEqual(Array.from({ length: 40 }, (_, seq) => seq));
  await device.close();
});

test("a full outbox turns new readings away, keeps what it promised, and counts the gap, also over a restart", async () => {
  const folder = join(root, "full");
  const told: number[] = [];
  const options = { url: "http://127.0.0.1:1", token: "good", folder, maxOutboxBytes: 1_000 };
  const device = await openDevice({ ...options, onGap: ({ readings }) => told.push(readings) });
  const at = (second: number) => [{ ...someReading, at: new Date(second * 1000).toISOString() }];
  let kept = 0;
  while (await device.send(at(kept))) kept++;
  for (let second = kept + 1; second <= kept + 2; second++) expect(await device.send(at(second))).toBe(false);
  const gap = { from: at(kept)[0]?.at ?? "", to: at(kept + 2)[0]?.at ?? "", batches: 3, readings: 3 };
  expect([device.waiting(), told, device.gaps()]).toEqual([kept, [1, 2, 3], [gap]]);
  await device.close();
  const server = fakeServer();
  const again = await openDevice({ ...options, url: server.url });
  expect(again.gaps()).toEqual([gap]);
  expect(await again.drained(5_000)).toBe(true);
  await until(async () => again.send(at(1_000)));
  expect(server.heard.filter(({ batch }) => batch.boot === server.heard[0]?.batch.boot)).toHaveLength(kept);
  expect(again.gaps()).toHaveLength(1);
  await again.close();
});

test("killed with -9 in the middle: what was promised arrives, once each, after the next start", async () => {
  const folder = join(root, "killed");
  const program = `
    import { openDevice } from ${JSON.stringify(join(import.meta.dir, "client.ts"))};
    const device = await openDevice({ url: "http://127.0.0.1:1", token: "good", folder: ${JSON.stringify(folder)} });
    for (let second = 0; ; second++) {
      await device.send([{ code: "8867-4", value: 60, unit: "/min", at: new Date(second * 1000).toISOString() }]);
      process.stdout.write(second + "\\n");
    }`;
  const script = join(root, "killed.ts");
  writeFileSync(script, program);
  const child = Bun.spawn([process.execPath, script], { stdout: "pipe", stderr: "ignore" });
  let promised = -1;
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    promised = Number(text.trimEnd().split("\n").at(-1));
    if (promised >= 100) child.kill("SIGKILL");
  }
  const server = fakeServer();
  const device = await openDevice({ url: server.url, token: "good", folder });
  expect(await device.drained(10_000)).toBe(true);
  const seconds = server.heard.map(({ batch }) => Date.parse(batch.readings[0]?.at ?? "") / 1000);
  expect(seconds.length).toBeGreaterThan(promised);
  expect(seconds).toEqual(Array.from({ length: seconds.length }, (_, second) => second));
  await device.close();
}, 30_000);

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
