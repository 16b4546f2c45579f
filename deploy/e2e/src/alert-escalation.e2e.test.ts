import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Alert, ackAlert, getAlert, listAlerts, resolveAlert, snoozeAlert } from "@episante/contracts/alert";
import type { AccountId } from "@episante/contracts/ids";
import { inbox, type messageSchema } from "@episante/contracts/notification";
import { getOnCall, type OnCallSettings, putOnCall } from "@episante/contracts/on-call";
import { postReadings } from "@episante/contracts/reading";
import { createRule, deleteRule, listRules } from "@episante/contracts/rule";
import { testClockPath } from "@episante/contracts/system";
import type { z } from "zod";
import { type Caller, jsonOf, makeCaller, until } from "./calls.ts";
import { addDays, lyon, setClock, wallTime } from "./clinic.ts";
import { type Instance, startInstance } from "./instance.ts";
import { accountOf, deviceOf, signIn } from "./people.ts";

/*
 * Acceptance scenarios S9 and S10 through the public port alone: who is called by an alert and when, what stops it, a killed engine, quiet hours
 * across a clock change, one page for many alerts, a critical alert that keeps a lesser one back. Business time stands still between steps and
 * only ever goes forward; people look at the alert's history and into their own inboxes.
 */
let instance: Instance;
let doctor: Caller;
let admin: Caller;
const inboxes = new Map<string, Caller>();
/** `chief` is a doctor who treats none of the patients with a replay device; `head` is no doctor. */
const ids: Record<"nurse" | "doctor" | "head" | "chief", AccountId> = { nurse: "acc_", doctor: "acc_", head: "acc_", chief: "acc_" };
/** Second 0 of the scenario under way, as an instant. */
let zero = 0;
/** A day by which the demo's people and patients are known. */
const today = addDays(wallTime(new Date().toISOString()).slice(0, 10), 2);

beforeAll(async () => {
  instance = await startInstance(["--test-clock"], undefined, "Pacific/Auckland");
  const frozen = await makeCaller(instance.url).send("POST", testClockPath, jsonOf({ freeze: true }));
  expect(frozen.status).toBe(200);
  doctor = await signIn(instance, accountOf(instance, "doctor"));
  admin = await signIn(instance, accountOf(instance, "admin"));
  const [nurse, own, head] = [accountOf(instance, "staff"), accountOf(instance, "doctor"), accountOf(instance, "admin")];
  const chief = accountOf(instance, "doctor", 2);
  Object.assign(ids, { nurse: nurse.id, doctor: own.id, head: head.id, chief: chief.id });
  inboxes
    .set("nurse", await signIn(instance, nurse))
    .set("doctor", doctor)
    .set("chief", await signIn(instance, chief))
    .set("head", admin);
  await until(
    () => admin.call(getOnCall),
    ({ people }) => Object.values(ids).every((id) => people.some(({ accountId }) => accountId === id)),
    "members in the on-call settings",
  );
  // The scenarios bring rules of their own; what the clinic starts with would call beside them.
  for (const rule of (await doctor.call(listRules)).items) await doctor.call(deleteRule, { params: { id: rule.id } });
  for (const [value, severity] of [
    [85, "critical"],
    [90, "warning"],
  ] as const)
    await addRule(value, severity);
}, 240_000);
afterAll(async () => {
  await instance?.stop();
}, 60_000);

async function addRule(value: number, severity: "critical" | "warning"): Promise<string> {
  const rule = { kind: "threshold", code: "59408-5", op: "<", value, unit: "%", holdSeconds: 0, gapSeconds: 60, severity } as const;
  return (await doctor.call(createRule, { body: { name: `SpO₂ < ${value}`, scope: { kind: "clinic" }, rule } })).id;
}
const chain = (...steps: [keyof typeof ids, number][]) => steps.map(([who, afterSeconds]) => ({ to: ids[who], afterSeconds }));
async function set(more: Partial<OnCallSettings> = {}): Promise<void> {
  const steps = chain(["nurse", 0], ["doctor", 300], ["head", 600]);
  const chains = { critical: steps, warning: steps };
  await admin.call(putOnCall, { body: { zone: "Europe/Paris", chains, rota: { weekly: [], exceptions: [] }, quiet: null, ...more } });
}

