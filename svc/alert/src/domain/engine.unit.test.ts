import { describe, expect, test } from "bun:test";
import type { RuleBody } from "@episante/contracts/rule";
import fc from "fast-check";
import { backtestSeries } from "./backtest.ts";
import { decodeBlock, decodeState, encodeBlock, encodeState, encodeTail } from "./codec.ts";
import { compileRule } from "./compile.ts";
import {
  applySamples,
  type Block,
  type EngineState,
  emptyState,
  episodesOf,
  fixVersions,
  needsHistory,
  prepend,
  type RuleFor,
  type Transition,
  trim,
} from "./engine.ts";
import type { CompiledRule, Sample } from "./episode.ts";

const start = Date.UTC(2026, 0, 15, 8);
const emptyId = "alr_";
type ThresholdBody = Extract<RuleBody, { kind: "threshold" }>;
const body: ThresholdBody = {
  kind: "threshold",
  code: "59408-5",
  op: "<",
  value: 90,
  unit: "%",
  holdSeconds: 60,
  clear: { value: 92, seconds: 60 },
  gapSeconds: 60,
  severity: "critical",
};
function compiled(change: Partial<ThresholdBody> = {}, meta: Partial<CompiledRule> = {}): CompiledRule {
  const rule = compileRule({ ...body, ...change }, { version: 1, fromMs: 0, enabled: true });
  if (typeof rule === "string") throw new Error(rule);
  return { ...rule, ...meta };
}
const s1: RuleFor = { patientId: "pat_a", ruleId: "rul_a", versions: [compiled()] };

function sample(t: number, value: number, receivedT = t): Sample {
  return { at: start + t * 1000, value, received: start + receivedT * 1000, source: "dev_a|59408-5" };
}
/** Samples at 1 Hz: `[first second, last second, value]`. */
function series(...parts: [number, number, number][]): Sample[] {
  return parts.flatMap(([from, to, value]) => Array.from({ length: to - from + 1 }, (_, index) => sample(from + index, value)));
}
const s1Samples = series([0, 59, 95], [60, 139, 88], [140, 199, 91], [200, 299, 93]);

/** Runs a state with its blocks the way the reader does. */
class Live {
  state: EngineState = emptyState;
  blocks: Block[] = [];
  transitions: Transition[] = [];
  /** The row as it would stand: the state when it was last written whole, and what it took in since. */
  private row = { whole: encodeState(emptyState), tail: [] as Sample[], published: emptyState.published };
  constructor(private readonly rule: RuleFor = s1) {}

  feed(received: readonly Sample[]): Transition[] {
    const samples = fixVersions(received, this.rule);
    const oldest = Math.min(...samples.map((one) => one.at));
    const isOld = needsHistory(this.state, oldest);
    if (isOld) {
      const back = this.blocks.filter((block) => block.toAt >= oldest);
      this.blocks = this.blocks.filter((block) => block.toAt < oldest);
      this.state = prepend(back, this.state, this.rule);
    }
    const applied = applySamples(this.state, samples, this.rule);
    const trimmed = trim(applied.state, this.rule);
    this.state = trimmed.state;
    this.blocks.push(...trimmed.blocks);
    this.transitions.push(...applied.transitions);
    const isWhole = isOld || trimmed.blocks.length > 0;
    const { published } = this.state;
    this.row = isWhole
      ? { whole: encodeState(this.state), tail: [], published }
      : { ...this.row, tail: [...this.row.tail, ...samples], published };
    return applied.transitions;
  }
  /** Everything through text and back, as a restart does. */
  restart(): void {
    this.state = decodeState(this.row.whole, encodeTail(this.row.tail, this.row.published), this.rule).state;
    this.blocks = this.blocks.map((block) => decodeBlock(encodeBlock(block)));
  }
  get alerts() {
    const all = [...this.blocks.flatMap((block) => block.published), ...this.state.published];
    return all.map(({ episode }) => seconds(episode)).sort((a, b) => a.onset - b.onset);
  }
}
function seconds(episode: { onsetAt: number; firedAt: number; clearedAt?: number }) {
  const second = (at: number | undefined) => (at === undefined ? undefined : (at - start) / 1000);
  return { onset: second(episode.onsetAt) ?? 0, fired: second(episode.firedAt), cleared: second(episode.clearedAt) };
}

