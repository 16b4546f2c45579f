import { describe, expect, test } from "bun:test";
import { type RuleBody, ruleBodySchema } from "@episante/contracts/rule";
import { flagOf, type Signal, signalOf, signals, toCanonical } from "@episante/contracts/signals";
import fc from "fast-check";
import { backtestSeries } from "../backtest.ts";
import { decodeBlock, decodeState, encodeBlock, encodeState } from "../codec.ts";
import { compileRule } from "../compile.ts";
import {
  applySamples,
  type Block,
  type EngineState,
  emptyState,
  needsHistory,
  prepend,
  type RuleFor,
  type Transition,
  trim,
} from "../engine.ts";
import { type CompiledRule, type Episode, type Sample, sourceOf } from "../episode.ts";
import { regularityOf } from "./irregular-rhythm.ts";
import { scoreOf } from "./news2.ts";

const start = Date.UTC(2026, 0, 15, 8);
type Kind = RuleBody["kind"];

function compiled(body: { readonly kind: Kind } & Record<string, unknown>): CompiledRule {
  const rule = compileRule(ruleBodySchema.parse(body), { version: 1, fromMs: 0, enabled: true });
  if (typeof rule === "string") throw new Error(rule);
  return rule;
}
function sample(code: string, t: number, given: number, unit?: string): Sample {
  const signal = signalOf(code) ?? "spo2";
  const value = toCanonical(signal, given, unit ?? signals[signal].unit) ?? Number.NaN;
  const at = start + t * 1000;
  return { at, value, received: at, source: sourceOf("dev", code), ...(flagOf(signal, value) ? { kind: "rejected" as const } : {}) };
}
const alertsOf = (rule: CompiledRule, samples: readonly Sample[]): readonly Episode[] => backtestSeries("pat_a", rule, samples);
const times = ({ onsetAt, firedAt, clearedAt }: Episode) =>
  [onsetAt, firedAt, clearedAt].map((at) => (at === undefined ? undefined : (at - start) / 1000));

/** Feeds a state as the reader does: trimmed into blocks, blocks put back for what is older, everything through text and back each time. */
function live(rule: CompiledRule, frames: readonly (readonly Sample[])[]): { alerts: Episode[]; transitions: Transition[] } {
  const judged: RuleFor = { patientId: "pat_a", ruleId: "rul_a", versions: [rule] };
  let state: EngineState = emptyState;
  let blocks: Block[] = [];
  const transitions: Transition[] = [];
  for (const frame of frames) {
    const oldest = Math.min(...frame.map(({ at }) => at));
    if (needsHistory(state, oldest)) {
      state = prepend(
        blocks.filter((block) => block.toAt >= oldest),
        state,
        judged,
      );
      blocks = blocks.filter((block) => block.toAt < oldest);
    }
    const applied = applySamples(state, frame, judged);
    transitions.push(...applied.transitions);
    const trimmed = trim(applied.state, judged);
    state = decodeState(encodeState(trimmed.state), "", judged).state;
    blocks.push(...trimmed.blocks.map((block) => decodeBlock(encodeBlock(block))));
  }
  const published = [...blocks.flatMap((block) => block.published), ...state.published];
  return { alerts: published.map(({ episode }) => episode).sort((a, b) => a.onsetAt - b.onsetAt), transitions };
}

