import { operators, type RuleBody, severities } from "@episante/contracts/rule";
import { isCoded, type Signal, signalNames, signalOf, signals } from "@episante/contracts/signals";
import type { Limit } from "../../../shared/charts/series.ts";
import { type RuleText, tr } from "../../i18n/rule-texts.ts";
import { levelWord, neutralName, operatorSign, signalWord } from "../../lib/words.ts";
import { durationText } from "./duration.ts";

/** How a field is typed: a number, a length of time, or one of some words. */
export type FieldType = "number" | "duration" | "choice";

/** One field of a rule's editor. Limits and faults come from the contract's schema: only the place and the words stand here. */
export interface RuleField {
  /** Its place in the rule's body, a point before what lies inside: `clear.value`. */
  readonly name: string;
  readonly type: FieldType;
  readonly label: RuleText;
  readonly hint?: RuleText;
  /** Words of a choice by value; `asNumber` where the body holds a number. */
  readonly options?: readonly { readonly value: string; readonly text: () => string }[];
  readonly asNumber?: true;
  /** Unit behind a number: the signal's, the signal's per minute, percent of a share, or percent as they are. */
  readonly unit?: "signal" | "per-minute" | "percent" | "whole-percent";
  /** May be left empty. */
  readonly optional?: true;
  /** Never changes once the rule exists. */
  readonly fixed?: true;
  /** Only among these values of the other fields; elsewhere it is not shown and says nothing. */
  readonly when?: (fields: Readonly<Record<string, string>>) => boolean;
}
export interface RuleFieldGroup {
  readonly title: RuleText;
  readonly hint?: RuleText;
  readonly fields: readonly RuleField[];
}

export type BodyOf<Kind extends RuleBody["kind"]> = Extract<RuleBody, { kind: Kind }>;
/** The editor of a rule kind. Adding a kind is one entry in `ruleKinds`. */
export interface RuleKind<Body extends RuleBody = RuleBody> {
  readonly title: RuleText;
  readonly about: RuleText;
  /** What a rule is called until somebody chooses a name. */
  readonly name: (body: Body) => string;
  /** What a new rule begins with. */
  readonly start: Body;
  readonly groups: readonly RuleFieldGroup[];
  /** Signals worth drawing beside a trial, the main one first. */
  readonly drawn: (body: Body) => readonly Signal[];
  /** Why stored readings cannot tell what such a rule would have found. */
  readonly untried?: RuleText;
  /** The limit to draw on such a chart, where the rule compares readings themselves. */
  readonly limit?: (body: Body) => Limit;
}

