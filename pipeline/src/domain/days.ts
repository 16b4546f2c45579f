/** Zone of a clinic that never said its own. */
export const defaultZone = "Europe/Paris";

const quarterMs = 15 * 60_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const known = new Map<string, string>();

/**
 * Calendar day, `YYYY-MM-DD`, of an instant in a zone.
 * Remembered by quarter of an hour: no zone changes its offset in between (IANA tz database, since 1972).
 * @param ms milliseconds since the epoch
 */
export function dayIn(zone: string, ms: number): string {
  const quarter = Math.floor(ms / quarterMs);
  const key = `${zone} ${quarter}`;
  const remembered = known.get(key);
  if (remembered) return remembered;
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
    formats.set(zone, format);
  }
  const day = format.format(quarter * quarterMs);
  if (known.size > 10_000) known.clear();
  known.set(key, day);
  return day;
}

/** Monday of the ISO week a day lies in. */
export function weekOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  return addDays(day, -((date.getUTCDay() + 6) % 7));
}

/** The day `count` days later (or earlier, when negative). */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** The seven days of the week that starts on a Monday. */
export function daysOfWeek(monday: string): string[] {
  return [0, 1, 2, 3, 4, 5, 6].map((offset) => addDays(monday, offset));
}
