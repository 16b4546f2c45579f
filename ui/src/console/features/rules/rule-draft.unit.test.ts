import { beforeEach, describe, expect, test } from "bun:test";
import type { RuleBody } from "@episante/contracts/rule";
import { signals } from "@episante/contracts/signals";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { type Draft, draftOf, fieldsOf, isSameRule, readDraft, serverFaults } from "./rule-draft.ts";
import { kindNames, kindOf } from "./rule-kinds.ts";

beforeEach(() => setLocale("fr"));

const threshold = kindOf("threshold").start;
const rate = kindOf("rate").start;
const read = (before: RuleBody, change: Draft = {}) => readDraft(before, { ...draftOf(before), ...change });

describe("every kind", () => {
  test("begins with values that are a rule, and come back from the fields as they were, in both languages", () => {
    for (const language of ["fr", "en"] as const) {
      setLocale(language);
      for (const kind of kindNames) expect([kind, read(kindOf(kind).start)]).toEqual([kind, { rule: kindOf(kind).start }]);
    }
  });
  test("says at each number and length of time that is empty or nonsense what to enter, there and nowhere else", () => {
    for (const kind of kindNames) {
      for (const field of fieldsOf(kind).filter(({ type }) => type !== "choice")) {
        const shown: Draft = field.when ? { severity: "notice" } : {};
        expect([field.name, Object.keys(read(kindOf(kind).start, { ...shown, [field.name]: "x" }).faults ?? {})]).toEqual([
          field.name,
          [field.name],
        ]);
        const isFault = read(kindOf(kind).start, { ...shown, [field.name]: " " }).faults?.[field.name] !== undefined;
        expect([field.name, isFault]).toEqual([field.name, field.optional !== true]);
      }
    }
  });
});

test("numbers are read with comma or point and any minus, lengths of time with their units", () => {
  expect(read(rate, { value: "−2,5", windowSeconds: "20 min", minFit: "65 %".replace(" %", "") }).rule).toMatchObject({
    value: -2.5,
    windowSeconds: 1200,
    minFit: 0.65,
  });
});
test("another signal is in its own unit; the rule's unit stays with its signal", () => {
  expect(read(rate, { code: signals["heart-rate"].codes[0] }).rule).toMatchObject({ unit: "/min" });
  const inMmol: RuleBody = { ...(kindOf("predict").start as Extract<RuleBody, { kind: "predict" }>), unit: "mmol/L", value: 3.9 };
  expect(read(inMmol).rule).toEqual(inMmol);
});
test("limits are the contract's, in the words of the field", () => {
  const faults = (before: RuleBody, change: Draft) => read(before, change).faults;
  expect(faults(threshold, { gapSeconds: "0" })).toEqual({ gapSeconds: "Au moins 1 s." });
  expect(faults(threshold, { holdSeconds: "2 j" })).toEqual({ holdSeconds: "Au plus 24 h." });
  expect(faults(rate, { minFit: "120" })).toEqual({ minFit: "Au plus 100\u202f%." });
  expect(faults(rate, { minPoints: "2,5" })).toEqual({ minPoints: "Saisissez un nombre entier." });
  expect(faults(kindOf("irregular-rhythm").start, { votes: "6" })).toEqual({ votes: "Pas plus que le nombre de fenêtres." });
});
test("a level that would still alert is refused beside its field, on both sides; none at all ends at the limit", () => {
  expect(Object.keys(read(threshold, { "clear.value": "89" }).faults ?? {})).toEqual(["clear.value"]);
  expect(Object.keys(read(threshold, { op: ">" }).faults ?? {})).toEqual(["clear.value"]);
  expect(read(threshold, { "clear.value": "", "clear.seconds": "" }).rule).not.toHaveProperty("clear");
  expect(read(threshold, { "clear.value": "", "clear.seconds": "30" }).rule).toMatchObject({ clear: { value: 90, seconds: 30 } });
});
describe("steps to a worse level", () => {
  const notice = { severity: "notice" };
  const all = {
    ...notice,
    "steps.warning.afterSeconds": "5 min",
    "steps.warning.value": "88",
    "steps.critical.afterSeconds": "15 min",
    "steps.critical.value": "85",
  };
  test("become a list, mildest first, and come back to their fields", () => {
    const { rule } = read(threshold, all);
    expect(rule).toMatchObject({
      steps: [
        { severity: "warning", afterSeconds: 300 },
        { severity: "warning", value: 88 },
        { severity: "critical", afterSeconds: 900 },
        { severity: "critical", value: 85 },
      ],
    });
    expect(rule && read(rule).rule).toEqual(rule);
    expect(rule && draftOf(rule)).toMatchObject(all);
  });
  test("to a level that the rule has already say nothing", () => {
    expect(read(threshold, { ...all, severity: "critical" }).rule).not.toHaveProperty("steps");
    expect(read(threshold, { ...all, severity: "warning" }).rule).toMatchObject({
      steps: [{ severity: "critical" }, { severity: "critical" }],
    });
  });
  test("that do not get worse are refused at their own field", () => {
    const faults = (change: Draft) => Object.keys(read(threshold, { ...all, ...change }).faults ?? {});
    expect(faults({ "steps.critical.value": "89" })).toEqual(["steps.critical.value"]);
    expect(faults({ "steps.warning.value": "91", "steps.critical.value": "" })).toEqual(["steps.warning.value"]);
    expect(faults({ "steps.critical.afterSeconds": "5 min" })).toEqual(["steps.critical.afterSeconds"]);
    expect(faults({ "steps.critical.afterSeconds": "2 j" })).toEqual(["steps.critical.afterSeconds"]);
  });
});
test("what the service refuses stands at its field; what belongs to no field does not get lost among them", () => {
  const errors = [{ path: "rule.clear.value" }, { path: "scope" }];
  expect(Object.keys(serverFaults(errors, "threshold"))).toEqual(["clear.value"]);
});
test("two rules are the same whatever the order in which they are written", () => {
  expect(isSameRule({ ...threshold }, Object.fromEntries(Object.entries(threshold).reverse()) as RuleBody)).toBe(true);
  expect(isSameRule(threshold, { ...threshold, value: 91 } as RuleBody)).toBe(false);
});
