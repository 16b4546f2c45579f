import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DeviceClient, openDevice } from "@episante/device/client";
import { episante, eventually, freePort, type Instance, type Status, startInstance, statusOf } from "./instance.ts";

/** Every process the product consists of. */
const processNames = [
  "alert",
  "appointment",
  "audit",
  "auth",
  "doctor",
  "gateway",
  "ingest",
  "nats",
  "notification",
  "patient",
  "pipeline",
  "postgres",
];

let instance: Instance;
beforeAll(async () => {
  instance = await startInstance();
}, 180_000);
afterAll(async () => {
  await instance?.stop();
}, 60_000);

test("everything is up, and status tells it", async () => {
  const status = await instance.status();
  expect(status.ready).toBe(true);
  expect(status.url).toBe(instance.url);
  expect(status.processes.map(({ name }) => name).sort()).toEqual(processNames);
  expect(status.processes.every(({ ready, pid, rssMiB }) => ready && pid > 1 && rssMiB > 0)).toBe(true);
  expect((await episante("status", "--data", instance.dir)).status).toBe(0);
});

test("the demo clinic holds what its file promises", () => {
  const { demo } = instance;
  const count = (role: string) => demo.accounts.filter((account) => account.role === role).length;
  expect([count("doctor"), demo.doctors.length]).toEqual([12, 12]);
  expect(count("patient")).toBeGreaterThanOrEqual(3);
  expect([count("admin"), count("staff") >= 1]).toEqual([1, true]);
  expect(demo.accounts.every(({ password }) => password.length >= 15)).toBe(true);
  expect(new Set(demo.accounts.map(({ password }) => password)).size).toBe(demo.accounts.length);
  expect(demo.devices.slice(0, 2).map(({ kind }) => kind)).toEqual(["replay", "replay"]);
  const patients = demo.accounts.flatMap(({ patientId }) => patientId ?? []);
  expect(demo.devices.slice(0, 2).map(({ patientId }) => patientId)).toEqual(patients.slice(0, 2));
  expect(demo.doctors[0]?.reasons.map(({ minutes }) => minutes)).toContain(20);
});

test("secrets, state and logins are readable by their owner only", () => {
  const mode = (path: string) => statSync(join(instance.dir, path)).mode & 0o777;
  expect(mode("secrets")).toBe(0o700);
  for (const file of ["demo.json", "run.json", ...readdirSync(join(instance.dir, "secrets")).map((name) => `secrets/${name}`)]) {
    expect([file, mode(file).toString(8)]).toEqual([file, "600"]);
  }
});

