import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { absenceEndpoints } from "@episante/contracts/absence";
import { alertEndpoints, alertFeed, listAlerts } from "@episante/contracts/alert";
import { alertLoadEndpoints } from "@episante/contracts/alert-load";
import { appointmentEndpoints } from "@episante/contracts/appointment";
import { auditEndpoints } from "@episante/contracts/audit";
import { authEndpoints, logout, me, revokeSession, sessions } from "@episante/contracts/auth";
import { busyFeedEndpoints } from "@episante/contracts/busy-feed";
import { calendarFeedEndpoints } from "@episante/contracts/calendar-feed";
import { cancelReasonEndpoints } from "@episante/contracts/cancel-reason";
import { createPairing, deviceEndpoints, listDevices } from "@episante/contracts/device";
import { doctorEndpoints } from "@episante/contracts/doctor";
import type { Endpoint } from "@episante/contracts/endpoint";
import { notificationEndpoints } from "@episante/contracts/notification";
import { onCallEndpoints } from "@episante/contracts/on-call";
import { opsEndpoints } from "@episante/contracts/ops";
import { getPatient, listRelationships, patientEndpoints } from "@episante/contracts/patient";
import { pipelineEndpoints } from "@episante/contracts/pipeline";
import { type ProblemCode, problems } from "@episante/contracts/problem";
import { latestReadings, listReadings, readingEndpoints } from "@episante/contracts/reading";
import { resourceEndpoints } from "@episante/contracts/resource";
import { ruleEndpoints } from "@episante/contracts/rule";
import { ruleLayerEndpoints } from "@episante/contracts/rule-layers";
import { seriesEndpoints } from "@episante/contracts/series";
import { type Role, sessionCookie } from "@episante/contracts/session";
import { transferEndpoints } from "@episante/contracts/transfer";
import { visitEndpoints } from "@episante/contracts/visit";
import { visitLinkEndpoints } from "@episante/contracts/visit-link";
import { waitlistEndpoints } from "@episante/contracts/waitlist";
import { z } from "zod";
import { type Answer, type Caller, type Heard, makeCaller, openFeed } from "./calls.ts";
import { eventually, type Instance, startInstance } from "./instance.ts";
import { accountOf, deviceOf, patientIdOf, signIn } from "./people.ts";

const endpoints: readonly Endpoint[] = [
  ...authEndpoints,
  ...patientEndpoints,
  ...doctorEndpoints,
  ...appointmentEndpoints,
  ...visitEndpoints,
  ...absenceEndpoints,
  ...waitlistEndpoints,
  ...resourceEndpoints,
  ...seriesEndpoints,
  ...transferEndpoints,
  ...calendarFeedEndpoints,
  ...notificationEndpoints,
  ...deviceEndpoints,
  ...visitLinkEndpoints,
  ...busyFeedEndpoints,
  ...cancelReasonEndpoints,
  ...readingEndpoints,
  ...onCallEndpoints,
  ...alertLoadEndpoints,
  ...alertEndpoints,
  ...ruleEndpoints,
  ...ruleLayerEndpoints,
  ...auditEndpoints,
  ...pipelineEndpoints,
  ...opsEndpoints,
];
const isPublic = ({ path }: Endpoint) => path.startsWith("/api/");
const actors = ["anonymous", "patient", "doctor", "staff", "admin", "device"] as const;
type ActorName = (typeof actors)[number];

let instance: Instance;
const heard: Heard[] = [];
const callers = new Map<ActorName, Caller>();
beforeAll(async () => {
  instance = await startInstance();
  callers.set("anonymous", makeCaller(instance.url, heard));
  callers.set("device", makeCaller(instance.url, heard));
  for (const role of ["patient", "doctor", "staff", "admin"] as const)
    callers.set(role, await signIn(instance, accountOf(instance, role), heard));
}, 180_000);
afterAll(async () => {
  await instance?.stop();
}, 60_000);

