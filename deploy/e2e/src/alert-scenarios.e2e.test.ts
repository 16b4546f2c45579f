import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Alert, listAlerts } from "@episante/contracts/alert";
import type { BodyInputOf } from "@episante/contracts/endpoint";
import { listReadings } from "@episante/contracts/reading";
import { backtest, createRule, type RuleBody } from "@episante/contracts/rule";
import type { Link } from "@episante/device/link";
import { openMqttLink } from "@episante/device/mqtt-link";
import { type Caller, makeCaller, until } from "./calls.ts";
import { httpDoor } from "./doors.ts";
import { type Instance, startInstance } from "./instance.ts";
import { accountOf, deviceOf, patientIdOf, signIn } from "./people.ts";

/*
 * Clinical scenarios through the public port alone, with replay devices: each batch says when it was sent, which is when it was received. A scenario has an
 * hour of its own; times are seconds of that hour.
 */
type Threshold = Extract<RuleBody, { kind: "threshold" }>;
type Sample = readonly [second: number, value: number | string];
const spo2: Threshold = {
  ...{ kind: "threshold", code: "59408-5", op: "<", value: 90, unit: "%", holdSeconds: 60, gapSeconds: 60, severity: "critical" },
  clear: { value: 92, seconds: 60 },
};
const s1: Sample[] = [...run(0, 59, 95), ...run(60, 139, 88), ...run(140, 199, 91), ...run(200, 299, 93)];

let instance: Instance;
let doctor: Caller;
let ruleId: string;
beforeAll(async () => {
  instance = await startInstance(["--test-clock"]);
  doctor = await signIn(instance, accountOf(instance, "doctor"));
  ruleId = await publish("S1", spo2);
}, 300_000);
afterAll(async () => {
  await instance?.stop();
}, 60_000);

function run(from: number, to: number, value: number): Sample[] {
  return Array.from({ length: to - from + 1 }, (_, index) => [from + index, value] as const);
}
async function publish(name: string, rule: BodyInputOf<typeof createRule>["rule"]): Promise<string> {
  return (await doctor.call(createRule, { body: { name, scope: { kind: "clinic" }, rule } })).id;
}

const firstHour = Math.floor(Date.now() / 1000) * 1000 - 12 * 3_600_000;
interface Reading {
  readonly code?: string;
  readonly unit?: string;
}
/** The nth patient's replay device in one hour. */
function hourOf(nth: number, hour: number) {
  const zero = firstHour + hour * 3_600_000;
  const at = (second: number) => new Date(zero + second * 1000).toISOString();
  const { token } = deviceOf(instance, nth);
  const door = httpDoor(makeCaller(instance.url), { token });
  const patientId = patientIdOf(instance, nth);
  let seq = 0;
  const batchOf = (samples: readonly Sample[], sentAt: number, { code = "59408-5", unit = "%" }: Reading = {}) => {
    const readings = samples.map(([second, value]) => ({ code, value, unit, at: at(second) }));
    return { boot: `h${hour}`, seq: seq++, sentAt: at(sentAt), readings };
  };
  /** Sends what a device would, ten seconds at a time, or all of it at once. @returns codes of refused readings */
  const send = async (samples: readonly Sample[], more: Reading & { sentAt?: number } = {}) => {
    const refused: string[] = [];
    const size = more.sentAt === undefined ? 10 : 500;
    for (let from = 0; from < samples.length; from += size) {
      const part = samples.slice(from, from + size);
      const verdict = await door.send(JSON.stringify(batchOf(part, more.sentAt ?? part.at(-1)?.[0] ?? 0, more)));
      expect(verdict.code).toBeNull();
      refused.push(...verdict.refused.map(({ code }) => code));
    }
    return refused;
  };
  const alerts = async (rule = ruleId) => {
    const query = { patientId, from: at(0), to: at(3_599) };
    return (await doctor.call(listAlerts, { query })).items.filter((alert) => alert.rule.id === rule);
  };
  const second = (instant: string | undefined) => (instant === undefined ? undefined : (Date.parse(instant) - zero) / 1000);
  const timesOf = ({ onsetAt, firedAt, clearedAt }: Alert) => [second(onsetAt), second(firedAt), second(clearedAt)];
  const readings = async (code = "59408-5") =>
    (await doctor.call(listReadings, { query: { patientId, code, from: at(0), to: at(3_599), resolution: "raw" } })).items;
  return { at, batchOf, send, alerts, timesOf, readings, token };
}
const settled = (ask: () => Promise<Alert[]>, fits: (alerts: Alert[]) => boolean, what: string) => until(ask, fits, what, 60_000);
const actions = (alert: Alert | undefined) => alert?.history.map(({ action }) => action);

