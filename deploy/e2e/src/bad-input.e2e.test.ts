import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getAlert, listAlerts } from "@episante/contracts/alert";
import {
  book,
  cancel,
  extendHold,
  getAppointment,
  getHold,
  getSchedule,
  hold,
  listAppointments,
  listSlots,
  releaseHold,
} from "@episante/contracts/appointment";
import { listAudit } from "@episante/contracts/audit";
import { login, logout, me, register, revokeSession } from "@episante/contracts/auth";
import { createPairing, listDevices, pair, revokeDevice, rotateDevice } from "@episante/contracts/device";
import type { Endpoint } from "@episante/contracts/endpoint";
import { getPatient, listRelationships, openRelationship } from "@episante/contracts/patient";
import { problemSchema, problems } from "@episante/contracts/problem";
import { latestReadings, listReadings, postReadings } from "@episante/contracts/reading";
import { testClockPath } from "@episante/contracts/system";
import { type Answer, type Caller, type Heard, jsonOf, makeCaller, pathOf, until } from "./calls.ts";
import { type Device, type Door, httpDoor, natsDoor, rawExchange, socketDoor } from "./doors.ts";
import { eventually, type Instance, startInstance } from "./instance.ts";
import { accountOf, deviceOf, doctorOf, patientIdOf, signIn } from "./people.ts";

/** What must never show in a log. */
const canary = {
  email: `canary-mail-${Date.now()}@patients.example`,
  givenName: "Canarygiven",
  familyName: "Canaryfamily",
  password: "canary password in clear 1",
  value: "canary-value",
  unknown: "canaryfield",
  serial: "canary-serial",
};

let instance: Instance;
/** Everything that was answered, whoever asked. */
const heard: Heard[] = [];
let anonymous: Caller;
/** A patient of no doctor, with a device; and a patient of the demo clinic, whose things the other one tries to reach. */
let stranger: Caller;
let strangerId: `pat_${string}`;
let victim: Caller;
let device: Device;

beforeAll(async () => {
  instance = await startInstance(["--test-clock"]);
  anonymous = makeCaller(instance.url, heard);
  stranger = makeCaller(instance.url, heard);
  const { email, password, givenName, familyName } = canary;
  const registered = await stranger.call(register, { body: { email, password, givenName, familyName, birthDate: "1987-03-02" } });
  strangerId = registered.patientId;
  victim = await signIn(instance, accountOf(instance, "patient"), heard);
  device = await pairDevice(stranger, strangerId);
}, 180_000);
afterAll(async () => {
  await instance?.stop();
}, 60_000);

async function pairDevice(patient: Caller, patientId: `pat_${string}`): Promise<Device> {
  const body = { patientId };
  const { json } = await until(
    () => patient.ask(createPairing, { body }),
    ({ status }) => status === 201,
    "pairing code",
  );
  const { code } = createPairing.response?.parse(json) ?? { code: "" };
  const { deviceId, token, nats } = await anonymous.call(pair, { body: { code, model: "Test", serial: canary.serial } });
  return { id: deviceId, token, nats };
}

const said = ({ status, code }: Answer) => `${status} ${code}`;
/** Status and code as the closed list has them. */
const refusal = (code: keyof typeof problems) => `${problems[code][0]} ${code}`;
const day = (plus: number) => new Date(Date.now() + plus * 86_400_000).toISOString().slice(0, 10);
const now = (plusMs = 0) => new Date(Date.now() + plusMs).toISOString();

/** Why a door stayed shut; empty when it opened. */
const whyRefused = (opened: Promise<Door>) =>
  opened.then(
    (door) => {
      door.close();
      return "";
    },
    (error: Error) => error.message,
  );

function deep(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}
/** A body of so many bytes in chunks: its length is not announced. */
function chunked(bytes: number): ReadableStream<Uint8Array> {
  const piece = new TextEncoder().encode(`"${"x".repeat(8190)}"`);
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(piece);
      left -= piece.length;
      if (left <= 0) controller.close();
    },
  });
}

