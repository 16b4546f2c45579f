const minuteMs = 60_000;
const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Wall-clock reading of an instant, in milliseconds as if the wall clock showed UTC. Zone data: the runtime's IANA tables. */
export function wallAt(zone: string, instantMs: number): number {
  let format = formats.get(zone);
  if (!format) {
    const digits = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      ...digits,
    });
    formats.set(zone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instantMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((instantMs % 1000) + 1000) % 1000);
}

/**
 * First instant at which the wall clock shows this time: of an hour shown twice in autumn the first, in place of a time that spring skips the
 * clock change itself. So what ends at a time and what begins at it always meet.
 */
export function instantOfWall(zone: string, wallMs: number): number {
  // Offsets lie within ±14 h: these two bracket every instant the wall clock may mean.
  const offsets = [wallMs - 1.5 * dayMs, wallMs + 1.5 * dayMs].map((instant) => wallAt(zone, instant) - instant);
  const possible = offsets.map((offset) => wallMs - offset).sort((one, other) => one - other);
  const shown = possible.find((instant) => wallAt(zone, instant) === wallMs);
  if (shown !== undefined) return shown;
  let [before = wallMs, after = wallMs] = possible;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (wallAt(zone, middle) < wallMs) before = middle;
    else after = middle;
  }
  return after;
}

/** Midnight of the day an instant falls on in a zone, on the wall clock as `wallAt` writes it; `days` later. */
export function midnightOf(zone: string, instantMs: number, days = 0): number {
  return Math.floor(wallAt(zone, instantMs) / dayMs) * dayMs + days * dayMs;
}

/** ISO weekday of a wall-clock midnight: 1 Monday to 7 Sunday. */
export function weekdayOf(midnightWallMs: number): number {
  return new Date(midnightWallMs).getUTCDay() || 7;
}

/** A stretch of time, `[startMs, endMs)`. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** The stretch from one `HH:MM` of a day to another; with `to` at or before `from` it ends on the next day. */
export function stretchOf(zone: string, midnightWallMs: number, { from, to }: { readonly from: string; readonly to: string }): Stretch {
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const nextDay = end <= start ? dayMs : 0;
  return {
    startMs: instantOfWall(zone, midnightWallMs + start * minuteMs),
    endMs: instantOfWall(zone, midnightWallMs + end * minuteMs + nextDay),
  };
}

export const holds = ({ startMs, endMs }: Stretch, instantMs: number) => startMs <= instantMs && instantMs < endMs;

function minutesOf(timeOfDay: string): number {
  return Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3, 5));
}
