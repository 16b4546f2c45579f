import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { makeVerifier } from "@episante/service/token";
import { doctorActor, patientActor } from "@episante/testkit/actors";
import { temporaryFolder } from "@episante/testkit/servers";
import { waitFor } from "@episante/testkit/wait-for";
import { type Fixture, makeFixture } from "../test/fixture.ts";
import type { Gateway } from "./gateway.ts";

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly bytes: number;
}

let fixture: Fixture;
let gateway: Gateway;
let seen: Seen[] = [];
let feedClosed = 0;
let loginStatus = 401;

/** The answer of a service that takes its time. */
const slow = Promise.withResolvers<Response>();

/** Stands for every service behind the gateway. */
const upstream = Bun.serve({
  port: 0,
  idleTimeout: 0,
  maxRequestBodySize: 64 * 1024 * 1024,
  async fetch(request) {
    const { pathname, search } = new URL(request.url);
    const bytes = (await request.arrayBuffer()).byteLength;
    // What the operations page and the metrics ask of every service is not what these tests are about.
    if (pathname === "/statusz") return Response.json({});
    seen.push({ method: request.method, path: pathname + search, headers: Object.fromEntries(request.headers), bytes });
    if (pathname === "/api/alerts/feed") return feed();
    const known = request.headers.get("if-none-match");
    if (known) return new Response(null, { status: known === '"same"' ? 304 : 204, headers: { etag: known } });
    if (pathname === "/api/auth/login") {
      return Response.json(
        {},
        {
          status: loginStatus,
          headers: [
            ["set-cookie", "a=1"],
            ["set-cookie", "b=2"],
          ],
        },
      );
    }
    if (pathname === "/api/auth/logout") return new Response(null, { status: 204, headers: { "set-cookie": "__Host-es_sid=; Max-Age=0" } });
    if (pathname === "/api/patients/me") return Response.json({ x: 1 }, { headers: { "set-cookie": "stolen=1", "x-more": "1" } });
    if (pathname === "/api/doctors") {
      return new Response(Bun.gzipSync(Buffer.from('{"items":[]}')), {
        headers: { "content-encoding": "gzip", "content-type": "application/json" },
      });
    }
    if (pathname === "/api/readings/latest") return await slow.promise;
    if (pathname === "/api/readings") return new Response("r".repeat(5 * 1024 * 1024));
    return Response.json({ bytes });
  },
});