test("S1 hold and hysteresis: one alert, onset 60, fired 120, resolved 260, told twice", async () => {
  const { send, alerts, timesOf } = hourOf(0, 0);
  await send(s1);
  const [alert, ...others] = await settled(alerts, ([one]) => one?.status === "resolved", "the end of the alert");
  expect(others).toEqual([]);
  expect(alert && timesOf(alert)).toEqual([60, 120, 260]);
  expect(actions(alert)).toEqual(["raised", "resolved"]);
}, 120_000);

test("S2 nothing: short dips and values that are none raise no alert", async () => {
  const { send, alerts } = hourOf(0, 1);
  const dips = [10, 70, 130].flatMap((from) => [
    ...run(from - 10, from - 1, 95),
    ...run(from, from + 39, 88),
    ...run(from + 40, from + 49, 95),
  ]);
  await send(dips);
  await send([
    [190, 0],
    [191, 127],
    [192, 255],
  ]);
  expect(await send([[193, "–"]])).toEqual(["not-a-number"]);
  // A later alert is the proof that all of it was judged.
  await send([...run(200, 270, 88), ...run(271, 340, 95)]);
  const found = await settled(alerts, (all) => all.some(({ status }) => status === "resolved"), "the alert behind it");
  expect(found.map(hourOf(0, 1).timesOf)).toEqual([[200, 260, 331]]);
}, 120_000);

test("S6 backfill: an episode that was over is recorded late and calls nobody", async () => {
  const { send, alerts, timesOf } = hourOf(0, 2);
  await send(run(0, 600, 95));
  await send([...run(601, 699, 95), ...run(700, 900, 82), ...run(901, 1195, 95)], { sentAt: 1_200 });
  const [alert, ...others] = await settled(alerts, ([one]) => one?.status === "resolved", "the recorded episode");
  expect([others, alert?.late]).toEqual([[], true]);
  expect(alert && timesOf(alert)).toEqual([700, 760, 961]);
  expect(actions(alert)?.[0]).toBe("recorded-late");
  expect(actions(alert)).not.toContain("raised");
}, 120_000);

test("S6, still low: it calls once, with its true onset", async () => {
  const { send, alerts, timesOf } = hourOf(0, 3);
  await send(run(0, 600, 95));
  await send([...run(601, 699, 95), ...run(700, 1195, 82)], { sentAt: 1_200 });
  await send([[1_200, 82]]);
  const [alert] = await settled(alerts, ([one]) => actions(one)?.includes("raised") === true, "the call");
  expect(alert && timesOf(alert)).toEqual([700, 760, undefined]);
  expect([alert?.late, actions(alert)?.filter((action) => action === "raised")]).toEqual([undefined, ["raised"]]);
  await send(run(1_201, 1_280, 95));
  await settled(alerts, ([one]) => one?.status === "resolved", "the end");
}, 120_000);