function callerOf(actor: ActorName): Caller {
  const caller = callers.get(actor);
  if (!caller) throw new Error(`nobody plays ${actor}`);
  return caller;
}
const refusal = (code: ProblemCode) => `${problems[code][0]} ${code}`;
const said = ({ status, code }: Answer) => `${status} ${code}`;
/** A path whose ids have the right form and name nothing. */
function pathOfNothing({ path }: Endpoint): string {
  const prefixes: [RegExp, string][] = [
    [/doctors?\b.*:id|:doctorId/, "doc"],
    [/patients\/:id/, "pat"],
    [/holds\/:id/, "hld"],
    [/appointments\/:id/, "apt"],
    [/devices\/:id/, "dev"],
    [/alerts\/:id/, "alr"],
    [/rules\/:id/, "rul"],
    [/clinics\/:id/, "cli"],
    [/memberships\/:id/, "mbr"],
    [/sessions\/:id/, "ses"],
  ];
  const prefix = prefixes.find(([pattern]) => pattern.test(path))?.[1];
  const id = prefix ? `${prefix}_${"0".repeat(32)}` : "0";
  return path.replace(":relationshipId", `rel_${"0".repeat(32)}`).replace(/:\w+/, id);
}
/** Sends the emptiest request the endpoint can be sent. An event stream is closed once it has answered. */
async function knock(actor: ActorName, endpoint: Endpoint, path = pathOfNothing(endpoint)): Promise<string> {
  const headers: Record<string, string> = actor === "device" ? { authorization: `Bearer ${deviceOf(instance).token}` } : {};
  if (endpoint.idempotent) headers["idempotency-key"] = crypto.randomUUID();
  const caller = callerOf(actor);
  if (endpoint.stream) {
    const feed = await openFeed(`${instance.url}${path}`, caller.cookie);
    feed.close();
    const code = { 200: "undefined", 401: "not-signed-in", 403: "forbidden" }[feed.status];
    return `${feed.status} ${code}`;
  }
  const body = endpoint.body ? { body: "{}", headers: { "content-type": "application/json", ...headers } } : { headers };
  return said(await caller.send(endpoint.method, path, body));
}

/** What the policy says of an actor; null where it lets them in. A device is nobody outside its own doors, and nobody else passes those. */
function refusedByPolicy({ policy }: Endpoint, actor: ActorName): ProblemCode | null {
  const isUser = actor !== "anonymous" && actor !== "device";
  if (policy.kind === "public") return null;
  if (policy.kind === "device") return actor === "device" ? null : "invalid-token";
  if (!isUser) return "not-signed-in";
  if (policy.kind === "user") return null;
  return policy.kind === "roles" && policy.roles.includes(actor as Role) ? null : "forbidden";
}