/** Begins a scenario: its second 0 is a wall-clock time in Lyon. */
async function begin(day: string, time: string): Promise<void> {
  zero = Date.parse(lyon(day, time));
  await at(0);
}
const instantAt = (second: number) => new Date(zero + second * 1000).toISOString();
const at = (second: number) => setClock(instance, { at: instantAt(second) });
let seq = 0;
/** One value of a patient's oxygen saturation, read and sent now. @param nth replay device: they have the first two patients */
async function reading(nth: number, second: number, value: number): Promise<void> {
  await at(second);
  const { token } = deviceOf(instance, nth);
  const now = instantAt(second);
  const body = { boot: "b1", seq: seq++, sentAt: now, readings: [{ code: "59408-5", value, unit: "%", at: now }] };
  const sent = { ...jsonOf(body), headers: { "content-type": "application/json", authorization: `Bearer ${token}` } };
  // As devices do: sent again until it is taken.
  await until(
    () => makeCaller(instance.url).send("POST", postReadings.path, sent),
    ({ status }) => status === 202,
    "reading taken",
  );
}
/** Open and acknowledged alerts of a patient, once there are so many; a killed engine's readers take their time to be taken over. */
async function alertsOf(nth: number, count: number): Promise<Alert[]> {
  const lasting = async () => {
    const answer = await doctor.ask(listAlerts, { query: { patientId: deviceOf(instance, nth).patientId } });
    // While the engine starts again, nobody answers.
    if (answer.status !== 200) return [];
    const { items } = answer.json as { items: Alert[] };
    return items.filter(({ status }) => status === "open" || status === "acked");
  };
  return until(lasting, ({ length }) => length === count, `${count} alerts of patient ${nth}`, 40_000);
}
const ofSeverity = (alerts: readonly Alert[], severity: Alert["severity"]) => {
  const found = alerts.find((alert) => alert.severity === severity);
  if (!found) throw new Error(`no ${severity} alert`);
  return found;
};
async function open(nth: number, second: number, value = 88): Promise<Alert> {
  await reading(nth, second, value);
  return ofSeverity(await alertsOf(nth, value < 85 ? 2 : 1), value < 85 ? "critical" : "warning");
}
async function clear(nth: number, second: number): Promise<void> {
  await reading(nth, second, 97);
  await alertsOf(nth, 0);
}
async function historyOf(id: string, nth: number): Promise<Alert["history"]> {
  const answer = await doctor.ask(listAlerts, { query: { patientId: deviceOf(instance, nth).patientId } });
  return answer.status === 200 ? ((answer.json as { items: Alert[] }).items.find((alert) => alert.id === id)?.history ?? []) : [];
}
const isCall = ({ action }: { action: string }) => /^(?:paged|escalated)/.test(action);
/** Who was called by an alert: `second who`, late ones so marked. */
async function callsOf({ id }: Alert, nth = 0): Promise<string[]> {
  const who = (accountId = "") => Object.entries(ids).find(([, one]) => one === accountId)?.[0] ?? accountId;
  return (await historyOf(id, nth)).filter(isCall).map(({ at: when, action, to }) => {
    const late = action.endsWith("-late") ? " late" : "";
    return `${(Date.parse(when) - zero) / 1000} ${who(to?.accountId)}${late}`;
  });
}
const called = (alert: Alert, count: number, nth = 0) =>
  until(
    () => callsOf(alert, nth),
    ({ length }) => length === count,
    `${count} calls of an alert`,
  );
type Message = z.infer<typeof messageSchema>;
/** Messages in somebody's inbox that name one of these alerts. */
async function pagesOf(who: keyof typeof ids, ...alerts: Alert[]): Promise<Message[]> {
  const { items } = await (inboxes.get(who) as Caller).call(inbox, { query: { about: "alerts", limit: "100" } });
  return items.filter(({ page }) => page?.alerts.some(({ id }) => alerts.some((alert) => alert.id === id)));
}
const pages = (who: keyof typeof ids, count: number, ...alerts: Alert[]) =>
  until(
    () => pagesOf(who, ...alerts),
    ({ length }) => length === count,
    `${count} pages of ${who}`,
  );
/** Long enough for two looks of the engine's timers: what has not come by then does not come. */
const twoLooks = () => Bun.sleep(2_500);

async function killEngine(): Promise<void> {
  const pid = (await instance.status()).processes.find(({ name }) => name === "alert")?.pid;
  if (!pid) throw new Error("svc/alert does not run");
  process.kill(pid, "SIGKILL");
}

