import type { WaitlistEntry } from "@episante/contracts/waitlist";
import { dateDay, dayInstant } from "../lib/format.ts";
import { tcr } from "./texts.ts";

export const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;
export type Weekday = (typeof weekdays)[number];
export const dayParts = ["any", "morning", "afternoon", "evening"] as const;
export type DayPart = (typeof dayParts)[number];
/** Wall-clock hours of a part of the day, in the doctor's zone; a visit starts before `to`. */
const hoursOf: Record<Exclude<DayPart, "any">, { from: string; to: string }> = {
  morning: { from: "00:00", to: "12:00" },
  afternoon: { from: "12:00", to: "18:00" },
  evening: { from: "18:00", to: "23:59" },
};

/** What the person filled in. */
export interface CriteriaValues {
  readonly days: readonly Weekday[];
  readonly part: DayPart;
  /** `YYYY-MM-DD` or empty. */
  readonly until: string;
}
export type Criteria = Pick<WaitlistEntry, "days" | "hours" | "from" | "until">;

/** The request's part: what is not asked for is left out. */
export function criteriaOf({ days, part, until }: CriteriaValues): Criteria {
  return {
    ...(days.length > 0 && days.length < weekdays.length ? { days: [...days] } : {}),
    ...(part === "any" ? {} : { hours: hoursOf[part] }),
    ...(until ? { until } : {}),
  };
}

/** What somebody waits for, in words: `mardi, jeudi, le matin, jusqu’au lundi 30 novembre`. */
export function criteriaWords({ days, hours, from, until }: Criteria): string {
  const day = (text: string) => dateDay(dayInstant(text), "UTC");
  const part = hours && dayParts.find((one) => one !== "any" && hoursOf[one].from === hours.from && hoursOf[one].to === hours.to);
  return [
    ...(days ? days.map((one) => tcr(`day.${one as Weekday}`)) : [tcr("words.anyDay")]),
    ...(hours ? [part && part !== "any" ? tcr(`words.${part}`) : tcr("words.hours", hours)] : []),
    ...(from ? [tcr("words.from", { day: day(from) })] : []),
    ...(until ? [tcr("words.until", { day: day(until) })] : []),
  ].join(", ");
}