describe("S1 hold and hysteresis", () => {
  test("one alert: onset 60, fired 120, open at 199, resolved 260", () => {
    const live = new Live();
    const seen: [number, string][] = [];
    for (const [index, one] of s1Samples.entries()) for (const { kind } of live.feed([one])) seen.push([index, kind]);
    expect(seen).toEqual([
      [120, "raised"],
      [260, "resolved"],
    ]);
    expect(live.alerts).toEqual([{ onset: 60, fired: 120, cleared: 260 }]);
  });
  test("without a clear condition it closes at the first sample that is no longer true", () => {
    const { clear: _, ...plain } = body;
    const rule = compileRule(plain, { version: 1, fromMs: 0, enabled: true });
    if (typeof rule === "string") throw new Error(rule);
    expect(backtestSeries("p", rule, s1Samples).map(seconds)).toEqual([{ onset: 60, fired: 120, cleared: 140 }]);
  });
  test("a hold of zero fires at the first true sample", () => {
    expect(backtestSeries("p", compiled({ holdSeconds: 0 }), s1Samples).map(seconds)).toEqual([{ onset: 60, fired: 60, cleared: 260 }]);
  });
  test("high limits mirror low ones", () => {
    const rule = compiled({ code: "8867-4", unit: "/min", op: ">", value: 130, clear: { value: 120, seconds: 10 }, holdSeconds: 10 });
    const pulse = series([0, 9, 100], [10, 30, 140], [31, 50, 125], [51, 80, 110]);
    expect(backtestSeries("p", rule, pulse).map(seconds)).toEqual([{ onset: 10, fired: 20, cleared: 61 }]);
  });
});

describe("S2 nothing", () => {
  test("dips shorter than the hold and values that are not measurements never alert", () => {
    const live = new Live();
    const dips = series([0, 19, 95], [20, 59, 88], [60, 79, 95], [80, 119, 88], [120, 139, 95], [140, 179, 88], [180, 200, 95]);
    const bad: Sample[] = [0, 127, 255].map((value, index) => ({ ...sample(201 + index, value), kind: "rejected" }));
    for (const one of [...dips, ...bad, sample(204, Number.NaN)]) live.feed([one]);
    expect(live.transitions).toEqual([]);
  });
  test("a hole longer than the gap limit resets a pending hold, one as long does not", () => {
    expect(backtestSeries("p", compiled(), [sample(0, 88), sample(61, 88), sample(100, 88)])).toEqual([]);
    expect(backtestSeries("p", compiled(), [sample(0, 88), sample(60, 88)]).map(seconds)).toEqual([
      { onset: 0, fired: 60, cleared: undefined },
    ]);
  });
  test("rejected samples do not bridge a hole", () => {
    const rejected: Sample = { ...sample(40, 0), kind: "rejected" };
    expect(backtestSeries("p", compiled(), [sample(0, 88), rejected, sample(70, 88)])).toEqual([]);
  });
  test("absence never resolves", () => {
    const live = new Live();
    live.feed(series([0, 70, 88]));
    live.feed([sample(50_000, 91)]);
    expect(live.alerts).toEqual([{ onset: 0, fired: 60, cleared: undefined }]);
  });
});

describe("S6 backfill", () => {
  const before = series([0, 600, 95]);
  const backfill = series([601, 699, 95], [700, 900, 82], [901, 1195, 95]).map((one) => ({ ...one, received: start + 1_200_000 }));
  test("an episode found wholly in a backfill is recorded, late, and pages nobody", () => {
    const live = new Live();
    for (const one of before) live.feed([one]);
    const transitions = live.feed(backfill);
    expect(transitions.map(({ kind, episode }) => [kind, episode.paged, seconds(episode)])).toEqual([
      ["raised", false, { onset: 700, fired: 760, cleared: 961 }],
    ]);
  });
  test("still true on the first younger reading: pages once, onset unchanged", () => {
    const live = new Live();
    for (const one of before) live.feed([one]);
    const still = series([601, 699, 95], [700, 1195, 82]).map((one) => ({ ...one, received: start + 1_200_000 }));
    expect(live.feed(still.filter((one) => one.at < start + 1_080_000)).map(({ kind, episode }) => [kind, episode.paged])).toEqual([
      ["raised", false],
    ]);
    expect(live.feed([sample(1200, 82)]).map(({ kind, episode }) => [kind, seconds(episode).onset])).toEqual([["paged", 700]]);
    expect(live.feed([sample(1201, 82)])).toEqual([]);
  });
  test("a backfill that arrives after younger readings gives the same alerts as in order", () => {
    const live = new Live();
    const younger = series([1200, 1900, 95]);
    for (const one of [...before, ...younger]) live.feed([one]);
    for (let index = 0; index < backfill.length; index += 50) live.feed(backfill.slice(index, index + 50));
    expect(live.alerts).toEqual([{ onset: 700, fired: 760, cleared: 961 }]);
    expect(live.transitions.every(({ episode }) => !episode.paged)).toBe(true);
  });
});