describe("bodies", () => {
  const doors: readonly {
    name: string;
    method: string;
    path: string;
    limit: number;
    caller: () => Caller;
    headers: () => Record<string, string>;
  }[] = [
    { name: "sign-in", method: "POST", path: login.path, limit: 64 * 1024, caller: () => anonymous, headers: () => ({}) },
    { name: "hold", method: "POST", path: hold.path, limit: 64 * 1024, caller: () => stranger, headers: () => ({}) },
    {
      name: "booking",
      method: "POST",
      path: book.path,
      limit: 64 * 1024,
      caller: () => stranger,
      headers: () => ({ "idempotency-key": randomUUID() }),
    },
    {
      name: "readings",
      method: "POST",
      path: postReadings.path,
      limit: 256 * 1024,
      caller: () => anonymous,
      headers: () => ({ authorization: `Bearer ${device.token}` }),
    },
  ];
  const bodies: readonly [what: string, body: string, code: keyof typeof problems][] = [
    ["nothing", "", "malformed-json"],
    ["half an object", '{"email":"', "malformed-json"],
    ["NaN", '{"value":NaN}', "malformed-json"],
    ["Infinity", '{"value":-Infinity}', "malformed-json"],
    ["a comment", "{/* */}", "malformed-json"],
    ["two values", "{}{}", "malformed-json"],
    ["a list", "[]", "invalid-input"],
    ["null", "null", "invalid-input"],
    ["a text", '"text"', "invalid-input"],
    ["an empty object", "{}", "invalid-input"],
    ["10,000 nested lists", deep(10_000), "too-deep"],
    ["10,000 nested lists in a field", `{"email":${deep(10_000)}}`, "too-deep"],
    ["10,000 openings without an end", "[".repeat(10_000), "too-deep"],
  ];
  for (const door of doors) {
    test(`${door.name}: each wrong body is refused with its code`, async () => {
      const type = { "content-type": "application/json" };
      const send = (body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>, headers: Record<string, string> = type) =>
        door.caller().send(door.method, door.path, { body, headers: { ...door.headers(), ...headers } });
      for (const [what, body, code] of bodies) expect([what, said(await send(body))]).toEqual([what, refusal(code)]);
      const large = `{"a":"${"x".repeat(door.limit)}"}`;
      expect(["oversize", said(await send(large))]).toEqual(["oversize", refusal("body-too-large")]);
      expect(["oversize in chunks", said(await send(chunked(2 * door.limit)))]).toEqual(["oversize in chunks", refusal("body-too-large")]);
      for (const wrongType of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
        expect([wrongType, said(await send("{}", { "content-type": wrongType }))]).toEqual([wrongType, refusal("unsupported-media-type")]);
      const zipped = Bun.gzipSync(Buffer.from("{}"));
      expect(said(await send(new Uint8Array(zipped), { ...type, "content-encoding": "gzip" }))).toBe(refusal("unsupported-media-type"));
      expect((await send(new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))).status).toBeOneOf([400, 422]);
    }, 30_000);
  }

  test("unknown fields and wrong types are told by field, never with the value", async () => {
    const good = { email: "somebody@patients.example", password: canary.password };
    const withMore: readonly [Record<string, unknown>, keyof typeof problems][] = [
      [{ ...good, [canary.unknown]: 1 }, "unknown-field"],
      [JSON.parse(`{"email":"a@b.example","password":"x","__proto__":{"admin":true}}`), "unknown-field"],
      [{ ...good, email: 7 }, "invalid-input"],
      [{ ...good, email: [good.email] }, "invalid-input"],
      [{ ...good, email: canary.value }, "invalid-input"],
      [{ ...good, password: null }, "invalid-input"],
      [{ ...good, password: { $ne: "" } }, "invalid-input"],
      [{ ...good, email: "a\u0000@patients.example" }, "invalid-input"],
    ];
    for (const [body, code] of withMore) {
      const answer = await anonymous.send("POST", login.path, jsonOf(body));
      expect([body, said(answer)]).toEqual([body, refusal(code)]);
      expect(answer.text).not.toContain(canary.value);
      expect(answer.text).not.toContain(canary.password);
    }
  });
});