test("S7 everything twice, by HTTP and MQTT, shuffled within 30 s: one alert, 300 readings; a correction withdraws it with the reason", async () => {
  const { token, batchOf, send, alerts, timesOf, readings } = hourOf(1, 4);
  const waiting = new Map<number, () => void>();
  const opened = Promise.withResolvers<Link>();
  const link: Link = openMqttLink(
    { url: instance.url, token },
    {
      credit: () => opened.resolve(link),
      acked: (_, seq) => waiting.get(seq)?.(),
      refused: (_, seq, code) => opened.reject(new Error(`${seq} ${code}`)),
      lost: (why) => opened.reject(new Error(why)),
    },
  );
  await opened.promise;
  const door = httpDoor(makeCaller(instance.url), { token });
  let seed = 7;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const sent = s1.flatMap((sample) => ["HTTP", "MQTT"].map((by) => ({ sample, by, sentAt: sample[0] + 30 * random() })));
  for (const { sample, by, sentAt } of sent.toSorted((a, b) => a.sentAt - b.sentAt)) {
    const batch = batchOf([sample], sentAt);
    if (by === "HTTP") expect((await door.send(JSON.stringify(batch))).code).toBeNull();
    else {
      const acked = Promise.withResolvers<void>();
      waiting.set(batch.seq, acked.resolve);
      link.send(batch);
      await acked.promise;
    }
  }
  link.close();
  const [alert, ...others] = await settled(alerts, ([one]) => one?.status === "resolved", "the end of the alert");
  expect(others).toEqual([]);
  expect(alert && timesOf(alert)).toEqual([60, 120, 260]);
  expect(await until(readings, ({ length }) => length === 300, "300 readings, each once")).toHaveLength(300);
  await send([[100, 97]], { sentAt: 330 });
  const [withdrawn] = await settled(alerts, ([one]) => one?.status === "withdrawn", "the withdrawal");
  expect(withdrawn?.history.at(-1)).toMatchObject({ action: "withdrawn", text: "re-derived" });
  expect(await readings()).toHaveLength(300);
}, 240_000);

test("S11 glucose: levels compared in mg/dL before any rounding, a sensor code is no glucose, low beyond range is the second level", async () => {
  const code = "15074-8";
  const glucose: Threshold = {
    ...{ kind: "threshold", code, op: "<", value: 70, unit: "mg/dL", holdSeconds: 0, gapSeconds: 600, severity: "warning" },
    steps: [{ severity: "critical", value: 54 }],
  };
  const level = await publish("Glucose", glucose);
  const { send, alerts, timesOf } = hourOf(1, 5);
  const given: [number | string, string, string, string?][] = [
    [3.9, "mmol/L", code],
    [3.8, "mmol/L", code, "warning"],
    [3.0, "mmol/L", code, "warning"],
    [2.9, "mmol/L", code, "critical"],
    [69, "mg/dL", "2339-0", "warning"],
    [70, "mg/dL", "2339-0"],
    [54, "mg/dL", "2339-0", "warning"],
    [53, "mg/dL", "2339-0", "critical"],
  ];
  for (const [index, [value, unit, signalCode]] of given.entries()) {
    await send([[index * 60, value]], { code: signalCode, unit });
    await send([[index * 60 + 30, 120]], { code: "2339-0", unit: "mg/dL" });
  }
  const expected: unknown[] = given.flatMap(([, , , severity], index) => (severity ? [[index * 60, severity]] : []));
  const all = () => alerts(level);
  const found = await settled(
    all,
    (some) => some.filter(({ status }) => status === "resolved").length >= expected.length,
    "each alert ended",
  );
  expect<unknown>(found.map((alert) => [timesOf(alert)[0], alert.severity]).sort(([a], [b]) => Number(a) - Number(b))).toEqual(expected);
  const ofCgm = await publish("CGM", { ...glucose, code: "99504-3" });
  await send([[1_000, 10]], { code: "99504-3", unit: "mg/dL" });
  await send([[1_300, "LO"]], { code: "99504-3", unit: "mg/dL" });
  const low = await settled(
    () => alerts(ofCgm),
    (some) => some.length > 0,
    "the alert of LO",
  );
  expect(low.map((alert) => [timesOf(alert)[0], alert.severity])).toEqual([[1_300, "critical"]]);
  expect(await send([[1_400, 60]], { code, unit: "" })).toEqual(["unknown-unit"]);
}, 120_000);