test("S9 A: without an answer the nurse, the doctor and the head are called at 0, 300 and 600 s, each once", async () => {
  await begin(today, "09:00");
  await set();
  const alert = await open(0, 0);
  await called(alert, 1);
  const [shown] = await alertsOf(0, 1);
  expect(shown?.nextEscalation?.at).toBe(instantAt(300));
  for (const [second, count] of [
    [300, 2],
    [600, 3],
  ] as const) {
    await at(second);
    await called(alert, count);
  }
  await at(1200);
  await twoLooks();
  expect(await callsOf(alert)).toEqual(["0 nurse", "300 doctor", "600 head"]);
  for (const who of ["nurse", "doctor", "head"] as const) await pages(who, 1, alert);
  await clear(0, 1260);
}, 90_000);

test("S9 A: the head who does not treat the patient sees the alert once it calls them, and takes it: the calls stop", async () => {
  await begin(today, "09:30");
  const steps = chain(["nurse", 0], ["chief", 300], ["doctor", 600]);
  await set({ chains: { critical: steps, warning: steps } });
  const chief = inboxes.get("chief") as Caller;
  const alert = await open(0, 0);
  await called(alert, 1);
  const before = await chief.ask(getAlert, { params: { id: alert.id } });
  expect([before.status, (await chief.call(listAlerts)).items]).toEqual([403, []]);
  await at(300);
  await called(alert, 2);
  await pages("chief", 1, alert);
  const { items } = await chief.call(listAlerts, { query: { status: "open" } });
  expect(items.map(({ id }) => id)).toEqual([alert.id]);
  const taken = await chief.call(ackAlert, { params: { id: alert.id } });
  expect([taken.status, taken.owner?.accountId]).toEqual(["acked", ids.chief]);
  await at(600);
  await twoLooks();
  expect(await callsOf(alert)).toEqual(["0 nurse", "300 chief"]);
  await set();
  await clear(0, 660);
}, 60_000);