test("queries that ask for the impossible are refused, never a fault", async () => {
  const doctor = await signIn(instance, accountOf(instance, "doctor"), heard);
  const admin = await signIn(instance, accountOf(instance, "admin"), heard);
  const { doctorId, reasonId } = doctorOf(instance);
  const readings = `/api/readings?patientId=${patientIdOf(instance)}&code=59408-5`;
  const slots = `/api/appointments/slots?doctorId=${doctorId}&reasonId=${reasonId}`;
  const asked: readonly (readonly [Caller, string])[] = [
    [doctor, `${readings}&from=0000-01-01T00:00:00Z&to=0000-06-01T00:00:00Z`],
    [doctor, `${readings}&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`],
    [doctor, `${readings}&from=2026-02-30T00:00:00Z&to=2026-03-01T00:00:00Z`],
    [doctor, `${readings}&from=2026-01-01T00:00:00Z&to=9999-12-31T23:59:59-14:00`],
    [doctor, `${readings}&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&resolution=1y`],
    [doctor, "/api/alerts?from=0000-01-01T00:00:00Z"],
    [doctor, "/api/alerts?status=unknown"],
    [doctor, "/api/appointments?from=0001-01-01T00:00:00%2B14:00"],
    [doctor, "/api/doctors/me/analytics/vitals?from=2026-12-31&to=2026-01-01"],
    [doctor, "/api/patients?q=%25%25%25"],
    [anonymous, `${slots}&from=2026-12-31&to=2026-01-01`],
    [anonymous, `${slots}&from=2026-01-01&to=2036-01-01`],
    [anonymous, `${slots}&from=0000-01-01&to=0000-01-02`],
    [anonymous, "/api/doctors?near=999,999"],
    [anonymous, "/api/doctors?q=a&q=b"],
    [anonymous, "/api/doctors?radiusKm=Infinity&near=45,4"],
    ...["/api/alerts", "/api/appointments", "/api/doctors"].map((path) => [doctor, `${path}?cursor=made-up`] as const),
    ...["/api/audit", "/api/dlq", "/api/pipeline/runs"].map((path) => [admin, `${path}?cursor=made-up`] as const),
    ...["0", "-1", "201", "1.5", "many", ""].map((limit) => [admin, `/api/audit?limit=${limit}`] as const),
  ];
  for (const [caller, path] of asked) expect([path, said(await caller.send("GET", path))]).toEqual([path, refusal("invalid-input")]);
  const unknown = await anonymous.send("GET", `/api/doctors?${canary.unknown}=1`);
  expect(said(unknown)).toBe(refusal("unknown-field"));
});