/** Signals whose readings must vary: the engine knows how fast. */
const flatSignals = [
  "heart-rate",
  "pulse-rate",
  "spo2",
  "respiratory-rate",
  "body-temperature",
  "systolic-pressure",
  "diastolic-pressure",
  "interstitial-glucose",
  "rr-interval",
] as const satisfies readonly Signal[];
/** Words are no numbers to compare with; intervals between beats have a kind of their own. */
const measured = signalNames.filter((name) => !isCoded(name) && name !== "rr-interval");
const severityField: RuleField = {
  name: "severity",
  type: "choice",
  label: "field.severity",
  options: severities.map((value) => ({ value, text: () => levelWord(value) })),
};
const codeField: RuleField = {
  name: "code",
  type: "choice",
  label: "field.code",
  fixed: true,
  options: measured.map((name) => ({ value: signals[name].codes[0], text: () => signalWord(name) })),
};
const opField: RuleField = {
  name: "op",
  type: "choice",
  label: "field.op",
  options: operators.map((value) => ({ value, text: () => `${tr(`op.${value}`)} (${operatorSign(value)})` })),
};
const holdField: RuleField = { name: "holdSeconds", type: "duration", label: "field.hold", hint: "hint.hold" };
const gapField: RuleField = { name: "gapSeconds", type: "duration", label: "field.gap", hint: "hint.gap" };
const clearGroup = (unit: "signal" | "per-minute"): RuleFieldGroup => ({
  title: "group.clear",
  hint: "hint.clear",
  fields: [
    { name: "clear.value", type: "number", label: "field.clearValue", unit, optional: true },
    { name: "clear.seconds", type: "duration", label: "field.clearSeconds", optional: true },
  ],
});
/** Steps to a level: after a time, and at a second limit. The body's list has a place for each here (`rule-steps.ts`). */
const stepFields = (to: "warning" | "critical", when: NonNullable<RuleField["when"]>): readonly RuleField[] => [
  { name: `steps.${to}.afterSeconds`, type: "duration", label: `field.${to}After`, optional: true, when },
  { name: `steps.${to}.value`, type: "number", label: `field.${to}Value`, unit: "signal", optional: true, when },
];
const stepGroup: RuleFieldGroup = {
  title: "group.steps",
  hint: "hint.steps",
  fields: [
    ...stepFields("warning", ({ severity }) => severity === "notice"),
    ...stepFields("critical", ({ severity }) => severity !== "critical"),
  ],
};
const lineFields: readonly RuleField[] = [
  { name: "windowSeconds", type: "duration", label: "field.window", hint: "hint.window" },
  { name: "minPoints", type: "number", label: "field.minPoints" },
  { name: "minFit", type: "number", label: "field.minFit", hint: "hint.minFit", unit: "percent" },
];
const signalsOf = (body: { readonly code: string }): readonly Signal[] => {
  const signal = signalOf(body.code);
  return signal ? [signal] : [];
};
const limitOf = (body: { readonly op: string; readonly value: number }): Limit => ({
  value: body.value,
  side: body.op.startsWith("<") ? "below" : "above",
});

