import type { Alert } from "@episante/contracts/alert";
import type { Patient } from "@episante/contracts/patient";
import { signalNames } from "@episante/contracts/signals";
import { tc } from "../../shared/i18n/common.ts";
import { years } from "../../shared/lib/format.ts";
import { type Level, levelOf } from "../features/alerts/alert-board.ts";
import { t } from "../i18n/text.ts";

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

export function sexWord(gender: PatientMin["gender"]): string {
  if (gender === "female") return t("patient.sexF");
  if (gender === "male") return t("patient.sexM");
  return gender === "other" ? t("patient.sexO") : t("patient.sexU");
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

const operators: Record<string, string> = { "<": "<", "<=": "≤", ">": ">", ">=": "≥" };
/** `<=` as people write it. */
export function operatorSign(op: string): string {
  return operators[op] ?? op;
}