describe("readings", () => {
  const reading = (more: Record<string, unknown> = {}) => ({ code: "8867-4", value: 70, unit: "/min", at: now(), ...more });
  let doors: Door[] = [];
  let seq = 0;
  const boot = "bad-input";
  /** The same batch, under a new number each, through every door. */
  async function throughAll(batch: Record<string, unknown>) {
    const verdicts = [];
    for (const door of doors) {
      const number = seq++;
      const verdict = await door.send(JSON.stringify({ boot, seq: number, ...batch }).replaceAll('"1e999"', "1e999"));
      verdicts.push({ door: door.name, ...verdict, acked: verdict.acked === number });
    }
    return verdicts;
  }
  beforeAll(async () => {
    doors = [httpDoor(anonymous, device), await socketDoor(instance.url, device), await natsDoor(device)];
  });
  afterAll(() => {
    for (const door of doors) door.close();
  });

  test("a bad reading is refused alone and by name at every door; the good ones beside it are kept", async () => {
    const bad: readonly [Record<string, unknown>, string][] = [
      [{ value: "97" }, "not-a-number"],
      [{ value: canary.value }, "not-a-number"],
      [{ value: null }, "not-a-number"],
      [{ value: true }, "not-a-number"],
      [{ value: [70] }, "not-a-number"],
      [{ value: "1e999" }, "not-a-number"],
      [{ code: "0000-0" }, "unknown-code"],
      [{ code: "toString" }, "unknown-code"],
      [{ code: 8867 }, "unknown-code"],
      [{ unit: "furlong" }, "unknown-unit"],
      [{ unit: "%" }, "unknown-unit"],
      [{ unit: "constructor" }, "unknown-unit"],
      [{ at: "2161-01-01T00:00:00Z" }, "time-in-future"],
      [{ at: now(6 * 60_000) }, "time-in-future"],
      [{ at: "1970-01-01T00:00:00Z" }, "time-too-old"],
      [{ at: "yesterday" }, "invalid-input"],
      [{ at: "2026-02-30T00:00:00Z" }, "invalid-input"],
      [{ at: 1790000000 }, "invalid-input"],
      [{ [canary.unknown]: 1 }, "unknown-field"],
    ];
    const readings = [reading(), ...bad.map(([more]) => reading(more)), null, "text", [], reading({ at: now(-1_000) })];
    const refused = [...bad.map(([, code], index) => ({ index: index + 1, code }))];
    for (const extra of [1, 2, 3]) refused.push({ index: bad.length + extra, code: "invalid-input" });
    for (const verdict of await throughAll({ readings })) expect(verdict).toMatchObject({ acked: true, refused, code: null });
  });

  test("a bad batch is refused whole and by name at every door", async () => {
    const small = { code: "8867-4", value: 70, unit: "/min", at: "2026-01-01T00:00:00Z" };
    const bad: readonly [what: string, batch: Record<string, unknown>, code: string][] = [
      ["empty", { readings: [] }, "empty-batch"],
      ["5,000 readings that are nothing", { readings: Array(5_000).fill(0) }, "batch-too-large"],
      ["1,001 readings", { readings: Array(1_001).fill(small) }, "batch-too-large"],
      ["5,000 readings", { readings: Array(5_000).fill(small) }, "body-too-large"],
      ["no readings", {}, "invalid-input"],
      ["a text for readings", { readings: "none" }, "invalid-input"],
      ["an unknown field", { readings: [reading()], [canary.unknown]: 1 }, "unknown-field"],
      ["a boot with blanks", { boot: "a b", readings: [reading()] }, "invalid-input"],
      ["a negative number", { seq: -1, readings: [reading()] }, "invalid-input"],
      ["a broken number", { seq: 1.5, readings: [reading()] }, "invalid-input"],
      ["a text number", { seq: "1", readings: [reading()] }, "invalid-input"],
      ["a number too large", { seq: 2 ** 53, readings: [reading()] }, "invalid-input"],
      ["a battery of 400 %", { readings: [reading()], status: { battery: 400 } }, "invalid-input"],
    ];
    for (const [what, batch, code] of bad) {
      for (const verdict of await throughAll(batch)) expect({ what, ...verdict }).toMatchObject({ what, acked: false, refused: [], code });
    }
    for (const door of doors) {
      for (const text of ["", "{", "NaN"])
        expect([door.name, text, (await door.send(text)).code]).toEqual([door.name, text, "malformed-json"]);
      expect((await door.send(deep(10_000))).code).toBe("too-deep");
    }
  });

  test("repeated and reordered batches are stored once, the first of each number as it was", async () => {
    const startMs = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
    const at = (second: number) => new Date(startMs + second * 1000).toISOString();
    const order = [3, 1, 0, 1, 2, 3, 0, 5, 4, 4, 5, 2];
    for (const [turn, number] of order.entries()) {
      const readings = [{ code: "9279-1", value: 10 + number, unit: "/min", at: at(number * 10) }];
      // A repeat with other readings under a known number is a repeat all the same.
      if (order.indexOf(number) !== turn) readings.push({ code: "9279-1", value: 60, unit: "/min", at: at(number * 10 + 5) });
      const door = doors[turn % doors.length];
      expect(await door?.send(JSON.stringify({ boot: "reordered", seq: number, readings }))).toMatchObject({ acked: number, code: null });
    }
    // Readers take a patient's batches in order: once the last one is stored, all are judged.
    const last = { code: "9279-1", value: 20, unit: "/min", at: at(60) };
    await doors[0]?.send(JSON.stringify({ boot: "reordered", seq: 6, readings: [last] }));
    const query = { patientId: strangerId, code: "9279-1", from: at(0), to: at(100), resolution: "raw" };
    const { items } = await until(
      () => stranger.call(listReadings, { query }),
      (answer) => answer.items.some((item) => item.at === last.at),
      "last batch stored",
    );
    const expected = [0, 1, 2, 3, 4, 5].map((number) => ({ at: at(number * 10), value: 10 + number }));
    expect(items).toEqual([...expected, { at: last.at, value: last.value }]);
  });

  test("a replay device cannot send from the future", async () => {
    const replay = httpDoor(anonymous, deviceOf(instance, 0));
    const batch = { boot, seq: 0, readings: [reading()], sentAt: "2161-01-01T00:00:00Z" };
    expect((await replay.send(JSON.stringify(batch))).code).toBe("time-in-future");
  });

  test("a revoked device: its sockets are closed within five seconds and every door refuses it", async () => {
    const lost = await pairDevice(stranger, strangerId);
    const socket = await socketDoor(instance.url, lost);
    const broker = await natsDoor(lost);
    const batch = (number: number) => JSON.stringify({ boot, seq: number, readings: [reading()] });
    for (const [number, door] of [httpDoor(anonymous, lost), socket, broker].entries()) {
      expect(await door.send(batch(number))).toMatchObject({ acked: number });
    }
    const revokedAtMs = performance.now();
    await stranger.call(revokeDevice, { params: { id: lost.id } });
    await eventually(() => socket.closed() !== null, 5_000, "socket of the revoked device closed");
    process.stdout.write(
      `socket closed ${Math.round((socket.closed()?.atMs ?? 0) - revokedAtMs)} ms after the request to revoke the device\n`,
    );
    expect(socket.closed()?.code).toBe(4401);
    expect((await httpDoor(anonymous, lost).send(batch(3))).code).toBe("invalid-token");
    expect(await whyRefused(socketDoor(instance.url, lost))).toContain("refused");
    expect((await broker.send(batch(4))).acked).toBeNull();
    expect(await whyRefused(natsDoor(lost))).toContain("refused");
    broker.close();
  });

  test("made-up and damaged tokens open no door", async () => {
    const [id = "", secret = ""] = device.token.split(".");
    const wrong = ["", "x", id, `${id}.`, `${id}.${"A".repeat(43)}`, `${deviceOf(instance, 0).id}.${secret}`, `${device.token}x`];
    for (const token of wrong) {
      expect([token, (await httpDoor(anonymous, { token }).send("{}")).code]).toEqual([token, "invalid-token"]);
      expect(await whyRefused(socketDoor(instance.url, { token }))).toContain("refused");
    }
    expect(await whyRefused(natsDoor({ ...device, token: `${id}.${"A".repeat(43)}` }))).toContain("refused");
    expect(await whyRefused(natsDoor({ ...device, nats: { ...device.nats, user: deviceOf(instance, 0).id } }))).toContain("refused");
  });
});