test("S3 NEWS2: score, band and severity of a set; well again, the alert ends", async () => {
  const news2 = await publish("NEWS2", { kind: "news2", spo2Scale: 1 });
  const { alerts, timesOf, batchOf, at, token } = hourOf(0, 6);
  const door = httpDoor(makeCaller(instance.url), { token });
  const set = async (second: number, [rr, sat, o2, sbp, pulse, acvpu, t]: readonly (number | string)[]) => {
    const given = [
      ["9279-1", rr, "/min"],
      ["59408-5", sat, "%"],
      ["3150-0", o2, "%"],
      ["8480-6", sbp, "mm[Hg]"],
      ["8889-8", pulse, "/min"],
      ["67775-7", acvpu, "1"],
      ["8310-5", t, "Cel"],
    ] as const;
    const readings = given.map(([code, value, unit]) => ({ code, value: value ?? 0, unit, at: at(second) }));
    const verdict = await door.send(JSON.stringify({ ...batchOf([], second), readings }));
    expect([verdict.code, verdict.refused]).toEqual([null, []]);
  };
  const well = [18, 97, 21, 120, 75, "A", 37];
  const sets: [readonly (number | string)[], string, number][] = [
    [[21, 95, 21, 105, 105, "A", 38.5], "warning", 6],
    [[8, 98, 21, 120, 75, "A", 37], "notice", 3],
    [[25, 93, 40, 120, 75, "A", 37], "critical", 7],
  ];
  for (const [index, [values]] of sets.entries()) {
    await set(index * 120, values);
    await set(index * 120 + 60, well);
  }
  const found = await settled(
    () => alerts(news2),
    (all) => all.filter(({ status }) => status === "resolved").length === sets.length,
    "three alerts, ended",
  );
  const wanted: unknown[] = sets.map(([, severity, score], index) => [index * 120, severity, score]);
  const seen = found.map((alert) => [
    timesOf(alert)[0],
    alert.severity,
    alert.explanation.finding?.kind === "news2" ? alert.explanation.finding.score : 0,
  ]);
  expect<unknown>(seen.sort(([a], [b]) => Number(a) - Number(b))).toEqual(wanted);
}, 120_000);

/** A patient's sets for a trial: seconds, and the value of each code then. */
type Sets = readonly (readonly [second: number, values: Readonly<Record<string, number | string>>])[];
const unitOf: Readonly<Record<string, string>> = {
  ...{ "9279-1": "/min", "59408-5": "%", "3150-0": "%", "8480-6": "mm[Hg]" },
  ...{ "8889-8": "/min", "67775-7": "1", "8310-5": "Cel", "8637-5": "ms" },
};
/** Tries a rule on made-up patients. @returns by patient: second of onset and severity of each alert */
async function tried(rule: BodyInputOf<typeof backtest>["rule"], patients: Readonly<Record<string, Sets>>, gates = false) {
  const series = Object.entries(patients).flatMap(([patientId, sets]) =>
    Object.entries(unitOf).map(([code, unit]) => ({
      ...{ patientId, code, unit },
      samples: sets.flatMap(([second, { [code]: value }]): [string, number | string][] =>
        value === undefined ? [] : [[new Date(firstHour + second * 1000).toISOString(), value]],
      ),
    })),
  );
  const { alerts } = await doctor.call(backtest, { body: { rule, series, gates } });
  const of = (patientId: string) =>
    alerts
      .filter((alert) => alert.patientId === patientId)
      .map(({ onsetAt, severity }) => [(Date.parse(onsetAt) - firstHour) / 1000, severity]);
  return Object.fromEntries(Object.keys(patients).map((patientId) => [patientId, of(patientId)]));
}

test("S3 b, c, d: on scale 2 oxygen decides; the same values on air raise nothing", async () => {
  const set = { "9279-1": 18, "59408-5": 97, "3150-0": 40, "8480-6": 120, "8889-8": 75, "67775-7": "A", "8310-5": 37 };
  const found = await tried(
    { kind: "news2", spo2Scale: 2 },
    { b: [[0, set]], c: [[0, { ...set, "3150-0": 21 }]], d: [[0, { ...set, "3150-0": 21, "59408-5": 93 }]] },
  );
  expect(found).toEqual({ b: [[0, "warning"]], c: [], d: [] });
}, 60_000);

