import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Alert, alertFeed, listAlerts } from "@episante/contracts/alert";
import { createPairing, pair } from "@episante/contracts/device";
import { listReadings } from "@episante/contracts/reading";
import { createRule, type RuleBody } from "@episante/contracts/rule";
import { testClockPath } from "@episante/contracts/system";
import { type Caller, type Feed, jsonOf, makeCaller, openFeed, until } from "./calls.ts";
import { setClock } from "./clinic.ts";
import { type Door, httpDoor } from "./doors.ts";
import { eventually, type Instance, startInstance } from "./instance.ts";
import { accountOf, patientIdOf, signIn } from "./people.ts";

/*
 * Technical alerts through the public port alone, under the test clock: a device that falls silent and comes back while a clinical alert is open (S5),
 * also while the engine is killed, a clock that is hours ahead (S8), what a sensor reports instead of a value (S11, S2). Each has a patient of its own.
 */
let instance: Instance;
let doctor: Caller;
let feed: Feed;
/** Business time zero, on a whole second. */
const zero = Math.ceil(Date.now() / 1000) * 1000 + 3_600_000;
const at = (t: number) => new Date(zero + t * 1000).toISOString();

beforeAll(async () => {
  instance = await startInstance(["--test-clock"]);
  await setClock(instance, { at: at(0) });
  await freeze();
  doctor = await signIn(instance, accountOf(instance, "doctor"));
  feed = await openFeed(`${instance.url}${alertFeed.path}`, doctor.cookie);
}, 240_000);
afterAll(async () => {
  feed?.close();
  await instance?.stop();
}, 60_000);

/** Business time stands still between the steps of a scenario, so that every instant is exact. */
async function freeze(): Promise<void> {
  const answer = await makeCaller(instance.url).send("POST", testClockPath, jsonOf({ freeze: true }));
  expect(answer.status).toBe(200);
}
const clockTo = (t: number) => setClock(instance, { at: at(t) });

interface Sent {
  readonly code?: string;
  readonly unit?: string;
  readonly status?: { readonly battery?: number; readonly worn?: boolean };
  /** Device time, where it is not the time it is sent at. */
  readonly deviceAt?: string;
}
/** A device of the nth patient. `send` sets the clock to `t`, sends one reading of SpO2, and says what became of it. */
async function wearable(nth: number) {
  const patientId = patientIdOf(instance, nth);
  const { code } = await doctor.call(createPairing, { body: { patientId } });
  const paired = await makeCaller(instance.url).call(pair, { body: { code, model: "Test", serial: `t-${nth}` } });
  const door: Door = httpDoor(makeCaller(instance.url), paired);
  let seq = 0;
  const send = async (t: number, value: number | string, { code = "59408-5", unit = "%", status, deviceAt = at(t) }: Sent = {}) => {
    await clockTo(t);
    const readings = [{ code, value, unit, at: deviceAt }];
    const batch = { boot: "b1", seq: seq++, readings, ...(status ? { status } : {}) };
    const verdict = await until(
      () => door.send(JSON.stringify(batch)),
      (said) => said.code !== "not-found" && said.code !== "unauthenticated",
      "a paired device is let in",
    );
    expect(verdict.code).toBeNull();
    return verdict.refused.map((one) => one.code);
  };
  return { patientId, send };
}

async function rule(body: RuleBody, patientId: string): Promise<void> {
  await doctor.call(createRule, { body: { name: body.kind, scope: { kind: "patient", id: patientId }, rule: body } });
}
const alertsOf = async (patientId: `pat_${string}`) => (await doctor.call(listAlerts, { query: { patientId } })).items;
const shown = ({ class: of, rule: { kind }, status, onsetAt, firedAt, clearedAt }: Alert) => [
  of,
  kind,
  status,
  onsetAt,
  firedAt,
  clearedAt,
];
const technicalOf = async (patientId: `pat_${string}`) =>
  (await alertsOf(patientId)).filter((alert) => alert.class === "technical").map(shown);
