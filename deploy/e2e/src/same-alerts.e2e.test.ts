import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Alert, listAlerts } from "@episante/contracts/alert";
import { listReadings } from "@episante/contracts/reading";
import { backtest, listRules } from "@episante/contracts/rule";
import { type ReplayResult, runReplay } from "@episante/device/replay";
import { type Caller, until } from "./calls.ts";
import { eventually, type Instance, startInstance } from "./instance.ts";
import { accountOf, deviceOf, patientIdOf, signIn } from "./people.ts";
import { record, writeCsv } from "./recordings.ts";

/** One recording with all that makes alerts hard to agree on. At 1 Hz; the rule: under 90 % for 30 s, over from 92 % for 30 s, gap 60 s. */
const recording = record([
  { seconds: 40, spo2: 96 },
  // Under the hold: nothing.
  { seconds: 20, spo2: 86 },
  { seconds: 20, spo2: 95 },
  // First alert; a hole while it is open, then values between alarm and clear level, then the recovery.
  { seconds: 50, spo2: 85 },
  { seconds: 25, spo2: null },
  { seconds: 15, spo2: 85 },
  { seconds: 30, spo2: 91, noise: 0.8 },
  { seconds: 45, spo2: 97 },
  // Second: implausible values inside the hold neither break nor lengthen it.
  { seconds: 12, spo2: 87 },
  { seconds: 6, spo2: 30 },
  { seconds: 25, spo2: 87 },
  { seconds: 40, spo2: 96 },
  // A hole longer than the gap limit begins the hold anew: 20 s + 20 s are no alert.
  { seconds: 20, spo2: 86 },
  { seconds: 65, spo2: null },
  { seconds: 20, spo2: 86 },
  { seconds: 15, spo2: 96 },
  // Around the level: the noise crosses it, so every hold is short.
  { seconds: 40, spo2: 90, noise: 2.5 },
  { seconds: 15, spo2: 96 },
  // Third: still open when the recording ends.
  { seconds: 42, spo2: 84 },
]);
const seconds = (recording.at(-1)?.[0] ?? 0) + 1;
const startMs = Math.floor(Date.now() / 1000) * 1000 - (seconds + 600) * 1000;
const at = (second: number) => new Date(startMs + second * 1000).toISOString();
const speed = 50;

let instance: Instance;
let doctor: Caller;
let file: string;
beforeAll(async () => {
  instance = await startInstance();
  doctor = await signIn(instance, accountOf(instance, "doctor"));
  file = writeCsv(instance.dir, "episodes.csv", recording);
}, 180_000);
afterAll(async () => {
  await instance?.stop();
}, 60_000);

/** What has to be the same: onset, firing, clearing, in seconds of the recording. */
type Times = readonly [onset: number, fired: number, cleared: number | null];
function timesOf(alerts: readonly Pick<Alert, "onsetAt" | "firedAt" | "clearedAt">[]): Times[] {
  const second = (instant: string) => (Date.parse(instant) - startMs) / 1000;
  return alerts
    .map(({ onsetAt, firedAt, clearedAt }): Times => [second(onsetAt), second(firedAt), clearedAt ? second(clearedAt) : null])
    .sort(([a], [b]) => a - b);
}
const liveAlerts = async (nth: number) => (await doctor.call(listAlerts, { query: { patientId: patientIdOf(instance, nth) } })).items;

function replay(nth: number, onSecond: (second: number) => void = () => {}): Promise<ReplayResult> {
  const { token, patientId } = deviceOf(instance, nth);
  expect(patientId).toBe(patientIdOf(instance, nth));
  return runReplay({ file, token, url: instance.url, speed, start: at(0), onProgress: (progress) => onSecond(progress.seconds) });
}
async function expectStoredOnce(nth: number, { acked }: ReplayResult): Promise<void> {
  expect(acked).toBe(recording.length * 2);
  const rows = async () => {
    const query = { patientId: patientIdOf(instance, nth), from: at(0), to: at(seconds), resolution: "raw" };
    const [spo2, pulse] = await Promise.all(["59408-5", "8889-8"].map((code) => doctor.call(listReadings, { query: { ...query, code } })));
    return [...(spo2?.items ?? []), ...(pulse?.items ?? [])];
  };
  const stored = await until(rows, ({ length }) => length >= acked, "every acknowledged reading stored");
  expect(stored.length).toBe(acked);
}

let judgedLive: Times[];

test("live: three alerts, and none for short dips, after a long hole, or around the level", async () => {
  const sent = await replay(0);
  expect(sent.refused).toBe(0);
  await until(
    () => liveAlerts(0),
    (alerts) => alerts.some(({ firedAt }) => firedAt >= at(seconds - 13)),
    "last alert",
  );
  judgedLive = timesOf(await liveAlerts(0));
  expect(judgedLive.map(([onset, fired, cleared]) => [onset, fired, cleared === null])).toEqual([
    [80, 110, false],
    [245, 275, false],
    [seconds - 42, seconds - 12, true],
  ]);
  await expectStoredOnce(0, sent);
}, 90_000);

test("live with the engine killed -9 in the middle of an alert: the same alerts, nothing lost or doubled", async () => {
  const alertPid = async () => (await instance.status()).processes.find(({ name }) => name === "alert")?.pid ?? 0;
  const before = await alertPid();
  let killed = false;
  const sent = await replay(1, (second) => {
    if (killed || second < 105) return;
    killed = true;
    process.kill(before, "SIGKILL");
  });
  expect([killed, sent.refused]).toEqual([true, 0]);
  await eventually(async () => (await instance.status()).ready, 20_000, "engine back");
  expect(await alertPid()).not.toBe(before);
  const alerts = await until(
    async () => {
      const answer = await doctor.ask(listAlerts, { query: { patientId: patientIdOf(instance, 1) } });
      return answer.status === 200 ? timesOf(listAlerts.response?.parse(answer.json).items ?? []) : [];
    },
    (times) => times.length >= judgedLive.length && times.at(-1)?.[1] === seconds - 12,
    "last alert after the kill",
    30_000,
  );
  expect(alerts).toEqual(judgedLive);
  await expectStoredOnce(1, sent);
}, 120_000);

test("by backtest, from the series and from what was stored: the same alerts", async () => {
  const { items: rules } = await doctor.call(listRules);
  const rule = rules.find(({ rule }) => rule.kind === "threshold")?.rule;
  if (!rule) throw new Error("the demo clinic has no default rule");
  const samples = recording.map(([second, spo2]): [string, number] => [at(second), spo2]);
  const series = [{ patientId: "anybody", code: "59408-5", unit: "%", samples }];
  const inline = await doctor.call(backtest, { body: { rule, series, gates: true } });
  expect(timesOf(inline.alerts)).toEqual(judgedLive);

  const patientIds = [patientIdOf(instance, 0), patientIdOf(instance, 1)];
  const stored = await doctor.call(backtest, { body: { rule, from: at(0), to: at(seconds), patientIds } });
  for (const patientId of patientIds) {
    expect(timesOf(stored.alerts.filter((alert) => alert.patientId === patientId))).toEqual(judgedLive);
  }
}, 30_000);