test("S3 g: bounds of temperature and systolic pressure, told apart beside 3 and beside 4 other points", async () => {
  const set = { "9279-1": 21, "59408-5": 97, "3150-0": 21, "8480-6": 120, "67775-7": "A", "8310-5": 37 };
  const scores: [string, number, number][] = [
    ...([35, 35.1, 36, 36.1, 38, 38.1, 39, 39.1] as const).map((value, index): [string, number, number] => [
      "8310-5",
      value,
      [3, 1, 1, 0, 0, 1, 1, 2][index] ?? 0,
    ]),
    ["8480-6", 219, 0],
    ["8480-6", 220, 3],
  ];
  const beside3 = [[], [], [[0, "warning"]], [[0, "warning"]]];
  const beside4 = [[], [[0, "warning"]], [[0, "warning"]], [[0, "critical"]]];
  const patients: Record<string, Sets> = {};
  const wanted: Record<string, unknown> = {};
  for (const [code, value, score] of scores) {
    patients[`3, ${code} ${value}`] = [[0, { ...set, "8889-8": 91, [code]: value }]];
    patients[`4, ${code} ${value}`] = [[0, { ...set, "8889-8": 111, [code]: value }]];
    wanted[`3, ${code} ${value}`] = beside3[score];
    wanted[`4, ${code} ${value}`] = beside4[score];
  }
  expect<unknown>(await tried({ kind: "news2" }, patients)).toEqual(wanted);
}, 60_000);

test("S3 h, i, j: a lower bound of 9 is high, one good value says nothing, an old temperature counts no more", async () => {
  const two = { "9279-1": 21, "8889-8": 91 };
  const found = await tried(
    { kind: "news2", freshSeconds: { temperature: 600 } },
    {
      h: [[0, { "9279-1": 25, "59408-5": 90, "8889-8": 131 }]],
      i: [[0, { "9279-1": 16 }]],
      j: [
        [0, { "8310-5": 39.5 }],
        [601, two],
      ],
      "j, in time": [
        [0, { "8310-5": 39.5 }],
        [600, two],
      ],
    },
  );
  expect(found).toEqual({ h: [[0, "critical"]], i: [], j: [], "j, in time": [[600, "warning"]] });
}, 60_000);

test("S12 irregular rhythm: patterns and noise raise nothing, fibrillation one alert for its episode, too few valid beats a technical one", async () => {
  let seed = 12;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const stream = (length: number, interval: (index: number) => number): Sets => {
    let second = 0;
    return Array.from({ length }, (_, index) => {
      const value = interval(index);
      second += value / 1000;
      return [second, { "8637-5": value }] as const;
    });
  };
  const noise = () => (random() + random() + random() + random() - 2) * 1.73;
  const fibrillation = () => Math.max(320, 700 + 140 * noise());
  const steady = () => 800 + 15 * (2 * random() - 1);
  const patients = {
    bigeminy: stream(1_500, (index) => (index % 2 ? 1000 : 600)),
    trigeminy: stream(1_500, (index) => [800, 800, 500, 1100][index % 4] ?? 800),
    ramp: stream(1_500, (index) => 900 - (400 * index) / 1_500),
    steady: stream(1_500, steady),
    breathing: stream(1_500, (index) => 1000 + 120 * Math.sin(index * 1.3) + 10 * noise()),
    fibrillation: stream(4_000, (index) => (index >= 640 && index < 3_200 ? fibrillation() : steady())),
    poor: stream(640, (index) => (index % 3 === 0 ? fibrillation() : 100)),
  };
  const found = await tried({ kind: "irregular-rhythm" }, patients, true);
  const { fibrillation: episode, ...others } = found;
  expect(others).toEqual({ bigeminy: [], trigeminy: [], ramp: [], steady: [], breathing: [], poor: [] });
  expect(episode).toEqual([[expect.any(Number), "warning"]]);
  const onset = Number(episode?.[0]?.[0]);
  expect([onset > 450, onset < 650]).toEqual([true, true]);
  const quality = await tried({ kind: "signal-quality", code: "8637-5" }, { poor: patients.poor, steady: patients.steady }, true);
  expect(quality).toEqual({ poor: [[expect.any(Number), "notice"]], steady: [] });
}, 60_000);
