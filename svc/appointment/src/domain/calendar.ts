/** Half-open stretch of time `[startMs, endMs)`, milliseconds since the epoch. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** Wall-clock reading of an instant, written as milliseconds as if the wall clock showed UTC. Zone data: the runtime's IANA tables. */
export function wallAt(zone: string, instantMs: number): number {
  return Math.floor(instantMs / 1000) * 1000 + offsetAt(zone, instantMs);
}

const quarterMs = 15 * minuteMs;
const mostOffsets = 20_000;
const offsets = new Map<string, number>();

/** Milliseconds a zone is ahead of UTC. Remembered by quarter of an hour: since 1972 no zone changes in between, and asking costs 5 µs. */
function offsetAt(zone: string, instantMs: number): number {
  const quarter = Math.floor(instantMs / quarterMs);
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= mostOffsets) offsets.clear();
  const offset = readClock(zone, quarter * quarterMs) - quarter * quarterMs;
  offsets.set(key, offset);
  return offset;
}

function readClock(zone: string, instantMs: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(instantMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Calendar day (`YYYY-MM-DD`) an instant falls on in a zone. */
export function dayAt(zone: string, instantMs: number): string {
  return new Date(wallAt(zone, instantMs)).toISOString().slice(0, 10);
}

/** The day `count` days after `day` (before, when negative). */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * dayMs).toISOString().slice(0, 10);
}

/** Whole days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}

/** A wall-clock day of one zone: its UTC offsets before and after, found once and used for all its slots. */
export interface ZoneDay {
  readonly zone: string;
  readonly midnightWallMs: number;
  /** One offset on ordinary days, two around a clock change. */
  readonly offsets: readonly number[];
}

/** The wall clock of one day in one zone. */
export function zoneDay(zone: string, day: string): ZoneDay {
  const midnightWallMs = Date.parse(`${day}T00:00:00Z`);
  // Offsets lie within ±14 h: a day and a half either side brackets every instant of the local day.
  const before = offsetAt(zone, midnightWallMs - 1.5 * dayMs);
  const after = offsetAt(zone, midnightWallMs + 2.5 * dayMs);
  return { zone, midnightWallMs, offsets: before === after ? [before] : [before, after] };
}

/** First instant at which the wall clock shows `minutes` past midnight of the day; undefined in a gap of spring. */
export function instantOf(day: ZoneDay, minutes: number): number | undefined {
  const wall = day.midnightWallMs + minutes * minuteMs;
  const [only] = day.offsets;
  if (day.offsets.length === 1 && only !== undefined) return wall - only;
  const possible = day.offsets.map((offset) => wall - offset).filter((instant) => wallAt(day.zone, instant) === wall);
  return possible.length > 0 ? Math.min(...possible) : undefined;
}

/** Minutes past midnight of the day that the wall clock shows at an instant; may be a fraction. */
export function minuteAt(day: ZoneDay, instantMs: number): number {
  const [only] = day.offsets;
  const wall = day.offsets.length === 1 && only !== undefined ? instantMs + only : wallAt(day.zone, instantMs);
  return (wall - day.midnightWallMs) / minuteMs;
}

/** Instant at which a window closes: the wall-clock time itself, or the clock change that skips it. */
export function closingOf(day: ZoneDay, minutes: number): number {
  for (let skipped = minutes; skipped < minutes + 24 * 60; skipped++) {
    const instant = instantOf(day, skipped);
    if (instant !== undefined) return instant;
  }
  return day.midnightWallMs;
}

/** Minutes past midnight of `HH:MM`. */
export function minutesOf(timeOfDay: string): number {
  return Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3, 5));
}

/** ISO weekday of a day: 1 Monday to 7 Sunday. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

/** True when two half-open intervals share time; touching ends do not. */
export function overlaps(a: Interval, b: Interval): boolean {
  return a.startMs < b.endMs && b.startMs < a.endMs;
}

/** Tells whether a time overlaps nothing of `busy`, by halving: starts in order, and beside each the latest end up to it. */
export function freeTest(busy: readonly Interval[]): (slot: Interval) => boolean {
  const sorted = [...busy].sort((a, b) => a.startMs - b.startMs);
  let latest = Number.NEGATIVE_INFINITY;
  const ends = sorted.map(({ endMs }) => {
    latest = Math.max(latest, endMs);
    return latest;
  });
  return (slot) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle]?.startMs ?? 0) < slot.endMs) low = middle + 1;
      else high = middle;
    }
    return low === 0 || (ends[low - 1] ?? 0) <= slot.startMs;
  };
}

/** First instant of a local day. */
export function startOfDay(zone: string, day: string): number {
  return closingOf(zoneDay(zone, day), 0);
}
