import type { Alert } from "@episante/contracts/alert";
import type { Patient } from "@episante/contracts/patient";
import { type RuleBody, technicalKinds } from "@episante/contracts/rule";
import { signalNames, signalOf } from "@episante/contracts/signals";
import { tc } from "../../shared/i18n/common.ts";
import { number, quantity, unit, years } from "../../shared/lib/format.ts";
import { type Level, levelOf } from "../features/alerts/alert-board.ts";
import { tk } from "../i18n/rule-kind-texts.ts";
import { tt } from "../i18n/technical-texts.ts";
import { t } from "../i18n/text.ts";

export type ThresholdBody = Extract<RuleBody, { kind: "threshold" }>;
export type PatientMin = Pick<Patient, "id" | "givenName" | "familyName" | "birthDate" | "gender" | "fileNumber">;

/** Length of time, one unit: `12 s`, `4 min`, `1 h 05`, `2 j`. */
export function shortSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return t("age.s", { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t("age.min", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return t("age.hMin", { n: hours, min: String(minutes % 60).padStart(2, "0") });
  return t("age.d", { n: Math.floor(hours / 24) });
}

/** Length of time with seconds under an hour: `4 min 10 s`. */
export function longSpan(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60 || seconds >= 3600) return shortSpan(ms);
  return t("age.minS", { n: Math.floor(seconds / 60), s: seconds % 60 });
}

/** Length of a setting, exact: `60 s`, `5 min`. */
export function exactSpan(seconds: number): string {
  return seconds < 120 || seconds % 60 !== 0 ? t("age.s", { n: seconds }) : t("age.min", { n: seconds / 60 });
}

/** How the console names a patient: `PERRIN Jeanne`. */
export function patientName(patient: Pick<PatientMin, "givenName" | "familyName"> | undefined): string {
  return patient ? `${patient.familyName.toLocaleUpperCase("fr")} ${patient.givenName}` : t("patient.unknown");
}

/** `82 ans · F`. */
export function ageAndSex(patient: PatientMin | undefined, nowMs: number): string {
  if (!patient) return "";
  const age = t("patient.age", { age: years(patient.birthDate, nowMs) });
  return patient.gender === "unknown" ? age : `${age} · ${sexWord(patient.gender)}`;
}

/** The sex as a word; empty when it is not known: an absence is not a fact to read. */
export function sexWord(gender: PatientMin["gender"]): string {
  if (gender === "female") return t("patient.sexF");
  if (gender === "male") return t("patient.sexM");
  return gender === "other" ? t("patient.sexO") : "";
}

/** Name of a signal; an unknown one keeps its own word. */
export function signalWord(signal: string): string {
  return signalNames.some((name) => name === signal) ? tc(`signal.${signal}` as "signal.spo2") : signal;
}

export function levelWord(level: Level): string {
  return tc(`severity.${level}`);
}

/** The level of an alert as a word. */
export function alertLevel(alert: Pick<Alert, "class" | "severity">): string {
  return levelWord(levelOf(alert));
}

/** The name a limit is stored under, free of any language: `SpO₂ < 90 %`. */
export function neutralName(rule: Pick<ThresholdBody, "code" | "op" | "value" | "unit">): string {
  const signal = signalOf(rule.code);
  const short = { spo2: "SpO₂", "heart-rate": "HR", "pulse-rate": "PR", "respiratory-rate": "RR", "body-temperature": "T" } as Record<
    string,
    string
  >;
  return `${short[signal ?? ""] ?? signal ?? rule.code} ${operatorSign(rule.op)} ${rule.value} ${unit(rule.unit)}`.trim();
}

/** What a rule finds, in the language on screen: `SpO₂ basse` / `Low SpO₂`. A signal or operator we have no words for keeps the rule's own name. */
export function headline(rule: { readonly signal: string; readonly op: string; readonly name: string }): string {
  const side = rule.op.startsWith("<") ? "low" : rule.op.startsWith(">") ? "high" : undefined;
  const signal = signalNames.find((name) => name === rule.signal);
  return side && signal ? t(`${side}.${signal}`) : rule.name;
}
/** How wrong a clock is: `+7 800 s`. The side counts. */
export function skewWords(seconds: number): string {
  return `${seconds > 0 ? "+" : ""}${quantity(seconds, "s")}`;
}

/** What a technical alert found: about a device, or about the readings of a signal. */
function technicalHeadline({ rule, signal, value }: Pick<Alert, "rule" | "signal" | "value">): string {
  const words = { signal: signalWord(signal), value: skewWords(value) };
  const kind = technicalKinds.find((one) => one === rule.kind);
  if (!kind) return rule.name;
  return kind === "silence" && signal !== "silence" ? tt("silence.titleSignal", words) : tt(`${kind}.title`, words);
}

/** The headline of an alert. */
export function alertHeadline(alert: Pick<Alert, "class" | "signal" | "op" | "rule" | "value" | "threshold" | "unit" | "partial">): string {
  if (alert.class === "technical") return technicalHeadline(alert);
  const words = { signal: signalWord(alert.signal), limit: quantity(alert.threshold, alert.unit), score: number(alert.value, 0) };
  const isDown = alert.op.startsWith("<");
  if (alert.rule.kind === "rate") return tk(isDown ? "rate.down" : "rate.up", words);
  if (alert.rule.kind === "predict") return tk(isDown ? "predict.down" : "predict.up", words);
  if (alert.rule.kind === "news2") return tk(alert.partial ? "news2.titlePartial" : "news2.title", words);
  if (alert.rule.kind === "irregular-rhythm") return tk("rhythm.title");
  return headline({ signal: alert.signal, op: alert.op, name: alert.rule.name });
}

const operators: Record<string, string> = { "<": "<", "<=": "≤", ">": ">", ">=": "≥" };
/** `<=` as people write it. */
export function operatorSign(op: string): string {
  return operators[op] ?? op;
}
