import { describe, expect, test } from "bun:test";
import { type RuleBody, ruleBodySchema } from "@episante/contracts/rule";
import { backtestSeries } from "../backtest.ts";
import { compileRule } from "../compile.ts";
import { applySamples, emptyState, type RuleFor, type Transition } from "../engine.ts";
import { type CompiledRule, type Sample, sourceOf } from "../episode.ts";

const start = Date.UTC(2026, 0, 15, 8);
const body = {
  kind: "threshold",
  code: "59408-5",
  op: "<",
  value: 90,
  unit: "%",
  holdSeconds: 60,
  clear: { value: 92, seconds: 60 },
  gapSeconds: 60,
  severity: "warning",
} as const;
type Steps = Extract<RuleBody, { kind: "threshold" }>["steps"];
const meta = { version: 1, fromMs: 0, enabled: true };
const compile = (steps: Steps, change: Record<string, unknown> = {}) =>
  compileRule(ruleBodySchema.parse({ ...body, ...change, ...(steps ? { steps } : {}) }), meta);
function compiled(steps: Steps, change: Record<string, unknown> = {}): CompiledRule {
  const rule = compile(steps, change);
  if (typeof rule === "string") throw new Error(rule);
  return rule;
}
const sample = (t: number, value: number): Sample => {
  const at = start + t * 1000;
  return { at, value, received: at, source: sourceOf("dev", "59408-5") };
};
const every = (seconds: number, from: number, to: number, value: number) =>
  Array.from({ length: Math.floor((to - from) / seconds) + 1 }, (_, index) => sample(from + index * seconds, value));
/** What each sample changes, fed one by one: second, kind, severity as it then is. */
function story(rule: CompiledRule, samples: readonly Sample[]): [number, Transition["kind"], string | undefined][] {
  const judged: RuleFor = { patientId: "pat_a", ruleId: "rul_a", versions: [rule] };
  let state = emptyState;
  return samples.flatMap((one) => {
    const applied = applySamples(state, [one], judged);
    state = applied.state;
    return applied.transitions.map(
      ({ kind, episode }) => [(one.at - start) / 1000, kind, episode.severity] as [number, Transition["kind"], string | undefined],
    );
  });
}
const critical = (afterSeconds: number) => compiled([{ severity: "critical", afterSeconds }]);

describe("steps by time", () => {
  test("a warning gets critical in place after its time from firing, once, and says so", () => {
    const samples = [...every(1, 0, 400, 88), ...every(1, 401, 500, 95)];
    expect(story(critical(300), samples)).toEqual([
      [60, "raised", "warning"],
      [360, "worsened", "critical"],
      [461, "resolved", "critical"],
    ]);
    const [episode] = backtestSeries("p", critical(300), samples);
    const step = { severity: "critical", afterSeconds: 300 } as const;
    expect(episode?.finding).toEqual({ kind: "threshold", step, reading: 88, at: start + 360_000 });
  });
  test("readings between limit and clear level hold: the alert lasts", () => {
    expect(story(critical(300), [...every(1, 0, 60, 88), ...every(1, 61, 400, 91)])).toEqual([
      [60, "raised", "warning"],
      [360, "worsened", "critical"],
    ]);
  });
  test("a hole longer than the gap limit does not count, one as long does", () => {
    const until60 = every(1, 0, 60, 88);
    expect(story(critical(100), [...until60, ...every(1, 121, 161, 88)]).at(-1)).toEqual([60, "raised", "warning"]);
    expect(story(critical(100), [...until60, ...every(1, 120, 160, 88)]).at(-1)).toEqual([160, "worsened", "critical"]);
  });
  test("time in the clear condition does not count, although the alert is still open", () => {
    const samples = [...every(1, 0, 100, 88), ...every(1, 101, 140, 95), ...every(1, 141, 240, 88)];
    // 40 s until the dip in the clear condition; it goes on at 141.
    expect(story(critical(100), samples).at(-1)).toEqual([201, "worsened", "critical"]);
  });
  test("implausible readings and absence advance nothing", () => {
    const rejected = every(1, 61, 400, 0).map((one) => ({ ...one, kind: "rejected" as const }));
    expect(story(critical(100), [...every(1, 0, 60, 88), ...rejected, sample(401, 88)]).at(-1)).toEqual([60, "raised", "warning"]);
  });
  test("another version counts anew; what was reached stays", () => {
    const v2 = { ...critical(50), version: 2, fromMs: start + 100_000 };
    const judged: RuleFor = { patientId: "p", ruleId: "r", versions: [critical(100), v2] };
    let state = emptyState;
    const worsened: number[] = [];
    for (const one of every(1, 0, 300, 88)) {
      const applied = applySamples(state, [one], judged);
      state = applied.state;
      if (applied.transitions.some(({ kind }) => kind === "worsened")) worsened.push((one.at - start) / 1000);
    }
    expect(worsened).toEqual([150]);
  });
});

