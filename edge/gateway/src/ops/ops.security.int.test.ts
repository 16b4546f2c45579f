import { afterAll, beforeAll, expect, test } from "bun:test";
import { getOps, type Ops, opsSchema, type ServiceStatus } from "@episante/contracts/ops";
import type { UserActor } from "@episante/contracts/session";
import { adminActor, doctorActor, patientActor, staffActor } from "@episante/testkit/actors";
import { temporaryFolder } from "@episante/testkit/servers";
import { type Fixture, makeFixture } from "../../test/fixture.ts";
import type { Gateway } from "../gateway.ts";

const status: ServiceStatus = {
  version: "9.9.9",
  startedAt: "2026-01-15T08:00:00.000Z",
  reasons: [],
  memoryBytes: 1_000,
  outbox: { pending: 0, oldestSeconds: 0 },
  readers: [{ reader: "rules", partition: 0, lag: 0, quietSeconds: 0.4 }],
  mirrors: [{ owner: "patient", fresh: true, heardSecondsAgo: 0.4 }],
  database: { version: "17.6", startedAt: "2026-01-15T08:00:00.000Z", bytes: 5 },
};
let asked = 0;
/** Stands for every service: the path's first part says how it behaves. */
const services = Bun.serve({
  port: 0,
  async fetch(request) {
    if (new URL(request.url).pathname !== "/statusz") return new Response(null, { status: 404 });
    asked += 1;
    const host = request.headers.get("host") ?? "";
    if (host.startsWith("silent.")) await Bun.sleep(5_000);
    if (host.startsWith("garbled.")) return new Response("<html>");
    if (host.startsWith("unready."))
      return Response.json({ ...status, reasons: ["database", "object store not reachable at 10.0.0.7:9000"], database: null });
    return Response.json({ ...status, password: "hunter2", databaseUrl: "postgres://secret@10.0.0.7" });
  },
});
const serviceAt = (host: string) => `http://${host}:${services.port}`;

/** A little longer than an answer is kept. */
const keptMs = 1_600;
let fixture: Fixture;
let gateway: Gateway;
let folder = "";
beforeAll(async () => {
  fixture = await makeFixture();
  folder = temporaryFolder("ops");
  gateway = await fixture.start({
    UPSTREAM_ALERT: serviceAt("127.0.0.1"),
    UPSTREAM_AUDIT: serviceAt("unready.localhost"),
    UPSTREAM_AUTH: serviceAt("garbled.localhost"),
    UPSTREAM_DOCTOR: serviceAt("silent.localhost"),
    UPSTREAM_PATIENT: "http://127.0.0.1:1",
    DATA_DIR: folder,
    DISKS: `data=${folder},gone=${folder}/nothing`,
    TLS_PROBE: "127.0.0.1:1",
    TLS_PROBE_NAME: "clinic.example",
    GRAFANA_URL: "https://clinic.example/grafana",
  });
  // The gateway gathers once at its start, for its metrics: that answer must be out of the way before questions are counted.
  await read();
  await Bun.sleep(keptMs);
});
afterAll(async () => {
  await fixture.close();
  await services.stop(true);
});

const ask = (headers: Record<string, string> = {}) => fetch(`${gateway.url}${getOps.path}`, { headers });
const refusalOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
async function read(at = gateway): Promise<Ops> {
  const { cookie } = await fixture.signIn(adminActor());
  const answer = await fetch(`${at.url}${getOps.path}`, { headers: { cookie } });
  expect(answer.status).toBe(200);
  return opsSchema.strict().parse(await answer.json());
}