/** Waits until the patient's technical alerts are these. */
const technicalAre = (patientId: `pat_${string}`, expected: readonly unknown[][], what: string) =>
  until(
    () => technicalOf(patientId),
    (found) => JSON.stringify(found) === JSON.stringify(expected.map((one) => [...one])),
    what,
  );
const told = (patientId: string) =>
  feed.events
    .filter(({ event }) => event === "alert")
    .map(({ data }) => data as Alert)
    .filter((alert) => alert.patientId === patientId);

test("S5: silent for 300 s is one technical alert at 900, while the engine is killed too; the clinical alert stays open, stale; readings end both states", async () => {
  const { patientId, send } = await wearable(0);
  await rule(
    {
      kind: "threshold",
      code: "59408-5",
      op: "<",
      value: 90,
      unit: "%",
      holdSeconds: 60,
      clear: { value: 92, seconds: 60 },
      gapSeconds: 120,
      severity: "critical",
    },
    patientId,
  );
  await rule({ kind: "silence", timeoutSeconds: 300, severity: "warning" }, patientId);
  for (let t = 0; t <= 600; t += 60) expect(await send(t, t >= 60 ? 88 : 95)).toEqual([]);
  const own = async () => (await alertsOf(patientId)).find((alert) => alert.class === "clinical" && alert.explanation.holdSeconds === 60);
  await until(own, (alert) => alert?.status === "open" && alert.lastReadingAt === at(600), "the clinical alert with its last reading");
  expect((await own())?.stale).toBeUndefined();
  const before = told(patientId).length;
  await clockTo(721);
  await eventually(
    () =>
      told(patientId)
        .slice(before)
        .some((alert) => alert.stale === true),
    20_000,
    "consoles told of stopped readings",
  );
  await clockTo(899);
  await Bun.sleep(3_000);
  expect(await technicalOf(patientId)).toEqual([]);

  const engine = async () => (await instance.status()).processes.find(({ name }) => name === "alert");
  const pid = (await engine())?.pid ?? 0;
  process.kill(pid, "SIGKILL");
  await clockTo(905);
  await eventually(
    async () => {
      const now = await engine();
      return now !== undefined && now.pid !== pid && now.ready;
    },
    60_000,
    "the engine is back",
  );
  // Until it has heard svc/patient it decides nothing about doctors.
  await until(
    () => doctor.ask(listAlerts),
    ({ status }) => status === 200,
    "the engine knows who may ask",
  );
  const silent = ["technical", "silence", "open", at(600), at(900), undefined];
  await technicalAre(patientId, [silent], "silence found after the restart");
  await clockTo(1100);
  await Bun.sleep(2_500);
  await technicalAre(patientId, [silent], "one silence");
  expect(await own()).toMatchObject({ status: "open", stale: true, onsetAt: at(60) });

  await send(1200, 95);
  await technicalAre(patientId, [["technical", "silence", "resolved", at(600), at(900), at(1200)]], "the reading ends the silence");
  await until(own, (alert) => alert?.status === "open" && alert.stale === undefined, "no longer stale");
  await send(1230, 95);
  await send(1260, 95);
  await until(own, (alert) => alert?.status === "resolved" && alert.clearedAt === at(1260), "60 s of 92 or more end the clinical alert");
}, 240_000);