const threshold: RuleKind<BodyOf<"threshold">> = {
  title: "kind.threshold",
  about: "about.threshold",
  name: neutralName,
  start: {
    kind: "threshold",
    code: signals.spo2.codes[0],
    op: "<",
    value: 90,
    unit: "%",
    holdSeconds: 60,
    clear: { value: 92, seconds: 60 },
    gapSeconds: 120,
    severity: "warning",
  },
  groups: [
    {
      title: "group.when",
      fields: [
        codeField,
        opField,
        { name: "value", type: "number", label: "field.value", unit: "signal" },
        holdField,
        gapField,
        severityField,
      ],
    },
    clearGroup("signal"),
    stepGroup,
  ],
  drawn: signalsOf,
  limit: limitOf,
};
const rate: RuleKind<BodyOf<"rate">> = {
  title: "kind.rate",
  about: "about.rate",
  name: (body) => `${neutralName(body)}/min`,
  start: {
    kind: "rate",
    code: signals["interstitial-glucose"].codes[0],
    op: "<=",
    value: -2,
    unit: "mg/dL",
    severity: "warning",
    windowSeconds: 900,
    minPoints: 3,
    holdSeconds: 0,
    gapSeconds: 600,
    minFit: 0.5,
  },
  groups: [
    {
      title: "group.when",
      fields: [
        codeField,
        opField,
        { name: "value", type: "number", label: "field.rate", hint: "hint.rate", unit: "per-minute" },
        holdField,
        gapField,
        severityField,
      ],
    },
    { title: "group.line", hint: "hint.line", fields: lineFields },
    clearGroup("per-minute"),
  ],
  drawn: signalsOf,
};
const predict: RuleKind<BodyOf<"predict">> = {
  title: "kind.predict",
  about: "about.predict",
  name: (body) => `${neutralName(body)}, ${durationText(body.withinSeconds)}`,
  start: {
    kind: "predict",
    code: signals["interstitial-glucose"].codes[0],
    op: "<",
    value: 70,
    unit: "mg/dL",
    severity: "warning",
    windowSeconds: 900,
    minPoints: 3,
    holdSeconds: 0,
    gapSeconds: 600,
    minFit: 0.8,
    withinSeconds: 1200,
  },
  groups: [
    {
      title: "group.when",
      fields: [
        codeField,
        opField,
        { name: "value", type: "number", label: "field.value", unit: "signal" },
        { name: "withinSeconds", type: "duration", label: "field.within", hint: "hint.within" },
        holdField,
        gapField,
        severityField,
      ],
    },
    { title: "group.line", hint: "hint.line", fields: lineFields },
    clearGroup("signal"),
  ],
  drawn: signalsOf,
  limit: limitOf,
};
const freshness = (parameter: string, label: RuleText): RuleField => ({ name: `freshSeconds.${parameter}`, type: "duration", label });
const news2: RuleKind<BodyOf<"news2">> = {
  title: "kind.news2",
  about: "about.news2",
  name: () => "NEWS2",
  start: {
    kind: "news2",
    spo2Scale: 1,
    freshSeconds: {
      respiration: 3_600,
      spo2: 3_600,
      oxygen: 43_200,
      systolic: 14_400,
      pulse: 3_600,
      consciousness: 43_200,
      temperature: 14_400,
    },
    holdSeconds: 0,
    clearSeconds: 0,
    gapSeconds: 3_600,
  },
  groups: [
    {
      title: "group.when",
      fields: [
        {
          name: "spo2Scale",
          type: "choice",
          label: "field.spo2Scale",
          hint: "hint.spo2Scale",
          asNumber: true,
          options: [
            { value: "1", text: () => tr("scale.1") },
            { value: "2", text: () => tr("scale.2") },
          ],
        },
        holdField,
        { name: "clearSeconds", type: "duration", label: "field.clearSeconds", hint: "hint.clearSeconds" },
        gapField,
      ],
    },
    {
      title: "group.fresh",
      hint: "hint.fresh",
      fields: [
        freshness("respiration", "fresh.respiration"),
        freshness("spo2", "fresh.spo2"),
        freshness("oxygen", "fresh.oxygen"),
        freshness("systolic", "fresh.systolic"),
        freshness("pulse", "fresh.pulse"),
        freshness("consciousness", "fresh.consciousness"),
        freshness("temperature", "fresh.temperature"),
      ],
    },
  ],
  drawn: () => ["spo2", "respiratory-rate", "pulse-rate", "systolic-pressure", "body-temperature"],
};
const irregularRhythm: RuleKind<BodyOf<"irregular-rhythm">> = {
  title: "kind.irregular-rhythm",
  about: "about.irregular-rhythm",
  name: () => tr("kind.irregular-rhythm"),
  start: { kind: "irregular-rhythm", votes: 3, of: 4, gapSeconds: 60, severity: "warning" },
  groups: [
    {
      title: "group.when",
      fields: [
        { name: "votes", type: "number", label: "field.votes" },
        { name: "of", type: "number", label: "field.of", hint: "hint.of" },
        gapField,
        severityField,
      ],
    },
  ],
  drawn: () => ["rr-interval", "heart-rate"],
};