describe("another patient's things", () => {
  const fill = (prefix: string) => `${prefix}_${"0".repeat(32)}`;
  const withoutTrace = ({ status, text, headers }: Answer) => ({
    status,
    type: headers.get("content-type"),
    text: text.replace(/"traceId":"[0-9a-f]+"/, ""),
  });

  test("answer byte for byte as an id that names nothing", async () => {
    const { doctorId, reasonId } = doctorOf(instance, 1);
    const victimId = patientIdOf(instance);
    const [session] = (await victim.call(listAppointments)).items;
    const slots = await victim.call(listSlots, { query: { doctorId, reasonId, from: day(2), to: day(20) } });
    const held = await victim.call(hold, { body: { doctorId, reasonId, start: slots.items.at(-1)?.start ?? "" } });
    const { items: devices } = await victim.call(listDevices);
    const period = { code: "8867-4", from: now(-3_600_000), to: now() };
    const key = () => ({ "idempotency-key": randomUUID() });
    type Input = { params?: Record<string, string>; query?: Record<string, string>; body?: unknown; headers?: Record<string, string> };
    const tries: readonly [endpoint: Endpoint, id: string, input: (id: string) => Input][] = [
      [getPatient, victimId, (id) => ({ params: { id } })],
      [listRelationships, victimId, (id) => ({ params: { id } })],
      [openRelationship, victimId, (id) => ({ params: { id }, body: { doctorId } })],
      [listReadings, victimId, (patientId) => ({ query: { patientId, ...period } })],
      [latestReadings, victimId, (patientId) => ({ query: { patientId } })],
      [listDevices, victimId, (patientId) => ({ query: { patientId } })],
      [createPairing, victimId, (patientId) => ({ body: { patientId } })],
      [listAlerts, victimId, (patientId) => ({ query: { patientId } })],
      [listAudit, victimId, (patientId) => ({ query: { patientId } })],
      [listAppointments, victimId, (patientId) => ({ query: { patientId } })],
      [book, victimId, (patientId) => ({ body: { doctorId, reasonId, start: slots.items.at(-2)?.start, patientId }, headers: key() })],
      [getAppointment, session?.id ?? "", (id) => ({ params: { id } })],
      [cancel, session?.id ?? "", (id) => ({ params: { id }, body: {} })],
      [getHold, held.id, (id) => ({ params: { id } })],
      [extendHold, held.id, (id) => ({ params: { id } })],
      [releaseHold, held.id, (id) => ({ params: { id } })],
      [book, held.id, (holdId) => ({ body: { holdId }, headers: key() })],
      [rotateDevice, devices[0]?.id ?? "", (id) => ({ params: { id } })],
      [revokeDevice, devices[0]?.id ?? "", (id) => ({ params: { id } })],
    ];
    for (const [endpoint, id, input] of tries) {
      const send = ({ params, query, body, headers }: Input) => {
        const { body: text, headers: type } = body === undefined ? {} : jsonOf(body);
        return stranger.send(endpoint.method, pathOf(endpoint, params, query), {
          ...(text === undefined ? {} : { body: text }),
          headers: { ...type, ...headers },
        });
      };
      const real = await send(input(id));
      const unknown = await send(input(fill(id.slice(0, 3))));
      expect([endpoint.id, said(real)]).toEqual([endpoint.id, refusal("not-found")]);
      expect([endpoint.id, withoutTrace(real)]).toEqual([endpoint.id, withoutTrace(unknown)]);
    }
    // The hold and the visit stand as they were.
    expect(await victim.call(getHold, { params: { id: held.id } })).toMatchObject({ id: held.id, expiresAt: held.expiresAt });
    expect(await victim.call(getAppointment, { params: { id: session?.id ?? "" } })).toEqual(session as NonNullable<typeof session>);
    expect((await victim.call(listDevices)).items).toEqual(devices);
    await victim.call(releaseHold, { params: { id: held.id } });
  });

  test("ids that are none are not found either", async () => {
    for (const id of ["x", "1", "pat_", fill("pat").toUpperCase(), fill("apt"), "' or 1=1", "pat_%2e%2e", "null"]) {
      for (const endpoint of [getPatient, getAppointment, getAlert] as const) {
        const answer = await stranger.send("GET", pathOf(endpoint, { id }));
        expect([id, answer.status]).toEqual([id, answer.code === "bad-path" ? 400 : answer.code === "forbidden" ? 403 : 404]);
      }
      expect(said(await stranger.send("GET", pathOf(latestReadings, {}, { patientId: id })))).toBeOneOf([
        refusal("invalid-input"),
        refusal("not-found"),
      ]);
    }
    expect(said(await stranger.ask(revokeSession, { params: { id: fill("ses") } }))).toBe(refusal("not-found"));
    expect(said(await stranger.ask(getSchedule, { params: { doctorId: doctorOf(instance).doctorId } }))).toBe(refusal("forbidden"));
  });
});