describe("steps by level", () => {
  const deep = compiled([{ severity: "critical", value: 85 }]);
  test("one reading beyond the second level makes the open alert worse; better readings make it no milder", () => {
    const samples = [...every(1, 0, 99, 88), sample(100, 84), ...every(1, 101, 200, 88)];
    expect(story(deep, samples)).toEqual([
      [60, "raised", "warning"],
      [100, "worsened", "critical"],
    ]);
    const [episode] = backtestSeries("p", deep, samples);
    expect(episode?.finding).toEqual({ kind: "threshold", step: { severity: "critical", value: 85 }, reading: 84, at: start + 100_000 });
  });
  test("beyond it at firing, it is raised as severe as that; the hold stays", () => {
    expect(story(deep, every(1, 0, 100, 84))).toEqual([[60, "raised", "critical"]]);
  });
  test("exactly at the level is not beyond it", () => {
    expect(story(deep, every(1, 0, 100, 85))).toEqual([[60, "raised", "warning"]]);
  });
  test("a correction of that reading takes it back, in the same alert", () => {
    const judged: RuleFor = { patientId: "p", ruleId: "r", versions: [deep] };
    const { state } = applySamples(emptyState, [...every(1, 0, 99, 88), sample(100, 84)], judged);
    const corrected = applySamples(state, [{ ...sample(100, 88), received: start + 110_000 }], judged);
    expect(corrected.transitions.map(({ kind, episode }) => [kind, episode.severity, episode.finding])).toEqual([
      ["changed", "warning", undefined],
    ]);
  });
  test("levels are in the rule's unit, compared in the canonical one", () => {
    const glucose = { code: "15074-8", unit: "mmol/L", value: 3.9, clear: { value: 3.9, seconds: 0 }, holdSeconds: 0 };
    const rule = compiled([{ severity: "critical", value: 3 }], glucose);
    const one = (value: number) => ({ ...sample(0, value * 18.01559), source: sourceOf("dev", "15074-8") });
    expect(backtestSeries("p", rule, [one(3)])[0]?.severity).toBe("warning");
    expect(backtestSeries("p", rule, [one(2.9)])[0]?.severity).toBe("critical");
  });
});

describe("steps that cannot be", () => {
  test.each([
    ["no worse than the rule", [{ severity: "warning", afterSeconds: 60 }]],
    ["milder than the rule", [{ severity: "notice", value: 80 }]],
    ["a level on the good side", [{ severity: "critical", value: 91 }]],
    ["the limit itself", [{ severity: "critical", value: 90 }]],
  ] as [string, Steps][])("%s", (_, steps) => {
    expect(compile(steps)).toBe("steps-not-worse");
  });
  test("later, and no worse", () => {
    const steps: Steps = [
      { severity: "critical", afterSeconds: 60 },
      { severity: "warning", afterSeconds: 120 },
    ];
    expect(compile(steps, { severity: "notice" })).toBe("steps-not-worse");
    expect(typeof compile(steps.toReversed(), { severity: "notice" })).toBe("string");
    expect(typeof compile([...steps.slice(0, 1), { severity: "warning", afterSeconds: 30 }], { severity: "notice" })).toBe("object");
  });
});

test("an alert keeps the longest stretch for which its condition was met: a longer hold would have spared it", () => {
  const samples = [...every(1, 0, 70, 88), ...every(1, 71, 100, 91), ...every(1, 101, 190, 88), ...every(1, 191, 260, 95)];
  const [episode] = backtestSeries("p", compiled(undefined), samples);
  expect(episode?.longestMs).toBe(89_000);
  const of = (holdSeconds: number) => backtestSeries("p", compiled(undefined, { holdSeconds }), samples).length;
  expect([of(89), of(90)]).toEqual([1, 0]);
});