describe("S11 glucose", () => {
  const level1 = compiled({ ...threshold("15074-8", "<", 70, "mg/dL"), severity: "warning" });
  const level2 = compiled({ ...threshold("15074-8", "<", 54, "mg/dL"), severity: "critical" });
  const levelOf = (value: number, unit: string) => {
    const one = [sample("15074-8", 0, value, unit)];
    return alertsOf(level2, one).length > 0 ? 2 : alertsOf(level1, one).length;
  };
  test.each([
    [3.9, "mmol/L", 0],
    [3.8, "mmol/L", 1],
    [3.0, "mmol/L", 1],
    [2.9, "mmol/L", 2],
    [69, "mg/dL", 1],
    [70, "mg/dL", 0],
    [54, "mg/dL", 1],
    [53, "mg/dL", 2],
  ])("%p %s is level %p: compared in mg/dL, before any rounding", (value, unit, level) => {
    expect(levelOf(value, unit)).toBe(level);
  });
  test("a sensor code is no glucose", () => {
    expect(alertsOf(compiled(threshold("99504-3", "<", 54, "mg/dL")), [sample("99504-3", 0, 10)])).toEqual([]);
  });

  const cgm = (...values: number[]) => values.map((value, index) => sample("99504-3", index * 300, value));
  const falling = { kind: "rate", code: "99504-3", op: "<=", value: -2, unit: "mg/dL", windowSeconds: 900 } as const;
  test("150, 138, 126, 114 each 5 min: a rate alert at the fourth point, with what it found", () => {
    const [alert, ...others] = alertsOf(compiled(falling), cgm(150, 138, 126, 114));
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ onsetAt: start + 900_000, firedAt: start + 900_000, used: 4 });
    expect(alert?.value).toBeCloseTo(-2.4);
    expect(alert?.finding).toMatchObject({ kind: "rate", points: 4, spanSeconds: 900, reading: 114, readingUnit: "mg/dL" });
  });
  test("120, 114, 108, 102: 1.2 a minute is no alert", () => {
    expect(alertsOf(compiled(falling), cgm(120, 114, 108, 102))).toEqual([]);
  });
  test("a rate in mmol/L converts by the factor alone", () => {
    const inMmol = compiled({ ...falling, value: -2 / 18.01559, unit: "mmol/L" });
    expect(inMmol.shown).toMatchObject({ unit: "mg/dL/min" });
    expect(inMmol.shown.threshold).toBeCloseTo(-2);
    const kelvin = compiled({ ...falling, code: "8310-5", unit: "[degF]", value: -1.8 });
    expect(kelvin.shown.threshold).toBeCloseTo(-1);
  });
  test("under 70 within 20 min is predicted at the fourth point: 114 - 48 = 66", () => {
    const rule = compiled({ kind: "predict", code: "99504-3", op: "<", value: 70, unit: "mg/dL", withinSeconds: 1200, windowSeconds: 900 });
    const [alert, ...others] = alertsOf(rule, cgm(150, 138, 126, 114));
    expect(others).toEqual([]);
    expect(alert?.firedAt).toBe(start + 900_000);
    expect(alert?.value).toBeCloseTo(66);
    expect(alert?.finding).toMatchObject({ kind: "predict", withinSeconds: 1200, points: 4, reading: 114 });
    expect(alertsOf(rule, cgm(150, 139, 128, 117))).toEqual([]);
  });
  test("too few points, a window not covered, a hole and a line that does not fit raise nothing", () => {
    expect(alertsOf(compiled({ ...falling, minPoints: 5 }), cgm(150, 138, 126, 114))).toEqual([]);
    expect(alertsOf(compiled(falling), cgm(150, 138, 126))).toEqual([]);
    const hole = [...cgm(150, 138), ...[1500, 1800, 2100].map((t, index) => sample("99504-3", t, 100 - 12 * index))];
    expect(alertsOf(compiled(falling), hole)).toEqual([]);
    const jumping = cgm(180, 90, 185, 88);
    expect(alertsOf(compiled({ ...falling, value: -1 }), jumping)).toEqual([]);
    expect(alertsOf(compiled({ ...falling, value: -1, minFit: 0 }), jumping)).toHaveLength(1);
    const predict = { ...falling, kind: "predict", op: "<", value: 70 } as const;
    expect(alertsOf(compiled(predict), jumping)).toEqual([]);
  });
  test("readings a few seconds early or late still cover the window", () => {
    for (const step of [295, 305]) {
      const samples = [150, 138, 126, 114].map((value, index) => sample("99504-3", index * step, value));
      expect(alertsOf(compiled({ ...falling, value: -1.9 }), samples)).toHaveLength(1);
    }
  });
  test("alerts end when it goes on less steeply, also where no line fits any more", () => {
    const rule = compiled({ ...falling, clear: { value: -1, seconds: 0 } });
    const [alert] = alertsOf(rule, cgm(150, 138, 126, 114, 105, 110, 104, 109));
    expect(alert?.clearedAt).toBeDefined();
  });
});

function threshold(code: string, op: "<" | ">", value: number, unit: string) {
  return { kind: "threshold", code, op, value, unit, holdSeconds: 0, gapSeconds: 600, severity: "critical" } as const;
}