describe("booking", () => {
  const key = (value: string = randomUUID()) => ({ "idempotency-key": value });
  const doctor = () => doctorOf(instance, 2);
  async function freeSlots(): Promise<string[]> {
    const { doctorId, reasonId } = doctor();
    const { items } = await stranger.call(listSlots, { query: { doctorId, reasonId, from: day(3), to: day(25) } });
    return items.map(({ start }) => start);
  }
  const at = (start: string | undefined) => ({ doctorId: doctor().doctorId, reasonId: doctor().reasonId, start: start ?? "" });

  test("times that are past, outside the hours, taken or held are refused, each with its code", async () => {
    const slots = await freeSlots();
    const past = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 7 * 86_400_000).toISOString();
    const night = `${slots.at(-1)?.slice(0, 10)}T02:00:00Z`;
    const odd = new Date(Date.parse(slots.at(-1) ?? "") + 60_000).toISOString();
    await victim.call(book, { body: at(slots.at(-1)), headers: key() });
    const held = await victim.call(hold, { body: at(slots.at(-3)) });
    for (const [start, code] of [
      [past, "slot-in-past"],
      [night, "slot-outside-hours"],
      [odd, "slot-outside-hours"],
      [slots.at(-1), "slot-taken"],
      [slots.at(-3), "slot-taken"],
    ] as const) {
      for (const answer of [await stranger.ask(hold, { body: at(start) }), await stranger.ask(book, { body: at(start), headers: key() })]) {
        expect([start, said(answer)]).toEqual([start, refusal(code)]);
        if (code === "slot-taken") expect((answer.json as { alternatives: unknown[] }).alternatives.length).toBe(3);
      }
    }
    await victim.call(releaseHold, { params: { id: held.id } });
    for (const start of ["tomorrow", "2026-13-01T00:00:00Z", "", 7, null]) {
      const answer = await stranger.send("POST", hold.path, jsonOf({ ...at(""), start }));
      expect([start, said(answer)]).toEqual([start, refusal("invalid-input")]);
    }
  });

  test("one key books once, sent in turn or at the same time; another request under it is refused", async () => {
    const [first, second] = await freeSlots();
    const mine = key();
    const answers = await Promise.all(Array.from({ length: 10 }, () => stranger.ask(book, { body: at(first), headers: mine })));
    answers.push(await stranger.ask(book, { body: at(first), headers: mine }));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(said(await stranger.ask(book, { body: at(second), headers: mine }))).toBe(refusal("idempotency-mismatch"));
    expect(said(await stranger.ask(book, { body: at(second) }))).toBe(refusal("idempotency-key-required"));
    expect(said(await stranger.ask(book, { body: at(second), headers: key("x".repeat(129)) }))).toBe(refusal("invalid-input"));
    const { items } = await stranger.call(listAppointments);
    expect(items.filter(({ start }) => start === first).length).toBe(1);
    expect(items.filter(({ start }) => start === second).length).toBe(0);
    // Somebody else's request under the same key is their own.
    expect(said(await victim.ask(book, { body: at(first), headers: mine }))).toBe(refusal("slot-taken"));
  });

  test("fifty bookings of one time at once: one is made, the others are offered three other times", async () => {
    const patients = await Promise.all([0, 1, 2, 3, 4].map((nth) => signIn(instance, accountOf(instance, "patient", nth), heard)));
    const start = (await freeSlots())[4];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, nth) => (patients[nth % patients.length] ?? victim).ask(book, { body: at(start), headers: key() })),
    );
    expect(answers.filter(({ status }) => status === 201).length).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(said(answer)).toBe(refusal("slot-taken"));
      const { alternatives } = answer.json as { alternatives: { start: string }[] };
      expect([alternatives.length, alternatives.some((slot) => slot.start === start)]).toEqual([3, false]);
    }
    expect(await freeSlots()).not.toContain(start as string);
  });

  test("an expired hold books nothing, and its time is free again", async () => {
    const start = (await freeSlots()).at(-2);
    const held = await stranger.call(hold, { body: at(start) });
    const moved = await anonymous.send("POST", testClockPath, jsonOf({ advanceSeconds: 301 }));
    expect(moved.status).toBe(200);
    const late = await until(
      () => stranger.ask(getHold, { params: { id: held.id } }),
      ({ status }) => status !== 200,
      "hold expired",
    );
    expect(said(late)).toBe(refusal("hold-expired"));
    expect(said(await stranger.ask(book, { body: { holdId: held.id }, headers: key() }))).toBe(refusal("hold-expired"));
    expect(said(await stranger.ask(extendHold, { params: { id: held.id } }))).toBe(refusal("hold-expired"));
    expect((await victim.call(hold, { body: at(start) })).start).toBe(start as string);
  });
});

