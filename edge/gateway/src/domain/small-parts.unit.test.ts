import { expect, test } from "bun:test";
import { endpoints } from "../endpoints.ts";
import { clientOf, trustedProxies } from "./address.ts";
import { makeOpenApi } from "./openapi.ts";
import { checkOrigin } from "./origin.ts";
import { makeRouting } from "./routing.ts";
import { businessTime, moveClock } from "./test-clock.ts";
import { tokenBuckets } from "./token-buckets.ts";
import { continueTrace } from "./trace.ts";

test("forwarding headers are believed from trusted proxies only, and only their last entry", () => {
  const isTrusted = trustedProxies("10.0.0.1, 172.16.0.0/12");
  const headers = new Headers({
    host: "inner",
    "x-forwarded-for": "6.6.6.6, 9.9.9.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "clinic.example",
  });
  expect(clientOf(headers, "8.8.8.8", isTrusted)).toEqual({ ip: "8.8.8.8", proto: "http", host: "inner" });
  for (const proxy of ["10.0.0.1", "::ffff:10.0.0.1", "172.31.255.255"]) {
    expect(clientOf(headers, proxy, isTrusted)).toEqual({ ip: "9.9.9.9", proto: "https", host: "clinic.example" });
  }
  expect(isTrusted("172.32.0.1")).toBe(false);
  expect(trustedProxies("")("127.0.0.1")).toBe(false);
  expect(() => trustedProxies("10.0.0.0/99")).toThrow();
});

test("every public endpoint of the contracts goes to its owner, internal ones nowhere, literal paths before parameters", () => {
  const routing = makeRouting(endpoints);
  for (const endpoint of endpoints) {
    const target = routing(endpoint.method, endpoint.path.slice(1).split("/"));
    if (endpoint.policy.kind === "service") expect(target).toBeNull();
    else if (endpoint.path.startsWith("/api/") && endpoint.service !== "gateway") expect(target?.service).toBe(endpoint.service);
  }
  expect(routing("GET", ["api", "alerts", "feed"])).toMatchObject({ id: "alert.feed", isStream: true });
  expect(routing("GET", ["api", "alerts", "alr_1"])).toMatchObject({ id: "alert.get", isStream: false });
  expect(routing("GET", ["api", "readings", "unheard-of"])).toMatchObject({ service: "ingest", id: null });
  expect(routing("GET", ["internal", "auth"])).toBeNull();
});

test("a parameter with an ending wins over one without, and takes nothing else", () => {
  const routing = makeRouting(endpoints);
  const idOf = (...rest: string[]) => routing("GET", ["api", "appointments", ...rest])?.id;
  expect(idOf("apt_1.ics")).toBe("appointment.calendar-file");
  expect(idOf("apt_1")).toBe("appointment.get");
  expect(idOf("feeds", "token.ics")).toBe("appointment.read-calendar");
  expect(idOf("feeds", "token")).toBeNull();
});

test("every endpoint that can be called from outside is in the OpenAPI document", () => {
  const { paths } = makeOpenApi(endpoints, "0") as { paths: Record<string, Record<string, { operationId: string }>> };
  const described = Object.values(paths).flatMap((methods) => Object.values(methods).map((operation) => operation.operationId));
  const open = endpoints.filter((endpoint) => endpoint.policy.kind !== "service" && endpoint.path.startsWith("/api/"));
  expect(described.sort()).toEqual(open.map((endpoint) => endpoint.id).sort());
});

test("a read without a session passes from anywhere; a socket is checked", () => {
  const facts = {
    method: "GET",
    hasSession: false,
    isUpgrade: false,
    origin: "https://evil.example",
    fetchSite: "cross-site",
    ownOrigin: "https://a",
  };
  expect(checkOrigin(facts)).toBeNull();
  for (const more of [{ hasSession: true }, { method: "POST" }, { isUpgrade: true }]) {
    expect(checkOrigin({ ...facts, ...more })).toEqual({ refused: "foreign-origin" });
  }
});

test("a bucket allows its burst, then its rate, says how long to wait, and forgets the oldest keys", () => {
  const buckets = tokenBuckets({ burst: 3, perSecond: 1, maxKeys: 2 });
  expect([0, 0, 0, 0].map(() => buckets.take("a", 0))).toEqual([0, 0, 0, 1]);
  expect(buckets.take("a", 500)).toBeCloseTo(0.5);
  expect(buckets.take("a", 1_500)).toBe(0);
  expect(buckets.waitSeconds("a", 1_600)).toBeCloseTo(0.4);
  expect([0, 0].map(() => buckets.waitSeconds("a", 2_500))).toEqual([0, 0]);
  buckets.take("b", 1_500);
  buckets.take("c", 1_500);
  expect([buckets.waitSeconds("a", 1_500), buckets.take("a", 1_500)]).toEqual([0, 0]);
});

test("the test clock goes on after being set, stands while frozen, and thaws from where it stood", () => {
  const at = "2026-03-01T10:00:00Z";
  const set = moveClock({ offsetMs: 0 }, { at }, 1_000);
  expect(businessTime(set, 3_000)).toBe(Date.parse(at) + 2_000);
  const frozen = moveClock(set, { freeze: true }, 3_000);
  expect(businessTime(frozen, 99_000)).toBe(Date.parse(at) + 2_000);
  const advanced = moveClock(frozen, { advanceSeconds: 60 }, 99_000);
  expect(businessTime(advanced, 200_000)).toBe(Date.parse(at) + 62_000);
  const thawed = moveClock(advanced, { freeze: false }, 200_000);
  expect(businessTime(thawed, 201_000)).toBe(Date.parse(at) + 63_000);
});

test("a malformed or all-zero trace is replaced", () => {
  const random = (bytes: number) => "c".repeat(bytes * 2);
  for (const given of [null, "x", `00-${"0".repeat(32)}-${"b".repeat(16)}-01`])
    expect(continueTrace(given, random).traceId).toBe("c".repeat(32));
});
