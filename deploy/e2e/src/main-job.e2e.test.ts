import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomUUID } from "node:crypto";
import { type Alert, ackAlert, alertFeed, alertSchema, listAlerts } from "@episante/contracts/alert";
import { type Appointment, book, getAppointment, hold, listAppointments, listSlots } from "@episante/contracts/appointment";
import { listAudit } from "@episante/contracts/audit";
import { analyticsAlerts, analyticsAppointments, analyticsOverview, analyticsVitals } from "@episante/contracts/doctor";
import { captured } from "@episante/contracts/notification";
import { listReadings } from "@episante/contracts/reading";
import { moveVisit, setVisitStatus, undoVisitStatus, visitFeed, visitHistory } from "@episante/contracts/visit";
import { type ReplayProgress, runReplay } from "@episante/device/replay";
import { type Caller, type Feed, openFeed, until } from "./calls.ts";
import { episante, eventually, type Instance, startInstance } from "./instance.ts";
import { accountOf, deviceOf, doctorOf, patientIdOf, signIn } from "./people.ts";
import { record, writeCsv } from "./recordings.ts";

/** The first patient, whose doctor is the first doctor, on two consoles. */
let instance: Instance;
let patient: Caller;
let console1: Caller;
let console2: Caller;
beforeAll(async () => {
  instance = await startInstance();
  patient = await signIn(instance, accountOf(instance, "patient"));
  const doctor = accountOf(instance, "doctor");
  console1 = await signIn(instance, doctor);
  console2 = await signIn(instance, doctor);
}, 180_000);
afterAll(async () => {
  await instance?.stop();
}, 60_000);

const day = (plus: number) => new Date(Date.now() + plus * 86_400_000).toISOString().slice(0, 10);
let visit: Appointment;

test("a patient holds a time, books it once however often it is sent, has the confirmation, and the agenda shows it", async () => {
  const { doctorId, reasonId } = doctorOf(instance);
  const { items } = await patient.call(listSlots, { query: { doctorId, reasonId, from: day(3), to: day(17) } });
  const start = items.at(-1)?.start ?? "";
  const held = await patient.call(hold, { body: { doctorId, reasonId, start } });
  expect(Date.parse(held.expiresAt) - Date.parse(held.serverTime)).toBe(5 * 60_000);
  const free = await patient.call(listSlots, { query: { doctorId, reasonId, from: start.slice(0, 10), to: start.slice(0, 10) } });
  expect(free.items.map((slot) => slot.start)).toContain(start);

  const sent = { body: { holdId: held.id }, headers: { "idempotency-key": randomUUID() } };
  visit = await patient.call(book, sent);
  expect(visit).toMatchObject({ status: "booked", start, doctorId, reasonId, patientId: patientIdOf(instance) });
  expect(await patient.call(book, sent)).toEqual(visit);
  expect(await patient.call(getAppointment, { params: { id: visit.id } })).toMatchObject(visit);

  const { email } = accountOf(instance, "patient");
  const mails = () => patient.call(captured, { query: { to: email, limit: "200" } });
  const before = new Date(Date.parse(visit.bookedAt) - 1_000).toISOString();
  const isConfirmation = ({ receivedAt }: { receivedAt: string }) => receivedAt >= before;
  const { items: inbox } = await until(mails, ({ items }) => items.some(isConfirmation), "confirmation mail");
  const [mail] = inbox.filter(isConfirmation);
  expect(mail?.to).toContain(email);
  expect(mail?.attachments.map(({ name }) => name).join()).toEndWith(".ics");

  const agenda = await console1.call(listAppointments, { query: { doctorId, from: visit.start, to: visit.end } });
  expect(agenda.items.map(({ id }) => id)).toEqual([visit.id]);
});