test("S9 B, F, G: whoever takes the alert stops the calls; two at once, one has it; what recurs is a new episode with a new chain", async () => {
  await begin(today, "10:00");
  const alert = await open(0, 0);
  await called(alert, 1);
  await at(240);
  const again = await signIn(instance, accountOf(instance, "doctor"));
  const answers = await Promise.all([doctor, again].map((caller) => caller.ask(ackAlert, { params: { id: alert.id } })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  for (const second of [300, 600]) {
    await at(second);
    await twoLooks();
  }
  expect(await callsOf(alert)).toEqual(["0 nurse"]);
  expect((await historyOf(alert.id, 0)).filter(({ action }) => action === "acked")).toHaveLength(1);
  await clear(0, 700);
  const recurred = await open(0, 1300);
  expect(recurred.id).not.toBe(alert.id);
  await called(recurred, 1);
  await at(1600);
  expect(await called(recurred, 2)).toEqual(["1300 nurse", "1600 doctor"]);
  await clear(0, 1660);
}, 90_000);

test("S9 C: a warning is snoozed, a critical level is reached: it calls at once", async () => {
  await begin(today, "11:00");
  const warning = await open(0, 0);
  await called(warning, 1);
  await at(100);
  await doctor.call(snoozeAlert, { params: { id: warning.id }, body: { minutes: 15 } });
  await at(399);
  await twoLooks();
  expect(await callsOf(warning)).toEqual(["0 nurse"]);
  const critical = await open(0, 400, 80);
  expect(await called(critical, 1)).toEqual(["400 nurse"]);
  expect((await historyOf(warning.id, 0)).map(({ action }) => action)).toContain("snooze-pierced");
  await clear(0, 460);
}, 60_000);

test("S9 D: the engine is killed at 200 and back at 280: the doctor is called at 300, once, and nobody twice", async () => {
  await begin(today, "12:00");
  const alert = await open(0, 0);
  await called(alert, 1);
  await at(200);
  await killEngine();
  await at(280);
  await until(
    () => callsOf(alert),
    ({ length }) => length > 0,
    "engine back",
    30_000,
  );
  await twoLooks();
  expect(await callsOf(alert)).toEqual(["0 nurse"]);
  await at(300);
  expect(await called(alert, 2)).toEqual(["0 nurse", "300 doctor"]);
  await pages("nurse", 1, alert);
  await pages("doctor", 1, alert);
  await clear(0, 360);
}, 90_000);

test("S9 E: killed at 200 and back at 350: the doctor is called at 350, once, marked late; the head at 600", async () => {
  await begin(today, "13:00");
  const alert = await open(0, 0);
  await called(alert, 1);
  await at(200);
  await killEngine();
  await at(350);
  expect(await called(alert, 2)).toEqual(["0 nurse", "350 doctor late"]);
  await twoLooks();
  await at(600);
  expect(await called(alert, 3)).toEqual(["0 nurse", "350 doctor late", "600 head"]);
  expect((await pages("doctor", 1, alert))[0]?.page).toMatchObject({ late: true, step: 1 });
  await clear(0, 660);
}, 90_000);

test("S10: a critical alert of one patient keeps back their warning about the same signal, not another patient's, until it ends", async () => {
  await begin(today, "14:00");
  const critical = await open(0, 0, 80);
  const warning = ofSeverity(await alertsOf(0, 2), "warning");
  const other = await open(1, 0);
  await called(critical, 1);
  await called(other, 1, 1);
  await twoLooks();
  expect(await callsOf(warning)).toEqual([]);
  // Above the critical level, still under the other: the critical alert ends and the warning calls.
  await reading(0, 50, 88);
  expect(await called(warning, 1)).toEqual(["50 nurse"]);
  for (const nth of [0, 1]) await clear(nth, 100);
}, 60_000);

test("S10: five alerts of one patient within 30 s are one page with five lines", async () => {
  await begin(today, "15:00");
  const rules: string[] = [];
  for (const value of [96, 95, 94, 93, 92]) rules.push(await addRule(value, "warning"));
  await reading(0, 0, 97);
  for (const [index, second] of [1, 6, 12, 20, 28].entries()) {
    await reading(0, second, 95.5 - index);
    await until(
      () => alertsOf(0, index + 1),
      (alerts) => alerts.every(({ history }) => history.some(isCall)),
      `${index + 1} alerts that called`,
    );
  }
  const alerts = await alertsOf(0, 5);
  const [page, ...more] = await until(
    () => pagesOf("nurse", ...alerts),
    (found) => found.some((one) => one.page?.alerts.length === 5),
    "a page with five lines",
  );
  expect([page?.page?.alerts.length, more.length]).toEqual([5, 0]);
  for (const id of rules) await doctor.call(deleteRule, { params: { id } });
  for (const { id } of alerts) await doctor.call(resolveAlert, { params: { id } });
}, 90_000);

test("S10: in the night of a spring clock change warnings wait until 05:00Z; what lasts is sent once, what ended is in the digest, a critical alert never waits", async () => {
  const sunday = nextSpring();
  await begin(addDays(sunday, -1), "23:30");
  await set({ quiet: { from: "22:00", to: "07:00", severities: ["warning"] } });
  const before = async (nth: number) => (await doctor.call(listAlerts, { query: { patientId: deviceOf(instance, nth).patientId } })).items;
  const known = new Set([...(await before(0)), ...(await before(1))].map(({ id }) => id));
  const opened = (nth: number, count: number) =>
    until(
      async () => (await before(nth)).filter(({ id }) => !known.has(id)),
      ({ length }) => length === count,
      `${count} new alerts of patient ${nth}`,
    );
  await reading(0, 0, 88);
  await reading(1, 0, 88);
  const [lasting] = (await opened(0, 1)) as [Alert];
  const [ending] = (await opened(1, 1)) as [Alert];
  const release = `${sunday}T05:00:00.000Z`;
  for (const [alert, nth] of [
    [lasting, 0],
    [ending, 1],
  ] as const)
    await until(
      () => historyOf(alert.id, nth),
      (history) => history.some(({ action, until: end }) => action === "page-held" && end === release),
      "held until the morning",
    );
  await reading(1, 600, 80);
  const critical = ofSeverity(await opened(1, 2), "critical");
  expect(await called(critical, 1, 1)).toEqual(["600 nurse"]);
  await reading(1, 660, 97);
  const end = (Date.parse(release) - zero) / 1000;
  // 04:00Z is 06:00 on the wall: without the clock change it would be seven hours and a half after 23:30.
  for (const second of [end - 3600, end - 1]) {
    await at(second);
    await twoLooks();
  }
  expect(await pagesOf("nurse", lasting, ending)).toEqual([]);
  await at(end);
  expect(await called(lasting, 1)).toEqual([`${end} nurse`]);
  await twoLooks();
  const [sent] = await pages("nurse", 1, lasting);
  const [digest] = await pages("nurse", 1, ending);
  expect([sent?.page?.kind, digest?.page?.kind]).toEqual(["page", "digest"]);
  expect(digest?.page?.alerts).toHaveLength(1);
}, 120_000);

/** The next Sunday on which the clocks of Lyon lose an hour, a week from now at least. */
function nextSpring(): string {
  const clock = (day: string) => wallTime(`${day}T12:00:00Z`).slice(11);
  for (let day = addDays(today, 7); ; day = addDays(day, 1)) if (clock(day) === "14:00" && clock(addDays(day, -1)) === "13:00") return day;
}