function feed(): Response {
  let timer: ReturnType<typeof setInterval>;
  const body = new ReadableStream({
    start(controller) {
      timer = setInterval(() => controller.enqueue("event: heartbeat\ndata: {}\n\n"), 50);
    },
    cancel() {
      clearInterval(timer);
      feedClosed += 1;
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

beforeAll(async () => {
  fixture = await makeFixture();
  const ui = temporaryFolder("ui");
  mkdirSync(join(ui, "assets"));
  writeFileSync(join(ui, "index.html"), "<!doctype html><title>patient</title>");
  writeFileSync(join(ui, "console.html"), "<!doctype html><title>console</title>");
  writeFileSync(join(ui, "assets", "main-a1b2c3d4.js"), "console.log(1);".repeat(200));
  const services = ["PATIENT", "DOCTOR", "APPOINTMENT", "AUTH", "INGEST", "ALERT"].map((name) => [`UPSTREAM_${name}`, upstream.url.origin]);
  gateway = await fixture.start({ ...Object.fromEntries(services), UPSTREAM_AUDIT: "http://127.0.0.1:1", UI_DIR: ui, TEST_CLOCK: "on" });
});
afterAll(async () => {
  await fixture.close();
  await upstream.stop(true);
});

const call = (path: string, init: RequestInit = {}) => fetch(gateway.url + path, { redirect: "manual", ...init });
const code = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
const json = { "content-type": "application/json" };

/** Sends bytes as they are and returns the status line and the body. */
function raw(text: string): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => socket.write(text));
  let data = "";
  socket.on("data", (chunk) => {
    data += chunk;
  });
  socket.on("close", () => resolve({ status: Number(data.split(" ")[1]), body: data.split("\r\n\r\n").slice(1).join("\r\n\r\n") }));
  socket.on("error", reject);
  return promise;
}

test("a session becomes a short-lived token of that actor for that one service; the cookie and claimed identities stay outside", async () => {
  seen = [];
  const actor = patientActor();
  const { cookie, hash } = await fixture.signIn(actor);
  const answer = await call("/api/patients/me?x=1", {
    headers: {
      cookie,
      authorization: "Bearer forged",
      "x-user": "admin",
      "x-real-ip": "6.6.6.6",
      "accept-language": "fr",
      connection: "x-user",
    },
  });
  expect(answer.status).toBe(200);
  const [request] = seen;
  expect(request?.path).toBe("/api/patients/me?x=1");
  expect(Object.keys(request?.headers ?? {})).not.toContain("cookie");
  expect(Object.keys(request?.headers ?? {}).filter((name) => name.startsWith("x-"))).toEqual([]);
  expect(request?.headers["accept-language"]).toBe("fr");
  expect(request?.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  const token = request?.headers.authorization?.slice("Bearer ".length) ?? "";
  expect(await makeVerifier("patient", fixture.jwks).verify(token)).toEqual({ ...actor, sessionHash: hash });
  expect(await makeVerifier("doctor", fixture.jwks).verify(token)).toBeNull();
  expect(answer.headers.get("set-cookie")).toBeNull();
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
});

test("a given trace is continued", async () => {
  seen = [];
  const traceId = "a".repeat(32);
  await call("/api/doctors", { headers: { traceparent: `00-${traceId}-${"b".repeat(16)}-01` } });
  expect(seen[0]?.headers.traceparent).toStartWith(`00-${traceId}-`);
});

test("without a session the service hears an anonymous caller; an ended, idle or unknown session is none", async () => {
  const expired = await fixture.signIn(patientActor(), { expiresAtMs: Date.now() - 1 });
  const idle = await fixture.signIn(patientActor(), { idleSeconds: 1 });
  await call("/api/patients/me", { headers: { cookie: idle.cookie } });
  await Bun.sleep(1_100);
  for (const cookie of [undefined, expired.cookie, idle.cookie, `${idle.cookie}x`, "__Host-es_sid=short"]) {
    seen = [];
    expect((await call("/api/doctors", cookie ? { headers: { cookie } } : {})).status).toBe(200);
    expect(seen[0]?.headers.authorization).toBeUndefined();
  }
});

test("a revoked session stops working within a second", async () => {
  const { cookie, hash } = await fixture.signIn(patientActor());
  const isSignedIn = async () => {
    seen = [];
    await call("/api/patients/me", { headers: { cookie } });
    return seen[0]?.headers.authorization !== undefined;
  };
  expect(await isSignedIn()).toBe(true);
  await fixture.signOut(hash);
  await waitFor(async () => !(await isSignedIn()), { timeoutMs: 1_000, what: "the end of the session" });
});

test("who signs out is nobody with the very next request, before the bucket of sessions tells", async () => {
  const { cookie } = await fixture.signIn(patientActor());
  expect((await call("/api/auth/logout", { method: "POST", headers: { ...json, cookie }, body: "{}" })).status).toBe(204);
  seen = [];
  await call("/api/patients/me", { headers: { cookie } });
  expect(seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test("only auth hears the client's address and sets cookies", async () => {
  seen = [];
  loginStatus = 200;
  const answer = await call("/api/auth/login", {
    method: "POST",
    headers: { ...json, "x-forwarded-for": "9.9.9.9", "x-forwarded-proto": "https" },
    body: "{}",
  });
  expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(seen[0]?.headers).toMatchObject({
    "x-real-ip": "127.0.0.1",
    "x-forwarded-proto": "http",
    "x-forwarded-host": new URL(gateway.url).host,
  });
});

test("compressed answers arrive readable, large ones whole", async () => {
  expect(await (await call("/api/doctors")).json()).toEqual({ items: [] });
  expect((await (await call("/api/readings")).text()).length).toBe(5 * 1024 * 1024);
});

test("answers without a body stay without one", async () => {
  for (const [tag, status] of [
    ['"same"', 304],
    ['"gone"', 204],
  ] as const) {
    const answer = await call("/api/doctors", { headers: { "if-none-match": tag } });
    expect([answer.status, answer.headers.get("etag"), await answer.text()]).toEqual([status, tag, ""]);
  }
});

test("what a body of an announced length nests too deep is refused, short or long", async () => {
  for (const filler of ["", "x".repeat(40_000)]) {
    const body = `${"[".repeat(33)}"${filler}"${"]".repeat(33)}`;
    expect(await code(await call("/api/appointments", { method: "POST", headers: json, body }))).toEqual([400, "too-deep"]);
  }
});

test("bodies are limited by route, counted also without a length, and 5 MB pass where the contract allows them", async () => {
  const big = `{"a":"${"x".repeat(5 * 1024 * 1024)}"}`;
  const { cookie } = await fixture.signIn(doctorActor());
  const passed = await call("/api/rules/backtest", { method: "POST", headers: { ...json, cookie }, body: big });
  expect(await passed.json()).toEqual({ bytes: big.length });
  seen = [];
  expect(await code(await call("/api/appointments", { method: "POST", headers: json, body: big }))).toEqual([413, "body-too-large"]);
  const chunks = new ReadableStream({
    async start(controller) {
      for (let index = 0; index < 50; index++) controller.enqueue(Buffer.alloc(64 * 1024, "x"));
      controller.close();
    },
  });
  expect(await code(await call("/api/appointments", { method: "POST", headers: json, body: chunks }))).toEqual([413, "body-too-large"]);
  const deep = "[".repeat(10_000) + "]".repeat(10_000);
  expect(await code(await call("/api/appointments", { method: "POST", headers: json, body: deep }))).toEqual([400, "too-deep"]);
  expect(seen).toEqual([]);
});

test("requests of another site's page are refused, those of our own pages and of programs pass", async () => {
  const { cookie } = await fixture.signIn(patientActor());
  const post = (headers: Record<string, string>) =>
    call("/api/appointments", { method: "POST", headers: { cookie, ...json, ...headers }, body: "{}" });
  for (const origin of ["https://evil.example", "null", `${gateway.url}.evil`, gateway.url.replace("http", "https")]) {
    expect(await code(await post({ origin }))).toEqual([403, "foreign-origin"]);
  }
  for (const site of ["cross-site", "same-site"])
    expect(await code(await post({ "sec-fetch-site": site }))).toEqual([403, "foreign-origin"]);
  expect(await code(await call("/api/patients/me", { headers: { cookie, origin: "https://evil.example" } }))).toEqual([
    403,
    "foreign-origin",
  ]);
  for (const headers of [{ origin: gateway.url }, { "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "none" }, {}]) {
    expect((await post(headers)).status).toBe(200);
  }
  expect(
    await code(await call("/api/appointments", { method: "POST", headers: { cookie, "content-type": "text/plain" }, body: "{}" })),
  ).toEqual([415, "unsupported-media-type"]);
});

test("path tricks and unknown places never reach a service", async () => {
  seen = [];
  const tricks = [
    "//api/patients/me",
    "/api//patients/me",
    "/api/patients/%2e%2e/doctors",
    "/api/patients/../doctors",
    "/api/patients/..%2fdoctors",
    "/api/patients%2fme",
    "/api/patients/me;x=1",
    "/api/patients/%00",
    "/api/patients/%5c..%5cdoctors",
    "/api/patients/%252e%252e/doctors",
    "/api/patients/%zz",
    `/api${"/x".repeat(30)}`,
  ];
  for (const path of tricks) {
    const { status, body } = await raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect([path, status, JSON.parse(body).code]).toEqual([path, 400, "bad-path"]);
  }
  for (const path of ["/internal/auth/accounts/acc_1", "/api/internal/x", "/api/nothing", "/api", "/api/_test/other", "/api/docs/secret"]) {
    expect((await call(path)).status).toBe(path.startsWith("/api") ? 404 : 200);
  }
  expect(await (await call("/internal/auth/accounts/acc_1")).text()).toContain("patient");
  expect(seen).toEqual([]);
});

test("a service that is down is a clear 503", async () => {
  const answer = await call("/api/audit");
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(await code(answer)).toEqual([503, "upstream-unreachable"]);
});

test("an event stream passes as it comes and is cut when its session ends", async () => {
  const { cookie, hash } = await fixture.signIn(doctorActor());
  const answer = await call("/api/alerts/feed", { headers: { cookie } });
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toContain("heartbeat");
  const closedBefore = feedClosed;
  const endedAt = performance.now();
  await fixture.signOut(hash);
  for (;;) if ((await reader.read()).done) break;
  expect(performance.now() - endedAt).toBeLessThan(1_000);
  await waitFor(() => feedClosed > closedBefore, { what: "the service to notice" });
});

test("an event stream is cut when the rights of its session change, not when the session is merely written again", async () => {
  const actor = doctorActor();
  const { cookie, hash } = await fixture.signIn(actor);
  const answer = await call("/api/alerts/feed", { headers: { cookie } });
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const rewrite = (memberships: typeof actor.memberships) =>
    fixture.rewrite(hash, { actor: { ...actor, sessionHash: hash, memberships }, expiresAtMs: Date.now() + 1_000_000, idleSeconds: 900 });
  await rewrite(actor.memberships);
  for (let beat = 0; beat < 6; beat++) expect((await reader.read()).done).toBe(false);
  await rewrite([]);
  for (;;) if ((await reader.read()).done) break;
});

test("the service notices when a client leaves its event stream", async () => {
  const { cookie } = await fixture.signIn(doctorActor());
  const closedBefore = feedClosed;
  const abort = new AbortController();
  const answer = await call("/api/alerts/feed", { headers: { cookie }, signal: abort.signal });
  await (answer.body as ReadableStream<Uint8Array>).getReader().read();
  abort.abort();
  await waitFor(() => feedClosed > closedBefore, { what: "the service to notice" });
});

test("a client who goes away before the answer is no fault of the service; a service that is not there is one", async () => {
  const { cookie } = await fixture.signIn(doctorActor());
  const warnedBefore = fixture.warned.length;
  const abort = new AbortController();
  seen = [];
  const left = call("/api/readings/latest", { headers: { cookie }, signal: abort.signal }).catch((error: Error) => error.name);
  await waitFor(() => seen.some(({ path }) => path === "/api/readings/latest"), { what: "the request at the service" });
  abort.abort();
  expect(await left).toBe("AbortError");
  expect((await call("/api/audit?patientId=pat_x", { headers: { cookie } })).status).toBe(503);
  slow.resolve(Response.json({}));
  expect(fixture.warned.slice(warnedBefore)).toEqual(["service not reachable"]);
});

test("failed logins are limited per address; right ones, also many at once, and malformed ones do not count", async () => {
  const login = () => call("/api/auth/login", { method: "POST", headers: json, body: "{}" });
  loginStatus = 200;
  for (const { status } of await Promise.all(Array.from({ length: 60 }, login))) expect(status).toBe(200);
  loginStatus = 422;
  for (let attempt = 0; attempt < 40; attempt++) expect((await login()).status).toBe(422);
  const text = () => call("/api/auth/login", { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" });
  for (let attempt = 0; attempt < 40; attempt++) expect((await text()).status).toBe(415);
  const metrics = await (await fetch(`${gateway.opsUrl}/metrics`)).text();
  expect(metrics).toContain('status="415"');
  expect(metrics).not.toMatch(/http_request_seconds_count\{[^}]*route="\/api\/auth\/login"[^}]*status="5/);
  loginStatus = 401;
  const statuses: number[] = [];
  let last = new Response();
  for (let attempt = 0; attempt < 30; attempt++) {
    last = await login();
    statuses.push(last.status);
  }
  expect(statuses.slice(0, 15).every((status) => status === 401)).toBe(true);
  expect(await code(last)).toEqual([429, "too-many-requests"]);
  expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("pages come with their policy, compressed assets are kept for ever, and unknown files are not pages", async () => {
  const page = await call("/doctors/lyon");
  expect(await page.text()).toContain("patient");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
  expect(page.headers.get("cache-control")).toBe("no-cache");
  for (const path of ["/console", "/console/", "/console/patients/1"]) expect(await (await call(path)).text()).toContain("console");
  const asset = await call("/assets/main-a1b2c3d4.js", { headers: { "accept-encoding": "br" } });
  expect(asset.headers.get("content-encoding")).toBe("br");
  expect(asset.headers.get("cache-control")).toContain("immutable");
  expect(await asset.text()).toStartWith("console.log(1);");
  expect(await code(await call("/assets/none-a1b2c3d4.js"))).toEqual([404, "not-found"]);
});

test("the API describes itself from the contracts, without the internal endpoints", async () => {
  const document = (await (await call("/api/docs/openapi.json")).json()) as {
    paths: Record<string, Record<string, { security: unknown[] }>>;
  };
  expect(document.paths["/api/appointments/{id}/cancel"]?.post?.security).toEqual([{ session: [] }]);
  expect(Object.keys(document.paths).filter((path) => !path.startsWith("/api/"))).toEqual([]);
  expect(await (await call("/api/docs")).text()).toContain("POST /api/devices/readings");
});

test("the test clock is set, advanced, frozen and read through the gateway", async () => {
  const set = async (body: unknown) => {
    const answer = await call("/api/_test/clock", { method: "POST", headers: json, body: JSON.stringify(body) });
    return [answer.status, Date.parse(((await answer.json()) as { at: string }).at)] as const;
  };
  const at = Date.parse("2026-03-01T10:00:00Z");
  expect((await set({ at: "2026-03-01T10:00:00Z" }))[1] - at).toBeLessThan(5_000);
  const [, frozen] = await set({ freeze: true });
  expect(await set({ advanceSeconds: 30 })).toEqual([200, frozen + 30_000]);
  const read = (await (await call("/api/_test/clock")).json()) as { at: string };
  expect(Date.parse(read.at)).toBe(frozen + 30_000);
  expect((await set({ at: "yesterday" }))[0]).toBe(422);
  // What screens learn the server's time from says business time too, whatever is asked.
  for (const path of ["/", "/api/doctors", "/api/nothing"]) {
    await waitFor(async () => Date.parse((await call(path)).headers.get("date") ?? "") === Math.floor((frozen + 30_000) / 1000) * 1000, {
      what: `business time in the date of ${path}`,
    });
  }
  await set({ freeze: false });
});

test("without the test clock its path does not exist", async () => {
  const plain = await fixture.start();
  expect((await fetch(`${plain.url}/api/_test/clock`)).status).toBe(404);
  await plain.stop();
});

test("operations are answered on their own port only", async () => {
  expect(await (await fetch(`${gateway.opsUrl}/readyz`)).json()).toEqual({ ready: true, reasons: [] });
  expect(await (await fetch(`${gateway.opsUrl}/metrics`)).text()).toContain("gateway_unflushed_bytes");
  expect((await call("/metrics")).headers.get("content-type")).toStartWith("text/html");
});