test("a visit is moved: refused where somebody else is, else with the same id, one mail, and an open agenda sees it within two seconds", async () => {
  const { doctorId, reasonId } = doctorOf(instance);
  const params = { id: visit.id };
  const secretary = await signIn(instance, accountOf(instance, "staff"));
  const agenda = await openFeed(`${instance.url}${visitFeed.path}?doctorIds=${doctorId}`, secretary.cookie);
  const told = () => agenda.events.filter(({ event, data }) => event === "visit" && (data as Appointment).id === visit.id);
  await until(
    async () => agenda.events,
    (events) => events.some(({ event }) => event === "heartbeat"),
    "the agenda's heartbeat",
  );

  const { items } = await patient.call(listSlots, { query: { doctorId, reasonId, from: day(3), to: day(17) } });
  const [wanted, other] = [items.at(-1)?.start ?? "", items.at(-2)?.start ?? ""];
  const rival = await signIn(instance, accountOf(instance, "patient", 1));
  await rival.call(book, { body: { doctorId, reasonId, start: wanted }, headers: { "idempotency-key": randomUUID() } });
  const lost = await secretary.ask(moveVisit, { params, body: { start: wanted } });
  expect([lost.status, lost.code]).toEqual([409, "slot-taken"]);
  expect((await patient.call(getAppointment, { params })).start).toBe(visit.start);

  const movedAtMs = performance.now();
  const moved = await secretary.call(moveVisit, { params, body: { start: other } });
  expect(moved).toMatchObject({ id: visit.id, start: other, status: "booked", sequence: 1 });
  await until(
    async () => told(),
    (frames) => frames.some(({ data }) => (data as Appointment).start === other),
    "the move on the agenda",
  );
  expect((told().at(-1)?.atMs ?? Number.POSITIVE_INFINITY) - movedAtMs).toBeLessThan(2_000);

  await secretary.call(setVisitStatus, { params, body: { status: "noshow" } });
  expect((await secretary.call(undoVisitStatus, { params })).status).toBe("booked");
  const { items: entries } = await patient.call(visitHistory, { params });
  expect(entries.map(({ kind, by, code }) => [kind, by, code])).toEqual([
    ["booked", undefined, undefined],
    ["refused", "staff", "slot-taken"],
    ["moved", "staff", undefined],
    ["status", "staff", undefined],
    ["undone", "staff", undefined],
  ]);
  const { email } = accountOf(instance, "patient");
  const mails = () => patient.call(captured, { query: { to: email, limit: "200" } });
  const isMove = ({ subject }: { subject: string }) => /déplacé|moved/.test(subject);
  const { items: inbox } = await until(mails, (found) => found.items.some(isMove), "the mail about the move");
  expect(inbox.filter(isMove)).toHaveLength(1);
  agenda.close();
  visit = moved;
});

/** Event time of the recording's first second. */
const startMs = Math.floor(Date.now() / 1000) * 1000 - 10 * 60_000;
const at = (second: number) => new Date(startMs + second * 1000).toISOString();
/** A minute of health, then a desaturation that goes on; later, in a second recording, the recovery. */
const desaturation = record([
  { seconds: 60, spo2: 96 },
  { seconds: 40, spo2: 86 },
]);
const recovery = record([{ seconds: 45, spo2: 97, noise: 0.8 }]);
const alertsOf = (feed: Feed) => feed.events.filter(({ event }) => event === "alert");
const feeds: Feed[] = [];
const spo2Values: Record<string, string> = { code: "59408-5", resolution: "raw" };

async function replay(name: string, rows: typeof recovery, start: string, onProgress?: (progress: ReplayProgress) => void) {
  const file = writeCsv(instance.dir, `${name}.csv`, rows);
  const { token } = deviceOf(instance);
  return runReplay({ file, token, url: instance.url, speed: 20, start, ...(onProgress ? { onProgress } : {}) });
}

test("a replayed desaturation: every reading acknowledged, one clinical alert, on two consoles at once", async () => {
  const url = `${instance.url}${alertFeed.path}`;
  feeds.push(await openFeed(url, console1.cookie), await openFeed(url, console2.cookie));
  await eventually(() => feeds.every(({ events }) => events.some(({ event }) => event === "heartbeat")), 15_000, "both feeds live");

  // What is measured begins before the gateway has the sample: the batch's sending is a little earlier than its receipt.
  const sentAtMs = new Map<number, number>();
  const ended = await replay("desaturation", desaturation, at(0), ({ seconds }) => {
    if (!sentAtMs.has(seconds)) sentAtMs.set(seconds, performance.now());
  });
  expect(ended).toMatchObject({ sent: 200, acked: 200, refused: 0 });
  await eventually(() => feeds.every((feed) => alertsOf(feed).length > 0), 15_000, "alert on both feeds");
  const events = feeds.map((feed) => alertsOf(feed)[0]);
  const alert = alertSchema.parse(events[0]?.data);
  expect(alert).toMatchObject({ class: "clinical", severity: "critical", status: "open", patientId: patientIdOf(instance), unit: "%" });
  expect([alert.onsetAt, alert.firedAt]).toEqual([at(60), at(90)]);
  const delays = events.map((event) => Math.round((event?.atMs ?? 0) - (sentAtMs.get(90) ?? 0)));
  process.stdout.write(`from the sample that completes the hold to the consoles' feeds: ${delays.join(" and ")} ms\n`);
  for (const delay of delays) expect(delay).toBeLessThan(5_000);
}, 60_000);

