import { z } from "zod";

/** An instant: RFC 3339 with `Z` or an offset, in UTC of the years 1 to 9999. Answers always use `Z`. */
export const instantSchema = z.iso.datetime({ offset: true }).refine(hasCommonYear, { message: "out of range" });
/** A calendar day, `YYYY-MM-DD`, without a zone, from year 1. */
export const daySchema = z.iso.date().refine((day) => day >= "0001", { message: "out of range" });
/** Wall-clock time of day, `HH:MM`, 00:00 to 24:00 (the end of a window may be 24:00). */
export const timeOfDaySchema = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/);
/** An IANA zone name, for example `Europe/Paris`. */
export const zoneSchema = z.string().min(1).max(64).refine(isZone, { message: "unknown time zone" });

/** A database knows no year 0, and an offset can lead out of the years with four digits. Only the first and last years are looked at closely. */
function hasCommonYear(instant: string): boolean {
  if (instant >= "0002" && instant < "9999") return true;
  const ms = Date.parse(instant);
  return ms >= Date.parse("0001-01-01T00:00:00Z") && ms < Date.parse("+010000-01-01T00:00:00Z");
}

const knownZones = new Set<string>();

/** True for a zone name this runtime knows. Known ones are remembered: asking costs a hundred times more than the rest of a schema. */
export function isZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
  } catch {
    return false;
  }
  // Every spelling of case is a zone: bounded, so that nobody fills the memory with them.
  if (knownZones.size < 1_000) knownZones.add(name);
  return true;
}

/** Milliseconds since the epoch → RFC 3339 UTC with milliseconds. */
export function toInstant(ms: number): string {
  return new Date(ms).toISOString();
}