describe("other sites and other paths", () => {
  test("what another site's page sends is refused; the own page and plain clients are not", async () => {
    const { url } = instance;
    const foreign: Record<string, string>[] = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: url.replace("http:", "https:") },
      { origin: `${url}.evil.example` },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: url, "sec-fetch-site": "cross-site" },
    ];
    for (const headers of foreign) {
      const read = await victim.send("GET", me.path, { headers });
      const change = await victim.send("POST", hold.path, { ...jsonOf({}), headers: { "content-type": "application/json", ...headers } });
      const strange = await anonymous.send("POST", login.path, { body: "{}", headers: { "content-type": "application/json", ...headers } });
      expect([headers, ...[read, change, strange].map(said)]).toEqual([headers, ...Array(3).fill(refusal("foreign-origin"))]);
    }
    for (const headers of [{}, { origin: url }, { "sec-fetch-site": "same-origin", origin: url }, { "sec-fetch-site": "none" }]) {
      expect([headers, (await victim.send("GET", me.path, { headers })).status]).toEqual([headers, 200]);
    }
    expect(await whyRefused(socketDoor(url, device, { origin: "https://evil.example" }))).toContain("refused");
    const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
    expect((await anonymous.send("OPTIONS", login.path, { headers })).status).toBeOneOf([403, 404, 405]);
  });

  test("the cookie of an ended session, a damaged one and a made-up one are nobody", async () => {
    const caller = await signIn(instance, accountOf(instance, "patient", 1), heard);
    const { cookie } = caller;
    await caller.call(logout);
    const name = cookie.split("=")[0];
    for (const dead of [
      cookie,
      `${cookie}x`,
      cookie.slice(0, -1),
      `${name}=${"A".repeat(43)}`,
      `${name}=`,
      `${name}=${"x".repeat(4000)}`,
    ]) {
      const answer = await anonymous.send("GET", me.path, { headers: { cookie: dead } });
      expect([dead, answer.status, answer.code]).toEqual([dead, 401, "not-signed-in"]);
    }
  });

  test("no path leads around the table of paths", async () => {
    const tricks = [
      "/api/../internal/auth/accounts/x",
      "/api/%2e%2e/internal/auth/accounts/x",
      "/api/auth/%2E%2E/%2e%2e/metrics",
      "/api/auth/..%2f..%2fmetrics",
      "/api/auth/..%5c..%5cmetrics",
      "/api/%252e%252e/metrics",
      "/api\\auth\\me",
      "//internal/auth/accounts/x",
      "/api//auth/me",
      "/api/auth/me%00",
      "/api/auth/me%0d%0aset-cookie:x",
      "/api/auth/me;x=1",
      "/api/auth/%ff%fe",
      "/api/auth/%",
      "/api/internal/auth/accounts/x",
      "/api/auth/../internal/auth/accounts/x",
      "/api/auth/internal/accounts/x",
      "/api/auth/metrics",
      "/api/auth/healthz",
      "/api/alerts/../../internal/openapi.json",
      `/api/auth/${"a".repeat(9_000)}`,
      `/api/${"a/".repeat(40)}`,
      "/../../etc/passwd",
      "/assets/../../../../etc/passwd",
      "/assets/..%2f..%2f..%2fetc/passwd",
      "/console/%2e%2e/%2e%2e/package.json",
    ];
    for (const path of tricks) {
      const text = await rawExchange(
        instance.port,
        `GET ${path} HTTP/1.1\r\nHost: localhost:${instance.port}\r\nConnection: close\r\n\r\n`,
      );
      const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
      const told = `${status} ${/"code":"([a-z-]+)"/.exec(text)?.[1]}`;
      expect([path.slice(0, 80), told]).toEqual([path.slice(0, 80), told === refusal("not-found") ? told : refusal("bad-path")]);
    }
  });

  test("requests that are not HTTP, or two in one, are refused", async () => {
    const post = `POST ${login.path} HTTP/1.1\r\nHost: localhost:${instance.port}\r\nContent-Type: application/json\r\n`;
    const get = `GET ${me.path} HTTP/1.1\r\nHost: localhost:${instance.port}\r\n`;
    const tricks = [
      `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{"a":1`,
      `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /internal HTTP/1.1\r\nHost: x\r\n\r\n`,
      `${post}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n`,
      `${post}Content-Length: -1\r\n\r\n{}`,
      `GET ${me.path} HTTP/1.1\r\n\r\n`,
      `${get}X-Long: ${"a".repeat(100_000)}\r\n\r\n`,
      `${get}X-Nul: a\0b\r\n\r\n`,
      "\x16\x03\x01hello\r\n\r\n",
    ];
    const answers = await Promise.all(tricks.map((bytes) => rawExchange(instance.port, bytes)));
    for (const [index, text] of answers.entries()) {
      const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
      expect([index, statuses.length <= 1 && statuses.every((status) => status >= 400 && status < 500)]).toEqual([index, true]);
    }
    expect((await anonymous.send("GET", "/api/auth/.well-known/jwks.json")).status).toBe(200);
  });
});