const clinicalAlerts = async (): Promise<Alert[]> =>
  (await console1.call(listAlerts, { query: { patientId: patientIdOf(instance) } })).items;

test("an alert taken on one console is seen on the other, and the recovery resolves it", async () => {
  const [alert] = await clinicalAlerts();
  const taken = await console1.call(ackAlert, { params: { id: alert?.id ?? "" } });
  expect(taken).toMatchObject({ status: "acked", owner: { accountId: accountOf(instance, "doctor").id } });
  const again = await console2.call(ackAlert, { params: { id: taken.id } });
  expect(again.owner).toEqual(taken.owner as NonNullable<typeof taken.owner>);
  const last = (feed: Feed) => alertSchema.parse(alertsOf(feed).at(-1)?.data).status;
  await eventually(() => feeds.every((feed) => last(feed) === "acked"), 5_000, "acknowledgement on both feeds");

  expect(await replay("recovery", recovery, at(100))).toMatchObject({ sent: 90, acked: 90, refused: 0 });
  await eventually(() => feeds.every((feed) => last(feed) === "resolved"), 15_000, "recovery on both feeds");
  const alerts = await clinicalAlerts();
  expect(alerts.map(({ status, clearedAt }) => [status, clearedAt])).toEqual([["resolved", at(130)]]);
  for (const feed of feeds) {
    const ids = new Set(alertsOf(feed).map(({ data }) => alertSchema.parse(data).id));
    expect([...ids]).toEqual([taken.id]);
    feed.close();
  }
}, 60_000);

test("the doctor reads the values that were sent, and the patient's own log tells who read them", async () => {
  const query = { ...spo2Values, patientId: patientIdOf(instance), from: at(0), to: at(200) };
  const expected = [...desaturation, ...recovery.map(([second, ...values]) => [second + 100, ...values] as const)];
  const { items } = await until(
    () => console1.call(listReadings, { query }),
    (answer) => answer.items.length >= expected.length,
    "all readings stored",
  );
  expect(items).toEqual(expected.map(([second, value]) => ({ at: at(second), value })));

  const { id } = accountOf(instance, "doctor");
  const readBy = ({ code, actor, outcome }: { code: string; actor: { accountId?: string | undefined }; outcome: string }) =>
    code === listReadings.id && actor.accountId === id && outcome === "ok";
  await until(
    () => patient.call(listAudit, { query: { limit: "200" } }),
    (log) => log.items.some(readBy),
    "the doctor's reading in the patient's log",
  );
});

test("the pipeline makes it analytics, and a second run changes nothing", async () => {
  const figures = async () => {
    const query = { patientId: patientIdOf(instance) };
    const [overview, vitals, alerts, appointments] = await Promise.all([
      console1.call(analyticsOverview, { query }),
      console1.call(analyticsVitals, { query }),
      console1.call(analyticsAlerts, { query }),
      console1.call(analyticsAppointments, { query: { from: day(0), to: day(30) } }),
    ]);
    return { overview, vitals: vitals.items, alerts: alerts.items, appointments: appointments.items };
  };
  const first = await episante("etl", "--data", instance.dir);
  expect([first.status, first.err]).toEqual([0, ""]);
  const made = await figures();
  expect(made.overview).toMatchObject({ readings: 290, alerts: 1 });
  expect(made.vitals.filter(({ signal }) => signal === "spo2").reduce((sum, { n }) => sum + n, 0)).toBe(145);
  const lowest = Math.min(...desaturation.map(([, spo2]) => spo2));
  expect(Math.min(...made.vitals.filter(({ signal }) => signal === "spo2").map(({ min }) => min))).toBe(lowest);
  expect(made.alerts.map(({ severity, n, acked }) => [severity, n, acked])).toEqual([["critical", 1, 1]]);
  const week = made.appointments.find(({ weekStart }) => {
    const days = (Date.parse(visit.start.slice(0, 10)) - Date.parse(weekStart)) / 86_400_000;
    return days >= 0 && days < 7;
  });
  expect(week?.booked ?? 0).toBeGreaterThan(0);

  const second = await episante("etl", "--data", instance.dir);
  expect([second.status, second.err]).toEqual([0, ""]);
  expect(second.out).not.toMatch(/ changed$/m);
  expect(await figures()).toEqual(made);
}, 120_000);