const codes = {
  rr: "9279-1",
  spo2: "59408-5",
  o2: signals["inhaled-oxygen"].codes[0],
  sbp: "8480-6",
  pulse: "8889-8",
  acvpu: "67775-7",
  t: "8310-5",
};
type Set = Partial<Record<keyof typeof codes, number>>;
/** Coded signals: 0 is alert, and air. */
const well: Set = { rr: 16, spo2: 97, o2: 0, sbp: 120, pulse: 75, acvpu: 0, t: 37 };
const at = (t: number, set: Set) => Object.entries(set).map(([name, value]) => sample(codes[name as keyof typeof codes], t, value));
function news2Of(set: Set, spo2Scale: 1 | 2 = 1) {
  const [alert, ...others] = alertsOf(compiled({ kind: "news2", spo2Scale }), at(0, set));
  expect(others).toEqual([]);
  if (alert?.finding?.kind !== "news2") return alert;
  const { score, band, missing } = alert.finding;
  return { score, band, severity: alert.severity, missing };
}

describe("S3 NEWS2 and incomplete sets", () => {
  const complete = { missing: [] };
  test("a: 6, medium", () => {
    const found = news2Of({ rr: 21, spo2: 95, o2: 0, sbp: 105, pulse: 105, acvpu: 0, t: 38.5 });
    expect(found).toEqual({ score: 6, band: "medium", severity: "warning", ...complete });
  });
  const onScale2 = { rr: 18, spo2: 97, o2: 1, sbp: 120, pulse: 75, acvpu: 0, t: 37 };
  test("b: scale 2 on oxygen, 5, medium", () => {
    expect(news2Of(onScale2, 2)).toEqual({ score: 5, band: "medium", severity: "warning", ...complete });
  });
  test("c, d: scale 2 on air, no alert", () => {
    expect(news2Of({ ...onScale2, o2: 0 }, 2)).toBeUndefined();
    expect(news2Of({ ...onScale2, o2: 0, spo2: 93 }, 2)).toBeUndefined();
  });
  test("e: one parameter at 3, low-medium", () => {
    expect(news2Of({ ...well, rr: 8, spo2: 98 })).toEqual({ score: 3, band: "low-medium", severity: "notice", ...complete });
  });
  test("f: 7 or more, high", () => {
    expect(news2Of({ ...well, rr: 25, spo2: 93, o2: 1 })).toEqual({ score: 7, band: "high", severity: "critical", ...complete });
  });
  test.each([
    ["temperature", 35.0, 3],
    ["temperature", 35.1, 1],
    ["temperature", 36.0, 1],
    ["temperature", 36.1, 0],
    ["temperature", 38.0, 0],
    ["temperature", 38.1, 1],
    ["temperature", 39.0, 1],
    ["temperature", 39.1, 2],
    ["temperature", 38.05, 1],
    ["temperature", 38.04, 0],
    ["systolic", 219, 0],
    ["systolic", 220, 3],
    ["systolic", 219.5, 3],
  ] as const)("g: %s %p scores %p, rounded first", (parameter, value, score) => {
    expect(scoreOf(parameter, value, { scale: 1, isOnOxygen: false }).score).toBe(score);
  });
  test("every bound of the chart", () => {
    const scores = (parameter: Parameters<typeof scoreOf>[0], values: number[], scale: 1 | 2 = 1, isOnOxygen = false) =>
      values.map((value) => scoreOf(parameter, value, { scale, isOnOxygen }).score);
    expect(scores("respiration", [8, 9, 11, 12, 20, 21, 24, 25])).toEqual([3, 1, 1, 0, 0, 2, 2, 3]);
    expect(scores("spo2", [91, 92, 93, 94, 95, 96])).toEqual([3, 2, 2, 1, 1, 0]);
    expect(scores("spo2", [83, 84, 85, 86, 87, 88, 92, 93, 100], 2)).toEqual([3, 2, 2, 1, 1, 0, 0, 0, 0]);
    expect(scores("spo2", [83, 85, 87, 92, 93, 94, 95, 96, 97], 2, true)).toEqual([3, 2, 1, 0, 1, 1, 2, 2, 3]);
    expect(scores("systolic", [90, 91, 100, 101, 110, 111])).toEqual([3, 2, 2, 1, 1, 0]);
    expect(scores("pulse", [40, 41, 50, 51, 90, 91, 110, 111, 130, 131])).toEqual([3, 1, 1, 0, 0, 1, 1, 2, 2, 3]);
    expect([scores("oxygen", [0, 1]), scores("consciousness", [0, 1, 4])]).toEqual([
      [0, 2],
      [0, 3, 3],
    ]);
  });
  test("h: 9 with the rest missing is a lower bound that is high, marked partial", () => {
    expect(news2Of({ rr: 25, spo2: 90, pulse: 131 })).toEqual({
      score: 9,
      band: "high",
      severity: "critical",
      missing: ["oxygen", "systolic", "consciousness", "temperature"],
    });
  });
  test("i: a breathing rate of 16 alone says nothing", () => {
    expect(news2Of({ rr: 16 })).toBeUndefined();
  });
  test("j: a temperature older than its limit is not used", () => {
    const rule = compiled({ kind: "news2", freshSeconds: { temperature: 600 } });
    const fever = at(0, { t: 39.5 });
    const four = { rr: 21, pulse: 91 };
    expect(alertsOf(rule, [...fever, ...at(600, four)])).toHaveLength(1);
    expect(alertsOf(rule, [...fever, ...at(601, four)])).toEqual([]);
  });
  test("a set replaced at one instant is judged as a whole, whatever the order in it", () => {
    const rule = compiled({ kind: "news2" });
    const before = at(0, { ...well, rr: 24, sbp: 105, pulse: 92 });
    const after = at(60, { ...well, spo2: 93, o2: 1 });
    for (const order of [after, after.toReversed()]) expect(live(rule, [before, order]).transitions).toEqual([]);
    expect(live(rule, [before, ...after.map((one) => [one])]).alerts).toEqual([]);
  });
  test("it gets worse within one alert; incomplete readings do not end it, those that raised it do", () => {
    const { alerts, transitions } = live(compiled({ kind: "news2" }), [
      at(0, { rr: 25, spo2: 97 }),
      at(60, { rr: 25, spo2: 90, pulse: 131 }),
      at(4000, { spo2: 98 }),
      at(4060, { rr: 16 }),
      at(4120, { pulse: 80 }),
    ]);
    expect(transitions.map(({ kind, episode }) => [kind, episode.severity])).toEqual([
      ["raised", "notice"],
      ["worsened", "critical"],
      ["resolved", "critical"],
    ]);
    expect(alerts.map(times)).toEqual([[0, 0, 4120]]);
  });
  test("closed by hand, what was seen counts no more", () => {
    const reset: Sample = { at: start + 1_000, value: 0, received: start + 1_000, source: "hand", kind: "reset" };
    const { alerts } = live(compiled({ kind: "news2" }), [at(0, { rr: 25, spo2: 90 }), [reset], at(60, { spo2: 97 })]);
    expect(alerts.map(times)).toEqual([[0, 0, 1]]);
  });
});

