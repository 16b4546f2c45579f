import { describe, expect, test } from "bun:test";
import { type Layer, type RuleBody, ruleBodySchema } from "@episante/contracts/rule";
import fc from "fast-check";
import { compileRule } from "./compile.ts";
import type { CompiledRule } from "./episode.ts";
import { type Layered, replaceFault, slotsOf, standingRules } from "./layers.ts";

const spo2 = { kind: "threshold", code: "59408-5", op: "<", value: 90, unit: "%", holdSeconds: 30, gapSeconds: 60, severity: "critical" };
interface Change extends Partial<Pick<CompiledRule, "fromMs" | "enabled" | "replaces">> {
  readonly body?: Record<string, unknown>;
}
function compiled({ body = spo2, ...meta }: Change = {}): CompiledRule {
  const rule = compileRule(ruleBodySchema.parse(body), { version: 1, fromMs: 0, enabled: true, ...meta });
  if (typeof rule === "string") throw new Error(rule);
  return rule;
}
function rule(id: string, layer: Layer, ...versions: Change[]): Layered {
  return { id, layer, versions: (versions.length > 0 ? versions : [{}]).map((one, index) => ({ ...compiled(one), version: index + 1 })) };
}
const ids = (rules: readonly Layered[], atMs = 1000, known: readonly Layered[] = rules) =>
  standingRules(rules, atMs, (id) => known.find((one) => one.id === id)).map(({ id }) => id);
const body = (change: Record<string, unknown>) => ({ ...spo2, ...change }) as unknown as RuleBody & Record<string, unknown>;

const clinic = rule("c", "clinic");
const group = rule("g", "group", { replaces: "c", fromMs: 100 });
const patient = rule("p", "patient", { replaces: "g", fromMs: 200 });

describe("which rules judge a patient", () => {
  test("rules that replace nothing stand beside one another", () => {
    expect(ids([clinic, rule("g", "group"), rule("p", "patient")])).toEqual(["c", "g", "p"]);
  });
  test("patient before group before clinic, each from its publication on", () => {
    const all = [clinic, group, patient];
    expect([ids(all, 99), ids(all, 100), ids(all, 199), ids(all, 200)]).toEqual([["c", "g", "p"], ["g", "p"], ["g", "p"], ["p"]]);
  });
  test("a chain holds although its middle is switched off, or the patient is not in that group", () => {
    const off = rule("g", "group", { replaces: "c", fromMs: 100 }, { replaces: "c", fromMs: 300, enabled: false });
    expect(ids([clinic, off, patient], 400)).toEqual(["g", "p"]);
    expect(ids([clinic, patient], 400, [clinic, off, patient])).toEqual(["p"]);
  });
  test("switched off, it stands in nobody's place", () => {
    const off = rule("p", "patient", { replaces: "c", fromMs: 0 }, { replaces: "c", fromMs: 300, enabled: false });
    expect([ids([clinic, off], 299), ids([clinic, off], 300)]).toEqual([["p"], ["c", "p"]]);
  });
  test("a later version may stand beside, or in another's place", () => {
    const moved = rule("p", "patient", { replaces: "c" }, { fromMs: 300 });
    expect([ids([clinic, moved], 299), ids([clinic, moved], 300)]).toEqual([["p"], ["c", "p"]]);
  });
  test("the patient's own beats a group's although neither knows of the other", () => {
    expect(ids([clinic, rule("g", "group", { replaces: "c" }), rule("p", "patient", { replaces: "c" })])).toEqual(["p"]);
  });
  test("of two groups the more sensitive one: first the limit, then the hold, then the later publication", () => {
    const of = (id: string, change: Record<string, unknown>, fromMs = 0) =>
      rule(id, "group", { replaces: "c", fromMs, body: { ...spo2, ...change } });
    expect(ids([clinic, of("a", { value: 88 }), of("b", { value: 92 })])).toEqual(["b"]);
    expect(ids([clinic, of("a", { holdSeconds: 10 }), of("b", { holdSeconds: 60 })])).toEqual(["a"]);
    expect(ids([clinic, of("a", {}, 10), of("b", {}, 20)])).toEqual(["b"]);
    const high = (id: string, value: number) =>
      rule(id, "group", { replaces: "c", body: { ...spo2, code: "8867-4", unit: "/min", op: ">", value } });
    expect(ids([clinic, high("a", 120), high("b", 130)])).toEqual(["a"]);
  });
  test("the order in which rules are given decides nothing", () => {
    const all = [
      clinic,
      group,
      patient,
      rule("g2", "group", { replaces: "c", body: { ...spo2, value: 91 } }),
      rule("c2", "clinic"),
      rule("p2", "patient", { replaces: "c2" }),
    ];
    const expected = ids(all).toSorted();
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(ids(shuffled, 1000, all).toSorted()).toEqual(expected);
      }),
    );
  });
  test("NEWS2 of a narrower layer stands without being told to; two of the clinic stand beside each other", () => {
    const news2 = { body: { kind: "news2" } };
    const [wide, other, ofGroup, own] = [
      rule("c", "clinic", news2),
      rule("d", "clinic", news2),
      rule("g", "group", news2),
      rule("p", "patient", news2),
    ];
    expect(ids([wide, other])).toEqual(["c", "d"]);
    expect(ids([wide, other, ofGroup])).toEqual(["g"]);
    expect(ids([wide, ofGroup, own])).toEqual(["p"]);
  });
  test("what stands down is told, the narrowest first", () => {
    const [slot] = slotsOf([clinic, group, patient], 1000, (id) => [clinic, group, patient].find((one) => one.id === id));
    expect([slot?.stands.map(({ id }) => id), slot?.standDown.map(({ id }) => id)]).toEqual([["p"], ["g", "c"]]);
  });
});

describe("what may replace what", () => {
  const of = (layer: Layer, change: Record<string, unknown> = {}) => ({ layer, compiled: compiled({ body: body(change) }) });
  test.each([
    ["wider layer", of("patient"), of("patient")],
    ["wider layer", of("clinic"), of("group")],
    ["same kind", of("patient", { kind: "rate", gapSeconds: 60, holdSeconds: 0 }), of("clinic")],
    ["same signal", of("patient", { code: "8867-4", unit: "/min" }), of("clinic")],
    ["same side", of("patient", { op: ">" }), of("clinic")],
  ])("refused: only a rule of the %s", (word, own, wider) => {
    expect(replaceFault(own, wider)).toContain(word);
  });
  test("another code of the signal, unit or limit may", () => {
    expect(replaceFault(of("patient", { code: "2708-6", value: 85, op: "<=" }), of("group"))).toBeUndefined();
  });
});
