import { addDays, clock, dayOf } from "../../../shared/lib/format.ts";

/** One bookable time on screen. Its place never changes while the person looks at the day. */
export interface SlotCell {
  readonly start: string;
  readonly day: string;
  /** Was free, is not any more: struck, stays in place. */
  readonly gone: boolean;
  /** Became free while the day was on screen: shown on request, so that nothing moves under a finger. */
  readonly waiting: boolean;
}

/**
 * What is on screen after a refresh of the days `from`..`to` (inclusive, `YYYY-MM-DD` in the site's zone).
 * Times that vanished become `gone` unless they lie in the past; new ones on `watchedDay` wait.
 */
export function mergeSlots(
  before: readonly SlotCell[],
  starts: readonly string[],
  view: { from: string; to: string; zone: string; nowMs: number; watchedDay: string | undefined },
): SlotCell[] {
  const fresh = new Set(starts);
  const inside = (day: string) => day >= view.from && day <= view.to;
  const kept = before.flatMap((cell) => {
    if (!inside(cell.day)) return [cell];
    if (fresh.has(cell.start)) return [{ ...cell, gone: false }];
    const past = Date.parse(cell.start) <= view.nowMs;
    return past || cell.waiting ? [] : [{ ...cell, gone: true }];
  });
  const known = new Set(before.map((cell) => cell.start));
  const loadedBefore = before.some((cell) => cell.day === view.watchedDay);
  const added = starts
    .filter((start) => !known.has(start))
    .map((start) => {
      const day = dayOf(start, view.zone);
      return { start, day, gone: false, waiting: loadedBefore && day === view.watchedDay };
    });
  return [...kept, ...added].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}

/** Starts that were free in `before` and are gone in `after`. */
export function justGone(before: readonly SlotCell[], after: readonly SlotCell[]): string[] {
  const wasFree = new Set(before.filter((cell) => !cell.gone).map((cell) => cell.start));
  return after.filter((cell) => cell.gone && wasFree.has(cell.start)).map((cell) => cell.start);
}

/** Days of a week: Monday to Friday, and the weekend when it has times. */
export function weekDays(monday: string, cells: readonly SlotCell[]): { day: string; free: number }[] {
  const days = Array.from({ length: 7 }, (_, index) => addDays(monday, index));
  return days
    .map((day) => ({ day, free: cells.filter((cell) => cell.day === day && !cell.gone).length }))
    .filter((entry, index) => index < 5 || entry.free > 0 || cells.some((cell) => cell.day === entry.day));
}

/** Morning and afternoon of a day, split at 12:00 of the site. */
export function dayParts(day: string, cells: readonly SlotCell[], zone: string): { morning: SlotCell[]; afternoon: SlotCell[] } {
  const shown = cells.filter((cell) => cell.day === day && !cell.waiting);
  const isMorning = (cell: SlotCell) => clock(cell.start, zone) < "12:00";
  return { morning: shown.filter(isMorning), afternoon: shown.filter((cell) => !isMorning(cell)) };
}

export interface Place {
  readonly left: number;
  readonly top: number;
}

/**
 * Where an arrow key leads in a grid of buttons in reading order: left and right by one, up and down to the nearest
 * button of the neighbouring row, Home and End to the ends. Undefined when the key means nothing or there is no way.
 */
export function arrowTarget(key: string, index: number, places: readonly Place[]): number | undefined {
  const here = places[index];
  if (!here) return undefined;
  if (key === "Home") return 0;
  if (key === "End") return places.length - 1;
  if (key === "ArrowLeft") return index > 0 ? index - 1 : undefined;
  if (key === "ArrowRight") return index < places.length - 1 ? index + 1 : undefined;
  if (key !== "ArrowUp" && key !== "ArrowDown") return undefined;
  const direction = key === "ArrowDown" ? 1 : -1;
  const ahead = places.filter((place) => (place.top - here.top) * direction > 1);
  if (ahead.length === 0) return undefined;
  const row = Math.min(...ahead.map((place) => (place.top - here.top) * direction));
  let best: number | undefined;
  for (const [at, place] of places.entries()) {
    if (Math.abs((place.top - here.top) * direction - row) > 1) continue;
    if (best === undefined || Math.abs(place.left - here.left) < Math.abs((places[best]?.left ?? 0) - here.left)) best = at;
  }
  return best;
}
