import type { Alert } from "@episante/contracts/alert";
import { type Finding, type RuleBody, technicalKinds } from "@episante/contracts/rule";
import { signalNames, signalOf } from "@episante/contracts/signals";
import { number, quantity } from "../../../shared/lib/format.ts";
import { tt } from "../../i18n/technical-texts.ts";
import { exactSpan, levelWord, signalWord, skewWords } from "../../lib/words.ts";

type TechnicalKind = (typeof technicalKinds)[number];
export type TechnicalBody = Extract<RuleBody, { kind: TechnicalKind }>;
export type TechnicalFinding = Extract<Finding, { kind: TechnicalKind }>;

/** True for rules about devices and what they send. */
export function isTechnical<One extends { readonly kind: string }>(one: One): one is Extract<One, { kind: TechnicalKind }> {
  return technicalKinds.some((kind) => kind === one.kind);
}

/** True where the alert is about a device, so that there are no readings to draw. */
export function isOfDevice(alert: Pick<Alert, "class" | "signal">): boolean {
  return alert.class === "technical" && !signalNames.some((name) => name === alert.signal);
}

/** The end of a device's id is enough to tell two of a patient's apart, and stands beside the device in its list. */
const devicesWords = (devices: readonly { readonly deviceId: string }[]) => devices.map(({ deviceId }) => deviceId.slice(-4)).join(", ");

/** What its rule asks for, in the list. */
export function technicalRuleWords({ rule, threshold, unit }: Pick<Alert, "rule" | "threshold" | "unit">): string | undefined {
  const kind = technicalKinds.find((one) => one === rule.kind);
  return kind && tt(`${kind}.rule`, { span: exactSpan(threshold), value: quantity(threshold, unit) });
}

/** The value beside it; nothing where the alert is that there is none. */
export function technicalValue({ rule, value, unit }: Pick<Alert, "rule" | "value" | "unit">): string | undefined {
  if (rule.kind === "silence" || rule.kind === "not-worn") return undefined;
  return rule.kind === "clock-skew" ? skewWords(value) : quantity(value, unit);
}

/** Why it fired. `clock` formats an instant. */
export function technicalWhy(finding: TechnicalFinding, alert: Alert, clock: (instant: string) => string): string {
  const signal = signalWord(alert.signal);
  if (finding.kind === "flat-line")
    return tt("flat-line.why", {
      signal,
      value: quantity(alert.value, alert.unit),
      span: exactSpan(Math.round(finding.spanSeconds)),
      n: finding.readings,
    });
  if (finding.kind === "signal-quality") return tt(`signal-quality.${finding.reason}`, { value: number(finding.value), n: finding.count });
  const devices = devicesWords(finding.devices);
  const since = clock(new Date(Math.min(...finding.devices.map((one) => one.since))).toISOString());
  if (finding.kind === "silence") return tt("silence.why", { since, devices, span: exactSpan(finding.timeoutSeconds) });
  const [first] = finding.devices;
  const value = finding.kind === "clock-skew" ? skewWords(first?.value ?? alert.value) : quantity(first?.value ?? alert.value, alert.unit);
  return tt(`${finding.kind}.why`, { devices, since, value });
}

/** A technical rule in one sentence. */
export function technicalSentence(rule: TechnicalBody): string {
  const level = levelWord(rule.severity);
  const signal = "code" in rule && rule.code !== undefined ? signalWord(signalOf(rule.code) ?? rule.code) : "";
  if (rule.kind === "silence")
    return tt(signal ? "silence.sentenceSignal" : "silence.sentence", { signal, level, span: exactSpan(rule.timeoutSeconds) });
  if (rule.kind === "not-worn") return tt("not-worn.sentence", { level, span: exactSpan(rule.holdSeconds) });
  if (rule.kind === "flat-line")
    return rule.holdSeconds === undefined
      ? tt("flat-line.sentenceUsual", { signal, level })
      : tt("flat-line.sentence", { signal, level, span: exactSpan(rule.holdSeconds) });
  if (rule.kind === "low-battery")
    return tt("low-battery.sentence", { level, value: quantity(rule.below, "%"), clear: quantity(rule.clear, "%") });
  if (rule.kind === "clock-skew") return tt("clock-skew.sentence", { level, value: quantity(rule.seconds, "s") });
  return tt("signal-quality.sentence", { signal, level, n: rule.inRow });
}
