import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { listAlerts } from "@episante/contracts/alert";
import { createPairing } from "@episante/contracts/device";
import { listReadings } from "@episante/contracts/reading";
import { type DeviceClient, openDevice } from "@episante/device/client";
import { natsProgram } from "@episante/testkit/servers";
import type { Socket } from "bun";
import { type Caller, until } from "./calls.ts";
import { setClock } from "./clinic.ts";
import { eventually, freePort, type Instance, startInstance } from "./instance.ts";
import { accountOf, patientIdOf, signIn } from "./people.ts";

const script = resolve(fileURLToPath(new URL("../../nats/clinic-box/clinic-box.sh", import.meta.url)));
let instance: Instance;
let doctor: Caller;
let link: CuttableLink;
let dir: string;
let boxPort: number;
let box: Bun.Subprocess<"ignore", "pipe", "ignore"> | undefined;

beforeAll(async () => {
  instance = await startInstance(["--test-clock"]);
  doctor = await signIn(instance, accountOf(instance, "doctor"));
  link = openLink(await freePort(), instance.port);
  boxPort = await freePort();
  dir = join(instance.dir, "clinic-box");
  mkdirSync(dir);
  writeFileSync(join(dir, "box.json"), JSON.stringify({ url: `http://127.0.0.1:${link.port}`, listen: `127.0.0.1:${boxPort}` }));
}, 180_000);
afterAll(async () => {
  await killBox();
  link?.cut();
  await instance?.stop();
}, 60_000);

interface CuttableLink {
  readonly port: number;
  /** Ends every connection and takes no new one. */
  cut(): void;
  restore(): void;
}

/** A TCP proxy to the instance: the line between the site and the clinic's server. */
function openLink(port: number, to: number): CuttableLink {
  const ends = new Set<Socket<{ other?: Socket }>>();
  let isCut = false;
  const listen = () =>
    Bun.listen<{ other?: Socket }>({
      hostname: "127.0.0.1",
      port,
      socket: {
        async open(near) {
          ends.add(near);
          near.data = {};
          near.pause();
          const far = await Bun.connect({
            hostname: "127.0.0.1",
            port: to,
            socket: {
              data: (_, bytes) => void near.write(bytes),
              close: () => void near.end(),
            },
          });
          if (isCut) return void far.terminate();
          near.data = { other: far };
          near.resume();
        },
        data: (near, bytes) => void near.data.other?.write(bytes),
        close(near) {
          ends.delete(near);
          near.data.other?.end();
        },
      },
    });
  let server = listen();
  return {
    port,
    cut() {
      isCut = true;
      server.stop(true);
      for (const near of ends) {
        near.data.other?.terminate();
        near.terminate();
      }
    },
    restore() {
      isCut = false;
      server = listen();
    },
  };
}

async function startBox(): Promise<void> {
  // A process group of its own, as systemd gives it: killed together with its broker.
  box = Bun.spawn(["setsid", script, "run", dir], {
    env: { ...process.env, BUN: process.execPath, NATS_SERVER: natsProgram() },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
  });
  const { value } = await box.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toStartWith("collecting from 2 devices");
}

async function killBox(): Promise<void> {
  if (!box) return;
  try {
    process.kill(-box.pid, "SIGKILL");
  } catch {}
  await box.exited;
  box = undefined;
}

async function pairAtBox(serial: string): Promise<{ user: string; password: string }> {
  const { code } = await doctor.call(createPairing, { body: { patientId: patientIdOf(instance) } });
  const ran = Bun.spawn([script, "pair", dir, code, "Ring", serial], {
    env: { ...process.env, BUN: process.execPath },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(ran.stdout).text(), new Response(ran.stderr).text()]);
  expect([await ran.exited, err]).toEqual([0, ""]);
  return JSON.parse(out.slice(0, out.indexOf("}") + 1));
}

test("while the line is cut the box goes on collecting, even over its own kill -9; afterwards every reading is there once, the episode marked late", async () => {
  const spo2 = await pairAtBox("spo2");
  const pulse = await pairAtBox("pulse");
  await startBox();
  // The devices know the box only.
  const at = (token: string) =>
    openDevice({
      url: "http://127.0.0.1:1",
      token,
      door: "nats",
      nats: `nats://127.0.0.1:${boxPort}`,
      folder: join(dir, token.slice(0, 12)),
    });
  const devices: DeviceClient[] = [await at(spo2.password), await at(pulse.password)];
  const startMs = Date.now();
  const sent = { "59408-5": new Map<string, number>(), "8889-8": new Map<string, number>() };
  async function measure(second: number, value: number): Promise<void> {
    const instant = new Date(startMs + second * 1000).toISOString();
    sent["59408-5"].set(instant, value);
    sent["8889-8"].set(instant, 70);
    await devices[0]?.send([{ code: "59408-5", value, unit: "%", at: instant }]);
    await devices[1]?.send([{ code: "8889-8", value: 70, unit: "/min", at: instant }]);
  }
  const query = { from: new Date(startMs).toISOString(), to: new Date(startMs + 600_000).toISOString(), patientId: patientIdOf(instance) };
  const stored = async (code: string) =>
    ((await doctor.call(listReadings, { query: { ...query, code, resolution: "raw" } })).items as { at: string; value: number }[]).map(
      ({ at: instant, value }) => [instant, value] as const,
    );

  for (let second = 0; second < 20; second++) await measure(second, 97);
  await until(
    () => stored("59408-5"),
    (items) => items.length === 20,
    "readings through the box",
  );

  link.cut();
  for (let second = 20; second < 80; second++) await measure(second, 96);
  await eventually(() => devices.every((device) => device.waiting() === 0), 30_000, "acknowledgements of the box alone");
  await killBox();
  for (let second = 80; second < 130; second++) await measure(second, 84);
  expect(devices.every((device) => device.waiting() > 0)).toBe(true);
  await startBox();
  for (let second = 130; second < 150; second++) await measure(second, 97);
  await eventually(() => devices.every((device) => device.waiting() === 0), 30_000, "what the box missed while it was down");
  expect(await stored("59408-5")).toHaveLength(20);

  await setClock(instance, { advanceSeconds: 20 * 60 });
  link.restore();
  for (const code of ["59408-5", "8889-8"] as const) {
    const items = await until(
      () => stored(code),
      (found) => found.length >= 150,
      `the backlog of ${code}`,
      60_000,
    );
    expect(items).toEqual([...sent[code]]);
  }
  const { items: alerts } = await until(
    () => doctor.call(listAlerts, { query: { patientId: query.patientId } }),
    ({ items }) => items.some(({ class: of }) => of === "clinical"),
    "the episode",
  );
  const clinical = alerts.filter(({ class: of }) => of === "clinical");
  expect(clinical.map(({ late, onsetAt }) => [late, onsetAt])).toEqual([[true, new Date(startMs + 80_000).toISOString()]]);
  await Promise.all(devices.map((device) => device.close()));
}, 180_000);