describe("S7 at least once, out of order", () => {
  test("doubled and shuffled within 30 s: one alert with the same times; a correction then withdraws it with the reason", () => {
    const live = new Live();
    let seed = 7;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    const sent = [...s1Samples, ...s1Samples].map((one) => ({ one, key: one.at + random() * 30_000 })).sort((a, b) => a.key - b.key);
    for (const { one } of sent) live.feed([one]);
    expect(live.alerts).toEqual([{ onset: 60, fired: 120, cleared: 260 }]);
    const transitions = live.feed([{ ...sample(100, 97), received: start + 300_000 }]);
    expect(transitions.map((one) => [one.kind, one.kind === "withdrawn" ? one.reason : ""])).toEqual([["withdrawn", "re-derived"]]);
    expect(live.alerts).toEqual([]);
  });
  test("a late sample inside a clear delay reopens the alert under its id", () => {
    const live = new Live();
    for (const one of s1Samples.filter((_, index) => index !== 230)) live.feed([one]);
    const id = live.transitions[0]?.id ?? emptyId;
    const again = live.feed([sample(230, 88, 300)]);
    expect(again.map((one) => [one.kind, one.id])).toEqual([["changed", id]]);
    expect(live.alerts).toEqual([{ onset: 60, fired: 120, cleared: 291 }]);
  });
});

describe("rule versions and closing by hand", () => {
  test("a new version judges readings received from its time on", () => {
    const stricter = compiled({ value: 94, clear: { value: 95, seconds: 0 } }, { version: 2, fromMs: start + 100_000 });
    const live = new Live({ ...s1, versions: [compiled(), stricter] });
    for (const one of series([0, 300, 93])) live.feed([one]);
    expect(live.alerts).toEqual([{ onset: 100, fired: 160, cleared: undefined }]);
    expect(live.state.published[0]?.episode.version).toBe(2);
  });
  test("an open alert survives a new version and closes by its clear level", () => {
    const lower = compiled({ value: 80, clear: { value: 85, seconds: 0 } }, { version: 2, fromMs: start + 100_000 });
    const live = new Live({ ...s1, versions: [compiled(), lower] });
    for (const one of series([0, 120, 84], [121, 130, 88])) live.feed([one]);
    expect(live.alerts).toEqual([{ onset: 0, fired: 60, cleared: 121 }]);
  });
  test("a version published after readings were judged does not judge them again", () => {
    const live = new Live();
    for (const one of series([0, 50, 88])) live.feed([one]);
    const lower = compiled({ value: 80, clear: { value: 92, seconds: 60 } }, { version: 2, fromMs: start + 40_000 });
    const later = new Live({ ...s1, versions: [compiled(), lower] });
    later.state = decodeState(encodeState(live.state), "", { ...s1, versions: [compiled(), lower] }).state;
    later.feed([{ ...sample(20, 87, 51), received: start + 39_000 }]);
    expect(later.state.end).toMatchObject({ phase: "pending", version: 1, onsetAt: start });
  });
  test("a disabled version judges nothing and resolves nothing", () => {
    const off = compiled({}, { version: 2, fromMs: start + 100_000, enabled: false });
    const live = new Live({ ...s1, versions: [compiled(), off] });
    for (const one of series([0, 120, 84], [121, 400, 97])) live.feed([one]);
    expect(live.alerts).toEqual([{ onset: 0, fired: 60, cleared: undefined }]);
  });
  test("closed by hand while still true, it needs a new hold and becomes a new alert", () => {
    const live = new Live();
    for (const one of series([0, 100, 84])) live.feed([one]);
    live.feed([{ at: start + 100_500, value: 0, received: start + 100_500, source: "hand", kind: "reset" }]);
    for (const one of series([101, 200, 84])) live.feed([one]);
    expect(live.alerts).toEqual([
      { onset: 0, fired: 60, cleared: 100.5 },
      { onset: 101, fired: 161, cleared: undefined },
    ]);
  });
  test("codes and units the rule cannot have are named", () => {
    const meta = { version: 1, fromMs: 0, enabled: true };
    expect(compileRule({ ...body, code: "1-1" }, meta)).toBe("unknown-code");
    expect(compileRule({ ...body, unit: "kg" }, meta)).toBe("unknown-unit");
    expect(compileRule({ ...body, clear: { value: 80, seconds: 0 } }, meta)).toBe("clear-inside");
  });
  test("a limit in mmol/L is compared in mg/dL before rounding", () => {
    const rule = compiled({ code: "15074-8", unit: "mmol/L", value: 3.9, clear: { value: 3.9, seconds: 0 }, holdSeconds: 0 });
    expect(backtestSeries("p", rule, [sample(0, 3.9 * 18.01559)])).toEqual([]);
    expect(backtestSeries("p", rule, [sample(0, 3.8 * 18.01559)])).toHaveLength(1);
  });
});