const silence: RuleKind<BodyOf<"silence">> = {
  title: "kind.silence",
  about: "about.silence",
  name: () => tr("kind.silence"),
  start: { kind: "silence", timeoutSeconds: 900, severity: "warning" },
  groups: [
    {
      title: "group.when",
      fields: [
        {
          name: "code",
          type: "choice",
          label: "field.code",
          hint: "hint.silenceCode",
          optional: true,
          fixed: true,
          options: [
            { value: "", text: () => tr("signal.any") },
            ...signalNames.map((name) => ({ value: signals[name].codes[0], text: () => signalWord(name) })),
          ],
        },
        { name: "timeoutSeconds", type: "duration", label: "field.timeout", hint: "hint.timeout" },
        severityField,
      ],
    },
  ],
  drawn: ({ code }) => (code ? signalsOf({ code }) : ["spo2", "heart-rate", "pulse-rate", "respiratory-rate"]),
};
const notWorn: RuleKind<BodyOf<"not-worn">> = {
  title: "kind.not-worn",
  about: "about.not-worn",
  name: () => tr("kind.not-worn"),
  start: { kind: "not-worn", holdSeconds: 600, severity: "notice" },
  groups: [{ title: "group.when", fields: [{ name: "holdSeconds", type: "duration", label: "field.hold" }, severityField] }],
  drawn: () => [],
  untried: "untried.device",
};
const flatLine: RuleKind<BodyOf<"flat-line">> = {
  title: "kind.flat-line",
  about: "about.flat-line",
  name: ({ code }) => tr("name.flat-line", { signal: signalWord(signalOf(code) ?? code) }),
  start: { kind: "flat-line", code: signals["heart-rate"].codes[0], severity: "warning" },
  groups: [
    {
      title: "group.when",
      fields: [
        { ...codeField, options: flatSignals.map((name) => ({ value: signals[name].codes[0], text: () => signalWord(name) })) },
        { name: "holdSeconds", type: "duration", label: "field.flatFor", hint: "hint.flatFor", optional: true },
        severityField,
      ],
    },
  ],
  drawn: signalsOf,
};
const lowBattery: RuleKind<BodyOf<"low-battery">> = {
  title: "kind.low-battery",
  about: "about.low-battery",
  name: () => tr("kind.low-battery"),
  start: { kind: "low-battery", below: 15, clear: 20, severity: "notice" },
  groups: [
    {
      title: "group.when",
      fields: [
        { name: "below", type: "number", label: "field.below", unit: "whole-percent" },
        { name: "clear", type: "number", label: "field.batteryClear", unit: "whole-percent" },
        severityField,
      ],
    },
  ],
  drawn: () => [],
  untried: "untried.device",
};
const clockSkew: RuleKind<BodyOf<"clock-skew">> = {
  title: "kind.clock-skew",
  about: "about.clock-skew",
  name: () => tr("kind.clock-skew"),
  start: { kind: "clock-skew", seconds: 300, severity: "warning" },
  groups: [{ title: "group.when", fields: [{ name: "seconds", type: "duration", label: "field.skew", hint: "hint.skew" }, severityField] }],
  drawn: () => [],
  untried: "untried.device",
};
const signalQuality: RuleKind<BodyOf<"signal-quality">> = {
  title: "kind.signal-quality",
  about: "about.signal-quality",
  name: ({ code }) => tr("name.signal-quality", { signal: signalWord(signalOf(code) ?? code) }),
  start: { kind: "signal-quality", code: signals["interstitial-glucose"].codes[0], inRow: 3, severity: "notice" },
  groups: [
    {
      title: "group.when",
      fields: [
        {
          ...codeField,
          options: signalNames
            .filter((name) => !isCoded(name))
            .map((name) => ({ value: signals[name].codes[0], text: () => signalWord(name) })),
        },
        { name: "inRow", type: "number", label: "field.inRow", hint: "hint.inRow" },
        severityField,
      ],
    },
  ],
  drawn: signalsOf,
  untried: "untried.rejected",
};

/** Every kind's editor, in the order in which they are offered. */
const ruleKinds: { readonly [Kind in RuleBody["kind"]]: RuleKind<BodyOf<Kind>> } = {
  threshold,
  rate,
  predict,
  news2,
  "irregular-rhythm": irregularRhythm,
  silence,
  "not-worn": notWorn,
  "flat-line": flatLine,
  "low-battery": lowBattery,
  "clock-skew": clockSkew,
  "signal-quality": signalQuality,
};
export const kindNames = Object.keys(ruleKinds) as RuleBody["kind"][];

/** The editor of a kind; asked only about bodies of that kind. */
export function kindOf(kind: RuleBody["kind"]): RuleKind {
  return ruleKinds[kind] as unknown as RuleKind;
}
