import { describe, expect, test } from "bun:test";
import type { AccountId, AlertId } from "@episante/contracts/ids";
import fc from "fast-check";
import { type Advance, advance, type Facts, type Run, stepsOf } from "./chain.ts";

const [nurse, doctor, head] = ["a", "b", "c"].map((letter) => `acc_${letter.repeat(32)}` as AccountId) as [AccountId, AccountId, AccountId];
const worse = `alr_${"d".repeat(32)}` as AlertId;
const steps = [
  { to: nurse, afterSeconds: 0 },
  { to: "on-call" as const, afterSeconds: 300 },
  { to: head, afterSeconds: 600 },
];
const facts: Facts = {
  steps,
  hasNet: true,
  who: (to) => (to === "on-call" ? doctor : to),
  doctors: [doctor, head],
  quietUntil: () => undefined,
};
const fresh: Run = { fromMs: 0, done: 0, isInhibited: false };
const names = new Map([
  [nurse, "nurse"],
  [doctor, "doctor"],
  [head, "head"],
]);
const said = ({ calls }: Advance) => calls.map(({ step, accountId, isLate }) => `${step} ${names.get(accountId)}${isLate ? " late" : ""}`);

/** Looks at these seconds, one after the other. @returns what each look told */
function looks(seconds: readonly number[], of: Facts | ((second: number) => Facts) = facts): string[] {
  let run = fresh;
  return seconds.flatMap((second) => {
    const done = advance(run, typeof of === "function" ? of(second) : of, second * 1000);
    run = done.run;
    return said(done).map((what) => `${second}: ${what}`);
  });
}
const everySecond = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a chain", () => {
  test("S9 A: each step once, at its time", () => {
    expect(looks(everySecond(0, 900))).toEqual(["0: 0 nurse", "300: 1 doctor", "600: 2 head"]);
  });
  test("S9 D, E: what fell due while nobody looked goes at once, marked late; what did not, at its time", () => {
    expect(looks([...everySecond(0, 200), ...everySecond(280, 900)])).toEqual(["0: 0 nurse", "300: 1 doctor", "600: 2 head"]);
    expect(looks([...everySecond(0, 200), ...everySecond(350, 900)])).toEqual(["0: 0 nurse", "350: 1 doctor late", "600: 2 head"]);
    expect(looks([0, 700])).toEqual(["0: 0 nurse", "700: 1 doctor late", "700: 2 head late"]);
  });
  test("nobody is told by two steps in one instant", () => {
    const same = { ...facts, who: () => doctor };
    expect(looks([0, 700, 701, 900], same)).toEqual(["0: 0 doctor", "700: 1 doctor late"]);
  });
  test("a step that is nobody hands over to the next at once; later steps keep their time", () => {
    const hole: Facts = {
      ...facts,
      steps: [{ to: "on-call", afterSeconds: 0 }, ...steps.slice(1)],
      who: (to) => (to === "on-call" ? undefined : to),
    };
    const first = advance(fresh, hole, 0);
    expect([said(first), first.holes]).toEqual([["2 head"], [0, 1]]);
    const one: Facts = { ...facts, who: (to) => (to === nurse ? undefined : facts.who(to)) };
    expect(looks(everySecond(0, 900), one)).toEqual(["0: 1 doctor", "600: 2 head"]);
  });
  test("the last step that is nobody hands over to the doctors who treat; none of them: that is said", () => {
    const nobody: Facts = { ...facts, who: () => undefined };
    const done = advance(fresh, nobody, 0);
    expect([said(done), done.holes, done.next]).toEqual([["3 doctor", "3 head"], [0, 1, 2], undefined]);
    expect(advance(fresh, { ...nobody, doctors: [] }, 0).holes).toEqual([0, 1, 2, 3]);
    expect(advance(done.run, nobody, 5_000).calls).toEqual([]);
  });
  test("without steps the doctors who treat are told at once, once; of a notice nobody is", () => {
    expect(looks([0, 1, 600], { ...facts, steps: [] })).toEqual(["0: 0 doctor", "0: 0 head"]);
    expect(looks([0, 1, 600], { ...facts, steps: [], hasNet: false })).toEqual([]);
  });
  test("what is next is told, until nothing is", () => {
    expect(advance(fresh, facts, 0).next).toEqual({ to: "on-call", atMs: 300_000 });
    expect(advance({ ...fresh, done: 2 }, facts, 300_000).next).toEqual({ to: head, atMs: 600_000 });
    expect(advance({ ...fresh, done: 2 }, facts, 600_000).next).toBeUndefined();
  });
  test("it waits for who sleeps, and counts on from there; who is awake beside a sleeper is told", () => {
    const night = (second: number): Facts => ({ ...facts, quietUntil: () => (second < 3600 ? 3_600_000 : undefined) });
    const first = advance(fresh, night(0), 0);
    expect([said(first), first.held, first.next]).toEqual([
      [],
      { accountIds: [nurse], untilMs: 3_600_000 },
      { to: nurse, atMs: 3_600_000 },
    ]);
    expect(looks(everySecond(0, 4500), night)).toEqual(["3600: 0 nurse", "3900: 1 doctor", "4200: 2 head"]);
    const half: Facts = { ...facts, steps: [], quietUntil: (one) => (one === doctor ? 9_000_000 : undefined) };
    expect(looks([0, 1], half)).toEqual(["0: 0 head"]);
  });
  test("it waits while something more severe calls, and goes on from its end as if it began then", () => {
    const covered = (second: number): Facts => ({ ...facts, inhibitor: second >= 100 && second < 1000 ? worse : undefined });
    expect(looks(everySecond(0, 1500), covered)).toEqual(["0: 0 nurse", "1000: 1 doctor", "1300: 2 head"]);
  });
  test("however seldom it is looked at, every step is told once, in order, never early, and late only when it is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 8 }).map((list) => list.sort((a, b) => a - b)),
        fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 12 }).map((list) => list.sort((a, b) => a - b)),
        (after, seconds) => {
          const people = after.map((_, index) => `acc_${String(index).padStart(32, "0")}` as AccountId);
          const chain = after.map((afterSeconds, index) => ({ to: people[index] ?? nurse, afterSeconds }));
          let run = fresh;
          const told: number[] = [];
          for (const second of seconds) {
            const done = advance(run, { ...facts, steps: chain, hasNet: false }, second * 1000);
            run = done.run;
            for (const { step, isLate } of done.calls) {
              expect(second).toBeGreaterThanOrEqual(after[step] ?? 0);
              expect(isLate).toBe(second - (after[step] ?? 0) > 10);
              told.push(step);
            }
          }
          const last = seconds.at(-1) ?? -1;
          expect(told).toEqual(after.flatMap((afterSeconds, index) => (afterSeconds <= last ? [index] : [])));
        },
      ),
    );
  });
  test("the steps of a severity: as set; with none whoever is on call, where there is a rota; for notices none", () => {
    const rota = { weekly: [{ day: 1, from: "08:00", to: "20:00", accountId: nurse }], exceptions: [] };
    const empty = { weekly: [], exceptions: [] };
    const chains = { critical: steps, warning: [] };
    expect(stepsOf("critical", { chains, rota })).toEqual(steps);
    expect(stepsOf("warning", { chains, rota })).toEqual([{ to: "on-call", afterSeconds: 0 }]);
    expect(stepsOf("warning", { chains, rota: empty })).toEqual([]);
    expect(stepsOf("notice", { chains, rota })).toEqual([]);
  });
});
