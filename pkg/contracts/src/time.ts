import { z } from "zod";

/** An instant: RFC 3339 with `Z` or an offset. Answers always use `Z`. */
export const instantSchema = z.iso.datetime({ offset: true });
/** A calendar day, `YYYY-MM-DD`, without a zone. */
export const daySchema = z.iso.date();
/** Wall-clock time of day, `HH:MM`, 00:00 to 24:00 (the end of a window may be 24:00). */
export const timeOfDaySchema = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/);
/** An IANA zone name, for example `Europe/Paris`. */
export const zoneSchema = z.string().min(1).max(64).refine(isZone, { message: "unknown time zone" });

/** True for a zone name this runtime knows. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds since the epoch → RFC 3339 UTC with milliseconds. */
export function toInstant(ms: number): string {
  return new Date(ms).toISOString();
}