/** RR intervals as a stream: each beat at the sum of those before it. */
function beats(intervals: readonly number[], from = 0): Sample[] {
  let t = from;
  return intervals.map((interval) => {
    t += interval / 1000;
    return sample("8637-5", t, interval);
  });
}
const repeat = (length: number, interval: (index: number) => number) => Array.from({ length }, (_, index) => interval(index));
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
/** Sum of four uniforms, standard deviation about 1. */
const noiseOf = (random: () => number) => () => (random() + random() + random() + random() - 2) * 1.73;

describe("S12 irregular rhythm", () => {
  const rule = compiled({ kind: "irregular-rhythm" });
  const noise = noiseOf(randomOf(7));
  const fibrillation = (length: number, spread = 140) => repeat(length, () => Math.max(320, 700 + spread * noise()));
  const sinus = (length: number) => repeat(length, (index) => 850 + 40 * Math.sin(index / 5) + 12 * noise());
  test.each<[string, number[]]>([
    ["bigeminy", repeat(3000, (index) => (index % 2 ? 1000 : 600))],
    ["bigeminy that is not exact", repeat(3000, (index) => (index % 2 ? 1000 : 600) + 10 * noise())],
    ["trigeminy", repeat(3000, (index) => [800, 800, 500, 1100][index % 4] ?? 800)],
    ["ramp", repeat(3000, (index) => 900 - (400 * index) / 3000)],
    ["short ramp", repeat(640, (index) => 900 - (400 * (index % 64)) / 64)],
    ["constant", repeat(3000, () => 800 + 15 * (2 * randomOf(3)() - 1))],
    ["constant with noise of 15 ms", repeat(3000, () => 800 + 15 * noise())],
    ["sinus with breathing", sinus(3000)],
    ["single early beats with their pause", repeat(3000, (index) => (index % 9 === 4 ? 520 : index % 9 === 5 ? 1120 : 820 + 15 * noise()))],
  ])("%s: no alert", (_, intervals) => {
    expect(alertsOf(rule, beats(intervals))).toEqual([]);
  });
  // Made-up days, not recordings; docs/clinical-rules.md says what more of them showed.
  const dayOf = (seed: number, next: (t: number, random: () => number, noise: () => number) => readonly number[]) => {
    const random = randomOf(seed);
    const noiseOfDay = noiseOf(random);
    const intervals: number[] = [];
    for (let t = 0; t < 86_400_000; ) {
      const some = next(t, random, noiseOfDay);
      intervals.push(...some);
      t += some.reduce((sum, interval) => sum + interval, 0);
    }
    return intervals;
  };
  /** Sinus rhythm with breaths of about `breathMs`, none as long as another, that swing the intervals by `swing` ms. */
  const breathing = (mean: number, swing: number, breathMs: number) => {
    let phase = 0;
    let length = breathMs;
    return (random: () => number, noise: () => number) => {
      const interval = mean + (swing / 2) * Math.sin(2 * Math.PI * phase) + 8 * noise();
      phase += interval / length;
      if (phase >= 1) {
        phase -= 1;
        length = breathMs * (0.8 + 0.4 * random());
      }
      return interval;
    };
  };
  test.each([
    [800, 120, 4000],
    [850, 200, 4500],
    [1050, 350, 6000],
    [1200, 300, 7000],
  ])("24 h of strong breathing rhythm (%p ms, swings of %p ms, breaths of %p ms): no alert", (mean, swing, breathMs) => {
    const breath = breathing(mean, swing, breathMs);
    expect(alertsOf(rule, beats(dayOf(swing, (_, random, noise) => [breath(random, noise)])))).toEqual([]);
  });
  test.each([0.05, 0.1, 0.2])("24 h with early beats and their pause at random (%p of them): no alert", (share) => {
    const breath = breathing(820, 50, 4000);
    const day = dayOf(11, (_, random, noise) => {
      const interval = breath(random, noise);
      if (random() >= share) return [interval];
      const extra = interval * 0.62 + 15 * noise();
      return [extra, 2 * interval - extra + 10 * noise()];
    });
    expect(alertsOf(rule, beats(day))).toEqual([]);
  });
  test.each([0.15, 0.22])("6 min of fibrillation (spread of %p of the mean) in a day of breathing rhythm: one alert", (spread) => {
    const breath = breathing(900, 100, 4500);
    const [from, to] = [40_000_000, 40_360_000];
    const day = dayOf(5, (t, random, noise) => [t >= from && t < to ? Math.max(320, 680 * (1 + spread * noise())) : breath(random, noise)]);
    const alerts = alertsOf(rule, beats(day)).map(({ onsetAt }) => onsetAt - start);
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toBeGreaterThan(from - 64_000);
    expect(alerts[0]).toBeLessThan(to);
  });
  test("a window says how much it varies without early beats, and how much it repeats itself", () => {
    const quantities = (intervals: number[]) => {
      const window = regularityOf(intervals);
      return window === "insufficient" ? [] : [window.variation, window.repetition];
    };
    const [varied = 0, unrepeated = 1] = quantities(fibrillation(64));
    expect([varied > 0.1, unrepeated < 0.3]).toEqual([true, true]);
    const extra = repeat(64, (index) => (index % 9 === 4 ? 520 : index % 9 === 5 ? 1120 : 820));
    expect(quantities(extra)[0]).toBe(0);
    // Four beats a breath: what is two beats away is the opposite, in all but the window's two ends.
    const breaths = repeat(64, (index) => 800 + 100 * Math.sin((Math.PI * index) / 2));
    expect(quantities(breaths)[1]).toBeCloseTo(62 / 64);
    expect(quantities(repeat(64, () => 800))).toEqual([0, 1]);
  });
  test("fewer than 24 valid beats in 64 are not judged", () => {
    const window = fibrillation(64);
    expect(regularityOf(window)).toMatchObject({ isIrregular: true });
    expect(regularityOf(window.map((interval, index) => (index < 41 ? 0 : interval)))).toBe("insufficient");
    const poor = fibrillation(3000).map((interval, index) => (index % 3 === 0 ? interval : 100));
    expect(alertsOf(rule, beats(poor))).toEqual([]);
  });
  test.each([90, 140, 200])("long fibrillation (±%p ms): one alert, open until it ends", (spread) => {
    const story = [...sinus(640), ...fibrillation(6000, spread), ...sinus(1280)];
    const alerts = alertsOf(rule, beats(story));
    expect(alerts).toHaveLength(1);
    const end = beats([...sinus(640), ...fibrillation(6000, spread)]).at(-1)?.at ?? 0;
    expect(alerts[0]?.clearedAt).toBeGreaterThan(end - 60_000);
    expect(alerts[0]?.finding).toMatchObject({ kind: "irregular-rhythm", windows: 4, irregularWindows: 3 });
  });
  test("its onset is the beginning of the first irregular window", () => {
    const story = beats([...sinus(640), ...fibrillation(2000)]);
    const [alert] = alertsOf(rule, story);
    expect([story[640]?.at, alert?.onsetAt]).toEqual([alert?.onsetAt, story[640]?.at]);
    expect(alert?.clearedAt).toBeUndefined();
  });
  test("a hole begins the vote anew", () => {
    const second = beats(fibrillation(140), 1_000);
    expect(alertsOf(rule, [...beats(fibrillation(140)), ...second])).toEqual([]);
  });
});