test("S8: a clock 7,800 s ahead is one technical alert, nothing of it is judged, silence goes by receive time, and it ends when the clock is right", async () => {
  const { patientId, send } = await wearable(1);
  await rule({ kind: "silence", timeoutSeconds: 300, severity: "warning" }, patientId);
  const from = 2_000;
  const ahead = (t: number) => ({ deviceAt: at(t + 7_800) });
  for (let t = from; t <= from + 60; t += 10) expect(await send(t, 95, ahead(t))).toEqual(["time-in-future"]);
  const skewed = ["technical", "clock-skew", "open", at(from), at(from + 10), undefined];
  await technicalAre(patientId, [skewed], "the clock");
  const [alert] = await alertsOf(patientId);
  expect(alert).toMatchObject({ value: 7_800, unit: "s" });
  expect(await send(from + 70, 95, { deviceAt: "2161-07-12T00:00:00Z" })).toEqual(["time-in-future"]);
  await clockTo(from + 371);
  await technicalAre(
    patientId,
    [["technical", "silence", "open", at(from + 70), at(from + 370), undefined], skewed],
    "silence, counted from when it was last heard",
  );
  expect(await send(from + 400, 95)).toEqual([]);
  await technicalAre(
    patientId,
    [
      ["technical", "silence", "resolved", at(from + 70), at(from + 370), at(from + 400)],
      ["technical", "clock-skew", "resolved", at(from), at(from + 10), at(from + 400)],
    ],
    "both are over",
  );
  expect((await alertsOf(patientId)).filter((one) => one.class === "clinical")).toEqual([]);
  const kept = await until(
    () => doctor.call(listReadings, { query: { patientId, code: "59408-5", from: at(from - 10), to: at(from + 20_000) } }),
    ({ items }) => items.length > 0,
    "the reading with the right time stored",
  );
  expect(kept.items.map((item) => item.at)).toEqual([at(from + 400)]);
}, 120_000);

test("S11 and S2: a sensor's fault code and values nobody can have are technical only; they are stored, or refused with the reason, and judge nothing", async () => {
  const { patientId, send } = await wearable(2);
  const low = { op: "<", holdSeconds: 0, gapSeconds: 600, severity: "critical" } as const;
  await rule({ kind: "threshold", code: "99504-3", value: 54, unit: "mg/dL", ...low }, patientId);
  await rule({ kind: "threshold", code: "59408-5", value: 90, unit: "%", ...low }, patientId);
  for (const code of ["99504-3", "59408-5"]) await rule({ kind: "signal-quality", code, inRow: 3, severity: "notice" }, patientId);
  const cgm = { code: "99504-3", unit: "mg/dL" };
  const from = 4_000;
  await send(from, 110, cgm);
  await send(from + 300, 10, cgm);
  const faulty = (status: string, clearedAt?: string) => ["technical", "signal-quality", status, at(from + 300), at(from + 300), clearedAt];
  await technicalAre(patientId, [faulty("open")], "the sensor's fault");
  await send(from + 600, 100, cgm);
  await technicalAre(patientId, [faulty("resolved", at(from + 600))], "the sensor works again");

  const bad = [0, 127, 255];
  for (const [index, value] of bad.entries()) expect(await send(from + 700 + index, value)).toEqual([]);
  expect(await send(from + 703, "–")).toEqual(["not-a-number"]);
  await send(from + 704, 95);
  await technicalAre(
    patientId,
    [["technical", "signal-quality", "resolved", at(from + 700), at(from + 702), at(from + 704)], faulty("resolved", at(from + 600))],
    "three implausible values in a row",
  );
  const kept = await until(
    () => doctor.call(listReadings, { query: { patientId, code: "59408-5", from: at(from + 700), to: at(from + 710) } }),
    ({ items }) => items.length > bad.length,
    "what may be stored is stored",
  );
  expect(kept.items).toEqual([
    ...bad.map((value, index) => ({ at: at(from + 700 + index), value, flag: "implausible" })),
    { at: at(from + 704), value: 95 },
  ]);
  expect((await alertsOf(patientId)).filter((one) => one.class === "clinical")).toEqual([]);
  // What a device says of itself needs no rule of the doctor's: a new clinic has that one.
  await send(from + 800, 95, { status: { battery: 9 } });
  const charged = ["technical", "low-battery", "resolved", at(from + 800), at(from + 800), at(from + 900)];
  await send(from + 900, 95, { status: { battery: 80 } });
  await until(
    () => technicalOf(patientId),
    (found) => JSON.stringify(found[0]) === JSON.stringify(charged),
    "the battery was low and is charged",
  );
}, 120_000);