test("the contracts swept here are the API that is offered", async () => {
  const { json } = await callerOf("anonymous").send("GET", "/api/docs/openapi.json");
  const { paths } = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) }).parse(json);
  const offered = Object.entries(paths).flatMap(([path, verbs]) =>
    Object.keys(verbs)
      .filter((verb) => /^(get|post|put|patch|delete)$/.test(verb))
      .map((verb) => `${verb.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
  );
  const swept = endpoints.filter(isPublic).map(({ method, path }) => `${method} ${path}`);
  // The device socket is no request and answer: it stands in the documentation only.
  expect(offered.filter((one) => one !== "GET /api/devices/stream").sort()).toEqual(swept.sort());
});

for (const actor of actors) {
  test(`${actor}: every endpoint lets in, or refuses, as its policy says`, async () => {
    for (const endpoint of endpoints.filter((one) => isPublic(one) && one.id !== logout.id)) {
      const answer = await knock(actor, endpoint);
      const wanted = refusedByPolicy(endpoint, actor);
      if (wanted) expect([endpoint.id, answer]).toEqual([endpoint.id, refusal(wanted)]);
      else expect([endpoint.id, /^(401|403|5\d\d)/.test(answer) ? answer : "let in"]).toEqual([endpoint.id, "let in"]);
    }
  }, 60_000);

  test(`${actor}: what services offer each other is not there`, async () => {
    for (const endpoint of endpoints.filter((one) => !isPublic(one))) {
      const [path, below] = [pathOfNothing(endpoint), `/api${pathOfNothing(endpoint)}`];
      const answer = await knock(actor, endpoint, below);
      expect([below, answer]).toEqual([below, refusal("not-found")]);
      // Any path that is no file and not below /api is the app's to route: a page, the same whatever the path.
      const page = await knock(actor, endpoint, path);
      expect([endpoint.method, path, page]).toEqual([
        endpoint.method,
        path,
        endpoint.method === "GET" ? "200 undefined" : refusal("not-found"),
      ]);
    }
  });
}

test("a doctor of the clinic who does not treat a patient is told so on every way to the patient's data", async () => {
  const doctor = await signIn(instance, accountOf(instance, "doctor", 11), heard);
  const patientId = patientIdOf(instance);
  const period = { code: "8867-4", from: new Date(Date.now() - 60_000).toISOString(), to: new Date().toISOString() };
  const answers = [
    await doctor.ask(getPatient, { params: { id: patientId } }),
    await doctor.ask(listRelationships, { params: { id: patientId } }),
    await doctor.ask(listReadings, { query: { patientId, ...period } }),
    await doctor.ask(latestReadings, { query: { patientId } }),
    await doctor.ask(listAlerts, { query: { patientId } }),
    await doctor.ask(listDevices, { query: { patientId } }),
    await doctor.ask(createPairing, { body: { patientId } }),
  ];
  expect(answers.map(said)).toEqual(answers.map(() => refusal("care-relationship-required")));
  const treating = callerOf("doctor");
  expect((await treating.ask(latestReadings, { query: { patientId } })).status).toBe(200);
});

describe("guessed paths", () => {
  const guessed = [
    "/internal/openapi.json",
    "/internal/auth/accounts/x",
    "/metrics",
    "/debug",
    "/debug/vars",
    "/healthz",
    "/readyz",
    "/.git/HEAD",
  ];
  const more = [
    "/admin",
    "/.env",
    "/run.json",
    "/demo.json",
    "/secrets",
    "/server-status",
    "/package.json",
    "/index.html.bak",
    "/console/../.env",
  ];

  test("outside the API: the start page word for word, or not found", async () => {
    const shell = await callerOf("anonymous").send("GET", "/");
    expect(shell.text).toStartWith("<!doctype html>");
    for (const actor of actors) {
      for (const path of [...guessed, ...more]) {
        const answer = await callerOf(actor).send("GET", path);
        if (answer.status === 200) expect([path, answer.text === shell.text]).toEqual([path, true]);
        else expect([path, said(answer)]).toEqual([path, refusal("not-found")]);
        for (const method of ["POST", "PUT", "DELETE"]) {
          expect([method, path, said(await callerOf(actor).send(method, path))]).toEqual([method, path, refusal("not-found")]);
        }
      }
    }
  }, 60_000);

  test("below the API: one answer for all that is not there, whoever asks", async () => {
    const answers = new Set<string>();
    const paths = [...guessed, ...more].map((path) => `/api${path.replace("/..", "")}`);
    paths.push("/api", "/api/", "/api/nothing", "/api/auth/nothing", "/api/auth/metrics", "/api/alerts/x/y/z", "/api/patients/me/nothing");
    paths.push("/api/_test/clock", "/api/auth/healthz", "/api/internal/readings/range", "/api/constructor", "/api/__proto__");
    for (const actor of actors) {
      for (const path of paths) {
        for (const method of ["GET", "POST", "DELETE"]) {
          const answer = await callerOf(actor).send(method, path);
          expect([method, path, answer.status]).toEqual([method, path, 404]);
          answers.add(answer.text.replace(/"traceId":"[0-9a-f]+"/, ""));
        }
      }
    }
    expect([...answers].length).toBe(1);
  }, 60_000);
});

describe("the end of a session", () => {
  const withinMs = 1_000;
  /** Asks again and again. @returns milliseconds until the session was nobody */
  const untilNobody = (caller: Caller) =>
    eventually(async () => said(await caller.ask(me)) === refusal("not-signed-in"), withinMs, "session refused after its end");

  test("one that its owner ends elsewhere stops working within a second, its feed too", async () => {
    const doctor = accountOf(instance, "doctor");
    const [lost, own] = [await signIn(instance, doctor, heard), await signIn(instance, doctor, heard)];
    const { items } = await lost.call(sessions);
    const id = items.find(({ current }) => current)?.id ?? "";
    const [feed, other] = await Promise.all([lost, own].map(({ cookie }) => openFeed(`${instance.url}${alertFeed.path}`, cookie)));
    await eventually(() => feed?.events.length !== 0 && other?.events.length !== 0, 15_000, "feeds live");
    const endedAtMs = performance.now();
    await own.call(revokeSession, { params: { id } });
    const [refusedMs] = await Promise.all([
      untilNobody(lost),
      eventually(() => feed?.endedAtMs() !== null, withinMs, "feed ended with its session"),
    ]);
    process.stdout.write(
      `revoked session: refused ${Math.round(refusedMs)} ms after the answer, feed ended ${Math.round((feed?.endedAtMs() ?? 0) - endedAtMs)} ms after the request\n`,
    );
    expect((await own.ask(me)).status).toBe(200);
    expect(other?.endedAtMs()).toBeNull();
    other?.close();
    expect((await own.call(sessions)).items.map((session) => session.id as string)).not.toContain(id);
  }, 30_000);

  test("one that signs out is over for every role, and its cookie is taken back", async () => {
    for (const role of ["patient", "doctor", "staff", "admin"] as const) {
      const caller = callerOf(role);
      const { cookie } = caller;
      const answer = await caller.ask(logout);
      expect([role, answer.status]).toEqual([role, 204]);
      expect(answer.headers.getSetCookie().join()).toMatch(new RegExp(`^${sessionCookie}=;.*Max-Age=0`, "i"));
      const later = makeCaller(instance.url, heard);
      await eventually(
        async () => said(await later.send("GET", me.path, { headers: { cookie } })) === refusal("not-signed-in"),
        withinMs,
        `${role} signed out`,
      );
    }
  }, 30_000);
});

test("nothing of all this was answered with a fault", () => {
  expect(heard.filter(({ status }) => status >= 500).map(({ what, status, text }) => `${what} ${status} ${text}`)).toEqual([]);
});