describe("live = restart = backtest, for every kind", () => {
  const stream = (code: string, values: number[]) =>
    fc.array(fc.tuple(fc.constantFrom(1, 60, 120, 300, 700), fc.constantFrom(...values)), { minLength: 1, maxLength: 60 }).map((steps) => {
      let t = 0;
      return steps.map(([gap, value]) => {
        t += gap;
        return sample(code, t, value);
      });
    });
  const sets = fc.tuple(
    stream(codes.rr, [8, 16, 25]),
    stream(codes.spo2, [90, 94, 97]),
    stream(codes.pulse, [75, 110, 131]),
    stream(codes.t, [37, 39.5]),
  );
  const rhythm = fc
    .tuple(
      fc.integer({ min: 1, max: 1e6 }),
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 40, max: 400 })), { minLength: 1, maxLength: 4 }),
    )
    .map(([seed, parts]) => {
      const noise = noiseOf(randomOf(seed));
      return beats(parts.flatMap(([isIrregular, length]) => repeat(length, () => Math.max(250, 750 + (isIrregular ? 150 : 20) * noise()))));
    });
  const levels = [
    { severity: "critical", afterSeconds: 300 },
    { severity: "critical", value: 85 },
  ];
  const steps = { severity: "warning", holdSeconds: 60, clear: { value: 92, seconds: 60 }, gapSeconds: 120, steps: levels };
  const falls = stream("99504-3", [150, 138, 126, 114, 90]);
  const cases: [Kind, CompiledRule, fc.Arbitrary<Sample[]>][] = [
    [
      "rate",
      compiled({ kind: "rate", code: "99504-3", op: "<=", value: -1, unit: "mg/dL", windowSeconds: 300, minFit: 0, holdSeconds: 60 }),
      falls,
    ],
    ["threshold", compiled({ ...threshold("59408-5", "<", 90, "%"), ...steps }), stream("59408-5", [84, 88, 88, 91, 93])],
    ["predict", compiled({ kind: "predict", code: "99504-3", op: "<", value: 100, unit: "mg/dL", windowSeconds: 300, minFit: 0 }), falls],
    ["news2", compiled({ kind: "news2", freshSeconds: { respiration: 600 } }), sets.map((all) => all.flat())],
    ["irregular-rhythm", compiled({ kind: "irregular-rhythm", votes: 1, of: 2 }), rhythm],
  ].map(([kind, rule, samples]) => [kind, rule, samples] as [Kind, CompiledRule, fc.Arbitrary<Sample[]>]);

  test.each(cases)("%s: shuffled, doubled, in frames of any size, through text at each step", (_, rule, samples) => {
    const sent = samples.chain((all) =>
      fc.tuple(
        fc.constant(all),
        fc.constantFrom("in order", "shuffled"),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 1e6 }),
      ),
    );
    fc.assert(
      fc.property(sent, ([all, order, size, seed]) => {
        const random = randomOf(seed);
        const twice = [...all, ...all.slice(0, Math.floor(all.length / 2))];
        const keyed = twice.map((one) => [order === "shuffled" ? random() : one.at, one] as const).sort(([a], [b]) => a - b);
        const frames: Sample[][] = [];
        for (let from = 0; from < keyed.length; from += size) frames.push(keyed.slice(from, from + size).map(([, one]) => one));
        const strip = ({ paged: _, ...episode }: Episode) => episode;
        expect(live(rule, frames).alerts.map(strip)).toEqual(alertsOf(rule, all).map(strip));
      }),
      { numRuns: 60 },
    );
  });
  test("a signal that a kind names is a signal the product knows", () => {
    for (const [, rule] of cases) for (const signal of rule.signals) expect(signals[signal satisfies Signal]).toBeDefined();
  });
});