test("a flood of wrong passwords is told to wait, and the right password works again after that", async () => {
  const account = accountOf(instance, "patient", 2);
  const wrong = (nth: number) =>
    anonymous.ask(login, { body: { email: `nobody-${nth}@patients.example`, password: `${canary.password} ${nth}` } });
  const answers = [];
  for (let nth = 0; nth < 40; nth += 8) answers.push(...(await Promise.all(Array.from({ length: 8 }, (_, more) => wrong(nth + more)))));
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThan(0);
  expect(answers.length - limited.length).toBeLessThanOrEqual(30);
  for (const answer of answers) expect(said(answer)).toBeOneOf([refusal("login-failed"), refusal("too-many-requests")]);
  const waits = limited.map(({ headers }) => Number(headers.get("retry-after")));
  for (const wait of waits) expect([wait >= 1, wait <= 300]).toEqual([true, true]);
  const { email, password } = account;
  const again = await until(
    () => anonymous.ask(login, { body: { email, password } }),
    ({ status }) => status !== 429,
    "right password after the flood",
    90_000,
  );
  expect(again.status).toBe(200);
}, 120_000);

test("one account is guessed at ten times at most", async () => {
  const { email } = accountOf(instance, "patient", 3);
  const answers: string[] = [];
  for (let nth = 0; nth < 12; nth++)
    answers.push(said(await anonymous.ask(login, { body: { email, password: `${canary.password} ${nth}` } })));
  expect(answers.at(-1)).toBe(refusal("too-many-requests"));
  expect(answers.filter((answer) => answer === refusal("login-failed")).length).toBeLessThanOrEqual(10);
}, 60_000);

describe("after all that", () => {
  test("nothing was answered with a fault, every refusal was a problem of the closed list, and no answer invites another site", () => {
    expect(heard.filter(({ status }) => status >= 500).map(({ what, status, text }) => `${what} ${status} ${text}`)).toEqual([]);
    const refusals = heard.filter(({ status }) => status >= 400);
    expect(refusals.length).toBeGreaterThan(200);
    for (const { what, status, headers, text } of refusals) {
      expect([what, headers.get("content-type")]).toEqual([what, "application/problem+json"]);
      const problem = problemSchema.parse(JSON.parse(text));
      expect([what, problem.status, problems[problem.code][0] as number]).toEqual([what, status, status]);
      expect([what, /\n\s+at |node_modules|\/src\//.test(text)]).toEqual([what, false]);
    }
    for (const { what, headers } of heard) {
      expect([what, [...headers.keys()].filter((name) => name.startsWith("access-control-"))]).toEqual([what, []]);
    }
  });

  test("no log holds a fault, a stack, a name, an address, a password, a value or a token", async () => {
    const folder = join(instance.dir, "logs");
    const secrets = [
      ...Object.values(canary),
      device.token.split(".")[1] ?? "",
      ...instance.demo.devices.map(({ token }) => token.split(".")[1] ?? ""),
      ...instance.demo.accounts.flatMap(({ email, password }) => [email, password]),
      ...[stranger, victim].map(({ cookie }) => cookie.split("=")[1] ?? ""),
    ];
    expect(secrets.every((secret) => secret.length > 5)).toBe(true);
    for (const name of readdirSync(folder)) {
      const lines = readFileSync(join(folder, name), "utf8").split("\n");
      const bad = lines.filter(
        (line) =>
          secrets.some((secret) => line.toLowerCase().includes(secret.toLowerCase())) ||
          /^\s+at .*:\d+:\d+\)?$/.test(line) ||
          /"status":5\d\d|request failed|given up on|"level":"(error|fatal)"/.test(line),
      );
      expect([name, bad]).toEqual([name, []]);
    }
    const status = await instance.status();
    expect(status.ready).toBe(true);
  });
});
