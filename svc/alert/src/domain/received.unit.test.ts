import { expect, test } from "bun:test";
import type { RuleBody } from "@episante/contracts/rule";
import fc from "fast-check";
import { backtestSeries } from "./backtest.ts";
import { decodeState, encodeState } from "./codec.ts";
import { compileRule } from "./compile.ts";
import { emptyState, type RuleFor, type Transition } from "./engine.ts";
import type { CompiledRule, Sample } from "./episode.ts";
import { applyReceived, dueOf } from "./received.ts";

function compiled(body: Extract<RuleBody, { kind: "silence" | "not-worn" }>, meta: Partial<CompiledRule> = {}): CompiledRule {
  const rule = compileRule(body, { version: 1, fromMs: 0, enabled: true });
  if (typeof rule === "string") throw new Error(rule);
  return { ...rule, ...meta };
}
const silence = compiled({ kind: "silence", timeoutSeconds: 300, severity: "warning" });
const ruleFor = (...versions: CompiledRule[]): RuleFor => ({ patientId: "pat_a", ruleId: "rul_a", versions });
const heard = (at: number, value = 1): Sample => ({ at, received: at, value, source: "dev_a" });

/** What the outside knows after these transitions: each alert as last told. */
function told(transitions: readonly Transition[]) {
  const known = new Map<string, (number | undefined)[]>();
  for (const { kind, id, episode } of transitions) {
    if (kind === "withdrawn") throw new Error("nothing that was received is taken back");
    known.set(id, [episode.onsetAt, episode.firedAt, episode.clearedAt]);
  }
  return [...known.values()];
}

test("whenever anybody looks, and however often the state is read back: the alerts are those of one pass over the same frames", () => {
  const gaps = fc.array(
    fc.record({ gap: fc.integer({ min: 0, max: 900_000 }), looks: fc.array(fc.double({ min: 0, max: 1, noNaN: true })) }),
    {
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(gaps, fc.integer({ min: 0, max: 900_000 }), (steps, rest) => {
      const rule = ruleFor(silence);
      let state = emptyState;
      const live: Transition[] = [];
      const take = (samples: readonly Sample[], untilMs?: number) => {
        const next = applyReceived(decodeState(encodeState(state), "", rule).state, samples, rule, untilMs);
        state = next.state;
        live.push(...next.transitions);
      };
      let now = 1_000_000;
      const frames: Sample[] = [];
      for (const { gap, looks } of steps) {
        for (const share of looks.sort()) take([], now + Math.floor(share * gap));
        now += gap;
        frames.push(heard(now));
        take([heard(now)]);
      }
      take([], now + rest);
      const once = backtestSeries("pat_a", silence, frames, now + rest);
      expect(told(live)).toEqual(once.map(({ onsetAt, firedAt, clearedAt }) => [onsetAt, firedAt, clearedAt]));
    }),
  );
});

test("a frame that says nothing new leaves the very state it found, so that it is not written", () => {
  const rule = ruleFor(silence);
  const { state } = applyReceived(emptyState, [heard(1_000_000)], rule);
  expect(applyReceived(state, [heard(1_004_000), heard(1_004_999)], rule).state).toBe(state);
  expect(applyReceived(state, [], rule, 1_299_999).state).toBe(state);
  expect(dueOf(state, rule)).toBe(1_300_000);
  expect(applyReceived(state, [heard(1_005_000)], rule).state).not.toBe(state);
});

test("an older receive time, as a recording brings it, takes nothing back", () => {
  const rule = ruleFor(silence);
  const first = applyReceived(emptyState, [heard(1_000_000)], rule, 1_400_000);
  const older = applyReceived(first.state, [heard(900_000)], rule);
  expect(told([...first.transitions, ...older.transitions])).toEqual([[1_000_000, 1_300_000, 1_300_000]]);
});

test("the version that heard the last reading has set the deadline; one that is off when it is due raises nothing", () => {
  const shorter = compiled({ kind: "silence", timeoutSeconds: 60, severity: "warning" }, { version: 2, fromMs: 1_100_000 });
  const { state } = applyReceived(emptyState, [heard(1_000_000)], ruleFor(silence));
  expect(told(applyReceived(state, [], ruleFor(silence, shorter), 1_400_000).transitions)).toEqual([[1_000_000, 1_300_000, undefined]]);
  const off = { ...shorter, enabled: false };
  expect(applyReceived(state, [], ruleFor(silence, off), 1_400_000).transitions).toEqual([]);
});

test("each device has a hold of its own, and the alert is one until all are well", () => {
  const rule = ruleFor(compiled({ kind: "not-worn", holdSeconds: 60, severity: "notice" }));
  const says = (device: string, t: number, worn: number): Sample => ({ ...heard(t * 1000, worn), source: device });
  const { transitions } = applyReceived(
    emptyState,
    [says("a", 0, 0), says("b", 30, 0), says("a", 70, 1), says("a", 80, 0), says("b", 100, 1), says("a", 110, 1)],
    rule,
    500_000,
  );
  expect(told(transitions)).toEqual([[0, 60_000, 110_000]]);
});
