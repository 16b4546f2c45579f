import { type putMyReasons, type Reason, reasonRules } from "@episante/contracts/doctor";
import type { BodyInputOf } from "@episante/contracts/endpoint";

/** A visit reason as it stands in the form: text as typed. An empty number means the rule's default. */
export interface Line {
  id?: Reason["id"];
  readonly fr: string;
  readonly en: string;
  readonly online: boolean;
  readonly visitors: Reason["visitors"];
  readonly mode: Reason["mode"];
  readonly minutes: string;
  readonly cancelHours: string;
  readonly moveHours: string;
  readonly bufferBeforeMinutes: string;
  readonly bufferAfterMinutes: string;
  readonly noticeMinutes: string;
  readonly horizonDays: string;
  readonly minAge: string;
  readonly maxAge: string;
  readonly dailyCap: string;
  /** Kinds of room or device. */
  readonly resourceTypes: readonly string[];
  readonly instructionsFr: string;
  readonly instructionsEn: string;
  readonly bringFr: string;
  readonly bringEn: string;
}

/** Whole numbers of the form with the range the contract allows; all but the first may stay empty. */
export const ranges = {
  minutes: [5, 240],
  cancelHours: [0, 168],
  moveHours: [0, 168],
  bufferBeforeMinutes: [0, 120],
  bufferAfterMinutes: [0, 120],
  noticeMinutes: [0, 20160],
  horizonDays: [1, 365],
  minAge: [0, 130],
  maxAge: [0, 130],
  dailyCap: [1, 200],
} as const;
export type NumberKey = keyof typeof ranges;
export const ruleNumbers = Object.keys(ranges).filter((key) => key !== "minutes") as Exclude<NumberKey, "minutes">[];

export const emptyLine: Line = {
  fr: "",
  en: "",
  online: true,
  visitors: "all",
  mode: "in-person",
  minutes: "20",
  cancelHours: "24",
  moveHours: "",
  bufferBeforeMinutes: "",
  bufferAfterMinutes: "",
  noticeMinutes: "",
  horizonDays: "",
  minAge: "",
  maxAge: "",
  dailyCap: "",
  resourceTypes: [],
  instructionsFr: "",
  instructionsEn: "",
  bringFr: "",
  bringEn: "",
};

/** A stored reason as text to edit. Buffers of 0 are shown empty, as nothing asked for. */
export function lineOf(reason: Reason): Line {
  const number = (value: number | undefined) => (value === undefined ? "" : String(value));
  return {
    id: reason.id,
    fr: reason.name.fr,
    en: reason.name.en,
    online: reason.online,
    visitors: reason.visitors,
    mode: reason.mode,
    minutes: number(reason.minutes),
    cancelHours: number(reason.cancelHours),
    moveHours: number(reason.moveHours),
    bufferBeforeMinutes: number(reason.bufferBeforeMinutes || undefined),
    bufferAfterMinutes: number(reason.bufferAfterMinutes || undefined),
    noticeMinutes: number(reason.noticeMinutes),
    horizonDays: number(reason.horizonDays),
    minAge: number(reason.minAge),
    maxAge: number(reason.maxAge),
    dailyCap: number(reason.dailyCap),
    resourceTypes: reason.resourceTypes,
    instructionsFr: reason.instructions?.fr ?? "",
    instructionsEn: reason.instructions?.en ?? "",
    bringFr: reason.bring?.fr ?? "",
    bringEn: reason.bring?.en ?? "",
  };
}

export type Fault = "name" | "range" | "ages" | "resources" | "both";
/** What is wrong with a field of a line, or nothing. */
export function faultOf(line: Line, key: keyof Line): Fault | undefined {
  if (key === "fr" || key === "en") return line[key].trim() === "" ? "name" : undefined;
  if (Object.hasOwn(ranges, key)) return numberFault(line, key as NumberKey);
  if (key === "resourceTypes") return reasonRules.resourceTypes.safeParse(line.resourceTypes).success ? undefined : "resources";
  if (key === "instructionsFr" || key === "instructionsEn") return half(line.instructionsFr, line.instructionsEn);
  if (key === "bringFr" || key === "bringEn") return half(line.bringFr, line.bringEn);
  return undefined;
}

function numberFault(line: Line, key: NumberKey): Fault | undefined {
  const text = line[key].trim();
  if (text === "") return key === "minutes" ? "range" : undefined;
  const [low, high] = ranges[key];
  if (!/^\d{1,5}$/.test(text) || Number(text) < low || Number(text) > high) return "range";
  return key === "maxAge" && line.minAge.trim() !== "" && Number(text) < Number(line.minAge) ? "ages" : undefined;
}

const half = (fr: string, en: string): Fault | undefined => ((fr.trim() === "") !== (en.trim() === "") ? "both" : undefined);

/** True when something below "Rules" is wrong: the part must be open then. */
export function hasRuleFault(line: Line): boolean {
  const keys = Object.keys(line) as (keyof Line)[];
  return keys.some((key) => key !== "fr" && key !== "en" && key !== "minutes" && faultOf(line, key) !== undefined);
}

/** True when the whole line may be saved. */
export function isRight(line: Line): boolean {
  return (Object.keys(line) as (keyof Line)[]).every((key) => faultOf(line, key) === undefined);
}

/** A right line as the API takes it; what is empty is left to its default. */
export function toReason(line: Line): BodyInputOf<typeof putMyReasons>["reasons"][number] {
  const numbers = Object.fromEntries(ruleNumbers.flatMap((key) => (line[key].trim() === "" ? [] : [[key, Number(line[key])]]))) as Partial<
    Record<(typeof ruleNumbers)[number], number>
  >;
  const text = (fr: string, en: string) => ({ fr: fr.trim(), en: en.trim() });
  return {
    ...(line.id ? { id: line.id } : {}),
    name: text(line.fr, line.en),
    minutes: Number(line.minutes),
    online: line.online,
    visitors: line.visitors,
    mode: line.mode,
    ...numbers,
    resourceTypes: [...line.resourceTypes],
    ...(line.instructionsFr.trim() ? { instructions: text(line.instructionsFr, line.instructionsEn) } : {}),
    ...(line.bringFr.trim() ? { bring: text(line.bringFr, line.bringEn) } : {}),
  };
}