test("nobody but an administrator is told anything, and nothing is asked for the others", async () => {
  asked = 0;
  const roles: [string, UserActor][] = [
    ["patient", patientActor()],
    ["doctor", doctorActor()],
    ["staff", staffActor()],
  ];
  for (const [role, actor] of roles) {
    const { cookie } = await fixture.signIn(actor);
    expect([role, ...(await refusalOf(await ask({ cookie })))]).toEqual([role, 403, "forbidden"]);
  }
  const device = await fixture.pair();
  expect(await refusalOf(await ask())).toEqual([401, "not-signed-in"]);
  expect(await refusalOf(await ask({ authorization: `Bearer ${device.token}` }))).toEqual([401, "not-signed-in"]);
  const ended = await fixture.signIn(adminActor(), { expiresAtMs: Date.now() - 1 });
  expect(await refusalOf(await ask({ cookie: ended.cookie }))).toEqual([401, "not-signed-in"]);
  const { cookie } = await fixture.signIn(adminActor());
  expect(await refusalOf(await ask({ cookie, origin: "https://evil.example" }))).toEqual([403, "foreign-origin"]);
  expect((await fetch(`${gateway.url}${getOps.path}`, { method: "POST", headers: { cookie } })).status).toBe(404);
  expect((await fetch(`${gateway.url}/statusz`)).status).toBe(404);
  expect(asked).toBe(0);
});

test("one part down, silent, garbled or not ready is said of that part; the rest is told", async () => {
  const { processes, databases, readers, mirrors, attention, broker } = await read();
  expect(Object.fromEntries(processes.map(({ name, state }) => [name, state]))).toEqual({
    gateway: "ready",
    alert: "ready",
    audit: "not-ready",
    auth: "down",
    doctor: "down",
    patient: "down",
  });
  expect(processes.find(({ name }) => name === "audit")?.reasons).toEqual(["database", "store-unreachable"]);
  expect(databases.map(({ service, state }) => `${service} ${state}`)).toEqual([
    "alert up",
    "audit down",
    "auth unknown",
    "doctor unknown",
    "patient unknown",
  ]);
  expect(readers).toContainEqual({ service: "alert", reader: "rules", partition: 0, lag: 0, state: "current", quietSeconds: 0.4 });
  expect(mirrors.filter(({ service }) => service === "gateway").map(({ owner, fresh }) => `${owner} ${fresh}`)).toEqual([
    "auth true",
    "ingest true",
  ]);
  expect(broker).toMatchObject({ up: true, isDurable: true });
  expect(broker.streams.map(({ name }) => name)).toEqual(["ALERTS", "AUDIT", "DLQ", "EVENTS", "READINGS"]);
  const told = attention.map(({ code, name }) => (name ? `${code} ${name}` : code));
  for (const one of ["process-down patient", "process-down doctor", "process-not-ready audit", "database-down audit", "disk-unknown gone"])
    expect(told).toContain(one);
  expect(told).toContain("certificate-unreachable");
});

test("the answer holds no address, path, setting or unlisted field", async () => {
  const { cookie } = await fixture.signIn(adminActor());
  const text = await (await ask({ cookie })).text();
  for (const secret of ["127.0.0.1", "localhost", String(services.port), folder, "hunter2", "secret", "10.0.0.7", "NATS_"])
    expect(text).not.toContain(secret);
  expect(text).toContain("https://clinic.example/grafana");
});

test("many questions at once are one question to each part", async () => {
  await Bun.sleep(keptMs);
  asked = 0;
  const { cookie } = await fixture.signIn(adminActor());
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask({ cookie })));
  expect(answers.map(({ status: code }) => code)).toEqual(answers.map(() => 200));
  expect(asked).toBe(4);
});

test("the page's own questions do not keep a session open", async () => {
  const { cookie } = await fixture.signIn(adminActor(), { idleSeconds: 2 });
  const until = Date.now() + 6_000;
  let answer = await ask({ cookie });
  expect(answer.status).toBe(200);
  while (answer.status === 200 && Date.now() < until) {
    await Bun.sleep(400);
    answer = await ask({ cookie });
  }
  expect(await refusalOf(answer)).toEqual([401, "not-signed-in"]);
}, 15_000);

test("without a broker the administrator still learns the rest while the session is known", async () => {
  const lonely = await fixture.start({ NATS_MONITOR_URL: "http://127.0.0.1:1" });
  const { broker, processes, attention, certificate, disks } = await read(lonely);
  expect(broker).toEqual({ up: false, streams: [] });
  expect(attention[0]?.level).toBe("critical");
  expect(attention.map(({ code }) => code)).toContain("broker-down");
  expect(processes).toHaveLength(1);
  expect(certificate).toEqual({ state: "none" });
  expect(disks.map(({ name }) => name)).toEqual(["data"]);
});
