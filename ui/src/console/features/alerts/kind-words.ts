import type { Alert } from "@episante/contracts/alert";
import type { Finding, RuleBody } from "@episante/contracts/rule";
import { type Signal, signalNames, signalOf, signals } from "@episante/contracts/signals";
import { number, quantity } from "../../../shared/lib/format.ts";
import { tk } from "../../i18n/rule-kind-texts.ts";
import { exactSpan, levelWord, operatorSign, signalWord } from "../../lib/words.ts";
import { isTechnical, technicalRuleWords, technicalSentence, technicalWhy } from "./technical-words.ts";

type FindingOf<Kind extends Finding["kind"]> = Extract<Finding, { kind: Kind }>;

/** True where the alert's value is not the reading itself: what is drawn and shown is what the rule judged. */
export function isJudged(alert: Pick<Alert, "rule">): boolean {
  return alert.rule.kind !== "threshold";
}

/** What a rule of another kind than threshold asks for, in the list; nothing for a threshold. */
export function kindRuleWords(alert: Alert): string | undefined {
  if (alert.class === "technical") return technicalRuleWords(alert);
  const words = { signal: signalWord(alert.signal), op: operatorSign(alert.op), value: quantity(alert.threshold, perMinuteUnit(alert)) };
  if (alert.rule.kind === "rate") return tk("rate.rule", words);
  if (alert.rule.kind === "predict") return tk("predict.rule", words);
  if (alert.rule.kind === "news2") return tk("news2.rule");
  return alert.rule.kind === "irregular-rhythm" ? tk("rhythm.rule") : undefined;
}

/** A slope's unit is told in words: `mg/dL/min` reads `mg/dL … a minute`. */
function perMinuteUnit({ rule, unit }: Pick<Alert, "rule" | "unit">): string {
  return rule.kind === "rate" ? unit.replace(/\/min$/, "") : unit;
}

/** Why the alert fired, from what its rule found; nothing for a threshold. `clock` formats an instant. */
export function findingWords(alert: Alert, clock: (instant: string) => string): readonly string[] {
  const { finding } = alert.explanation;
  if (!finding) return [];
  if (isTechnical(finding)) return [technicalWhy(finding, alert, clock)];
  if (finding.kind === "news2") return news2Words(finding);
  if (finding.kind === "irregular-rhythm") return [rhythmWords(finding)];
  if (finding.kind === "threshold") return [stepWords(finding, alert.unit)];
  const unit = finding.kind === "rate" ? finding.readingUnit : alert.unit;
  const words = {
    signal: signalWord(alert.signal),
    span: exactSpan(Math.round(finding.spanSeconds)),
    n: finding.points,
    fit: number(finding.fit, 2),
    reading: quantity(finding.reading, unit),
  };
  if (finding.kind === "rate") return [tk("rate.why", { ...words, slope: quantity(finding.slope, unit) })];
  return [tk("predict.why", { ...words, predicted: quantity(finding.predicted, unit), within: exactSpan(finding.withinSeconds) })];
}

function news2Words({ score, band, spo2Scale, parameters, missing }: FindingOf<"news2">): string[] {
  const parts = parameters.map((one) => `${tk(`news2.${one.parameter}`)} ${one.score}`).join(", ");
  return [
    tk("news2.why", { score, scale: spo2Scale, parts }),
    ...(missing.length > 0 ? [tk("news2.missing", { missing: missing.map((one) => tk(`news2.${one}`)).join(", ") })] : []),
    tk(`news2.${band}`),
  ];
}

function stepWords({ step, reading }: FindingOf<"threshold">, unit: string): string {
  const words = { level: levelWord(step.severity), reading: quantity(reading, unit) };
  if ("value" in step) return tk("step.value", { ...words, value: quantity(step.value, unit) });
  return tk("step.after", { ...words, after: exactSpan(step.afterSeconds) });
}

function rhythmWords({ irregularWindows, windows, irregularity, entropy, meanInterval }: FindingOf<"irregular-rhythm">): string {
  return tk("rhythm.why", {
    k: irregularWindows,
    n: windows,
    irregularity: quantity(100 * irregularity, "%"),
    entropy: number(entropy, 2),
    mean: quantity(Math.round(meanInterval), "ms"),
  });
}

/** Bounds of the chart of what was judged. */
export function judgedAxis(alert: Pick<Alert, "rule" | "signal" | "threshold">): readonly [number, number] {
  if (alert.rule.kind === "news2") return [0, 20];
  if (alert.rule.kind === "irregular-rhythm") return [0, 30];
  const most = 2 * Math.abs(alert.threshold) || 1;
  if (alert.rule.kind === "rate") return [-most, most];
  const known: Signal | undefined = signalNames.find((name) => name === alert.signal);
  return known ? signals[known].axis : [0, 100];
}

/** A rule of another kind than threshold in one sentence. */
export function kindSentence(rule: Exclude<RuleBody, { kind: "threshold" }>): string {
  if (isTechnical(rule)) return technicalSentence(rule);
  if (rule.kind === "news2") return tk("news2.sentence", { scale: rule.spo2Scale });
  const level = levelWord(rule.severity);
  if (rule.kind === "irregular-rhythm") return tk("rhythm.sentence", { k: rule.votes, n: rule.of, level });
  const signal = signalWord(signalOf(rule.code) ?? rule.code);
  const words = { signal, op: operatorSign(rule.op), value: quantity(rule.value, rule.unit), span: exactSpan(rule.windowSeconds), level };
  if (rule.kind === "rate") return tk("rate.sentence", words);
  return tk("predict.sentence", { ...words, within: exactSpan(rule.withinSeconds) });
}