describe("properties", () => {
  /** Values around the limits, at uneven steps with some holes. */
  const history = fc
    .array(fc.tuple(fc.constantFrom(1, 1, 1, 5, 20, 59, 61, 200), fc.constantFrom(84, 88, 88, 88, 91, 93, 93, 93)), {
      minLength: 1,
      maxLength: 120,
    })
    .map((steps) => {
      let t = 0;
      return steps.map(([gap, value]) => {
        t += gap;
        return sample(t, value);
      });
    });
  const expected = (samples: readonly Sample[]) => backtestSeries("pat_a", compiled(), samples).map(seconds);

  test("live, sample by sample, equals the backtest", () => {
    fc.assert(
      fc.property(history, (samples) => {
        const live = new Live();
        for (const one of samples) live.feed([one]);
        expect(live.alerts).toEqual(expected(samples));
      }),
      { numRuns: 300 },
    );
  });
  test("any order and any duplicates end in the same alerts", () => {
    const shuffled = history.chain((samples) =>
      fc.tuple(fc.constant(samples), fc.shuffledSubarray([...samples, ...samples], { minLength: samples.length * 2 })),
    );
    fc.assert(
      fc.property(shuffled, ([samples, sent]) => {
        const live = new Live();
        for (const one of sent) live.feed([one]);
        expect(live.alerts).toEqual(expected(samples));
      }),
      { numRuns: 300 },
    );
  });
  test("a restart at any point, and frames of any size, change nothing", () => {
    fc.assert(
      fc.property(history, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (samples, sizes) => {
        const live = new Live();
        let at = 0;
        for (let frame = 0; at < samples.length; frame++) {
          const size = sizes[frame % sizes.length] ?? 1;
          live.feed(samples.slice(at, at + size));
          live.restart();
          at += size;
        }
        expect(live.alerts).toEqual(expected(samples));
      }),
      { numRuns: 300 },
    );
  });
  test("one open alert at most, and what is published is what the fold knows", () => {
    const corrected = fc.tuple(history, fc.array(fc.tuple(fc.nat(), fc.constantFrom(84, 91, 93)), { maxLength: 10 }));
    fc.assert(
      fc.property(corrected, ([samples, corrections]) => {
        const live = new Live();
        const final = samples.slice();
        for (const one of samples) live.feed([one]);
        for (const [pick, value] of corrections) {
          const index = pick % final.length;
          const one = final[index];
          if (!one) continue;
          final[index] = { ...one, value };
          live.feed([{ ...one, value }]);
        }
        expect(live.alerts).toEqual(expected(final));
        expect(live.state.published.map(({ episode }) => episode.onsetAt)).toEqual(episodesOf(live.state).map(({ onsetAt }) => onsetAt));
        expect(live.alerts.filter(({ cleared }) => cleared === undefined).length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });
});