test("no secret shows in the environment or the command line of a process, nor in a log", async () => {
  const dir = join(instance.dir, "secrets");
  const secrets = readdirSync(dir)
    .filter((name) => name.endsWith(".password") || name.endsWith(".seed"))
    .map((name) => readFileSync(join(dir, name), "utf8").trim())
    .concat(
      instance.demo.accounts.map(({ password }) => password),
      instance.demo.devices.map(({ token }) => token),
    );
  const { processes } = await instance.status();
  const places = processes.flatMap(({ pid }) => [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`]).filter((path) => existsSync(path));
  const logs = readdirSync(join(instance.dir, "logs")).map((name) => join(instance.dir, "logs", name));
  for (const place of [...places, ...logs]) {
    const text = readFileSync(place, "utf8");
    expect([place, secrets.some((secret) => text.includes(secret))]).toEqual([place, false]);
  }
});

test("a second start on the same folder, and on a port in use, is refused with what to do", async () => {
  const again = await episante("up", "--data", instance.dir, "--port", String(await freePort()), "--detach");
  expect([again.status, /already runs/.test(again.err)]).toEqual([1, true]);
  const other = mkdtempSync(join(tmpdir(), "epi-e2e-"));
  const taken = await episante("up", "--data", other, "--port", String(instance.port), "--detach");
  expect(taken.status).toBe(1);
  expect(taken.out + taken.err).toContain(`Port ${instance.port} is in use`);
  expect((await instance.status()).ready).toBe(true);
  rmSync(other, { recursive: true, force: true });
}, 30_000);

test("a demo folder is not taken for a real installation", async () => {
  await instance.stop({ keep: true });
  const refused = await episante("up", "--data", instance.dir, "--port", String(instance.port), "--no-demo-data", "--detach");
  expect([refused.status, /holds a demo clinic/.test(refused.out + refused.err)]).toEqual([1, true]);
  const before = instance.demo;
  instance = await startInstance([], instance);
  expect(instance.demo).toEqual(before);
}, 120_000);

/** Sends a reading every quarter second until told to stop. */
function stream(device: DeviceClient) {
  let sent = 0;
  const timer = setInterval(() => {
    sent++;
    void device.send([{ code: "8867-4", value: 60 + (sent % 40), unit: "/min", at: new Date(Date.now()).toISOString() }]);
  }, 250);
  return { stop: () => clearInterval(timer), sent: () => sent };
}

const pidOf = (status: Status, name: string) => status.processes.find((entry) => entry.name === name)?.pid ?? 0;

test("every process killed with -9 under a light load is back, and no acknowledged reading is lost or doubled", async () => {
  const device = instance.demo.devices.find(({ kind }) => kind === "wearable");
  if (!device) throw new Error("the demo clinic has no wearable");
  let acked = 0;
  const client = await openDevice({
    url: instance.url,
    token: device.token,
    onSettled(batch, settlement) {
      if (settlement.kind === "acked") acked += batch.readings.length - settlement.refusedItems.length;
    },
  });
  const from = new Date(Date.now() - 1_000).toISOString();
  const load = stream(client);
  const took: Record<string, number> = {};
  for (const name of processNames) {
    const pid = pidOf(await instance.status(), name);
    process.kill(pid, "SIGKILL");
    took[name] = await eventually(
      async () => {
        const status = await instance.status();
        const entry = status.processes.find((one) => one.name === name);
        return entry !== undefined && entry.pid !== pid && entry.ready;
      },
      10_000,
      `${name} back after kill -9`,
    );
    await eventually(async () => (await instance.status()).ready, 15_000, `all ready after kill -9 of ${name}`);
  }
  load.stop();
  expect(await client.drained(20_000)).toBe(true);
  await client.close();
  expect(acked).toBe(load.sent());
  const count = await countReadings(device.patientId, from);
  const caughtUp = await eventually(async () => (await count()) >= acked, 60_000, "every acknowledged reading stored");
  await Bun.sleep(2_000);
  expect(await count()).toBe(acked);
  const rounded = Object.fromEntries(Object.entries(took).map(([name, ms]) => [name, Math.round(ms)]));
  process.stdout.write(`back after ms: ${JSON.stringify(rounded)}; store caught up ${Math.round(caughtUp)} ms after the end\n`);
}, 300_000);

/** Signs the patient in. @returns counts the raw heart rate readings stored since an instant */
async function countReadings(patientId: string, from: string): Promise<() => Promise<number>> {
  const patient = instance.demo.accounts.find((account) => account.patientId === patientId);
  const login = await fetch(`${instance.url}/api/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: patient?.email, password: patient?.password }),
  });
  expect(login.status).toBe(200);
  const cookie = (login.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  return async () => {
    const to = new Date(Date.now() + 60_000).toISOString();
    const query = new URLSearchParams({ patientId, code: "8867-4", from, to, resolution: "raw" });
    const answer = await fetch(`${instance.url}/api/readings?${query}`, { headers: { cookie } });
    if (!answer.ok) throw new Error(`readings answered ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as { items: unknown[] }).items.length;
  };
}

test("two instances do not touch each other", async () => {
  const before = await instance.status();
  const second = await startInstance();
  try {
    const both = [...before.processes, ...(await second.status()).processes];
    expect(new Set(both.map(({ pid }) => pid)).size).toBe(both.length);
    expect(new Set(both.map(({ port }) => port)).size).toBe(both.length);
    expect(second.demo.clinicId).not.toBe(instance.demo.clinicId);
  } finally {
    await second.stop();
  }
  const after = await instance.status();
  expect(after.ready).toBe(true);
  expect(after.processes.map(({ pid }) => pid)).toEqual(before.processes.map(({ pid }) => pid));
}, 240_000);

const runs = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test("a supervisor killed with -9 leaves no orphan and no stale lock, and the next start works on the same data", async () => {
  const { processes } = await instance.status();
  const { supervisor } = JSON.parse(readFileSync(join(instance.dir, "run.json"), "utf8")) as { supervisor: { pid: number } };
  process.kill(supervisor.pid, "SIGKILL");
  expect((await statusOf(instance.dir)).ready).toBe(false);
  await eventually(() => !processes.some(({ pid }) => runs(pid)), 20_000, "all processes ended");
  const before = instance.demo;
  instance = await startInstance([], instance);
  expect((await instance.status()).ready).toBe(true);
  expect(instance.demo).toEqual(before);
}, 120_000);

test("a start right after the supervisor's death clears what is left first", async () => {
  const { processes } = await instance.status();
  const { supervisor } = JSON.parse(readFileSync(join(instance.dir, "run.json"), "utf8")) as { supervisor: { pid: number } };
  process.kill(supervisor.pid, "SIGKILL");
  instance = await startInstance([], instance);
  expect((await instance.status()).ready).toBe(true);
  expect(processes.filter(({ pid }) => runs(pid))).toEqual([]);
}, 120_000);

test("down stops everything; a second one has nothing to do", async () => {
  const { processes } = await instance.status();
  expect((await episante("down", "--data", instance.dir)).status).toBe(0);
  expect(processes.filter(({ pid }) => runs(pid))).toEqual([]);
  const again = await episante("down", "--data", instance.dir);
  expect([again.status, again.out.trim()]).toEqual([0, "Nothing is running."]);
}, 60_000);
