import type { Minutes } from "./openings.ts";

/** What a lane shows from top to bottom. `closed`, `past` and `gap` (open, but too short) say why they cannot be booked. */
export interface LaneItem {
  readonly kind: "visit" | "held" | "absent" | "free" | "closed" | "past" | "gap";
  /** Stable while it stands for the same thing: focus follows it through live changes. */
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** Something that takes a doctor's time: a visit, a time somebody is confirming, an absence. */
export interface Taking {
  readonly kind: "visit" | "held" | "absent";
  readonly key: string;
  readonly from: number;
  readonly to: number;
  /** Minutes kept free around it. */
  readonly before?: number;
  readonly after?: number;
}

interface LaneFacts {
  /** Undefined: the hours are not known, so nothing is offered and nothing is closed. */
  readonly openings: readonly Minutes[] | undefined;
  readonly shown: { readonly from: number; readonly minutes: number };
  readonly taken: readonly Taking[];
  /** Length of a free time. */
  readonly step: number;
  /** Minutes since midnight before which nothing can be booked: now on today's lane, the end of the day on an earlier one. */
  readonly notBefore: number;
}

/** Everything of one doctor's day, in the order of time: visits and held times, free times one after the other, and what is neither. */
export function laneItems({ openings, shown, taken, step, notBefore }: LaneFacts): LaneItem[] {
  const edge = shown.from + shown.minutes;
  // An absence may last for days: it is drawn within the hours on screen.
  const drawn = taken.map(({ kind, key, from, to }) =>
    kind === "absent" ? { kind, key, from: Math.max(from, shown.from), to: Math.min(to, edge) } : { kind, key, from, to },
  );
  const items: LaneItem[] = drawn.filter(({ from, to }) => to > from);
  if (openings) {
    let at = shown.from;
    for (const [from, to] of openings) {
      if (from > at) items.push(block("closed", at, Math.min(from, edge)));
      at = Math.max(at, to);
    }
    if (at < edge) items.push(block("closed", at, edge));
    for (const window of openings) items.push(...openItems(window, taken, step, notBefore));
  }
  return items.sort((a, b) => a.from - b.from || order[a.kind] - order[b.kind] || a.to - b.to || (a.key < b.key ? -1 : 1));
}

const order = { closed: 0, past: 1, absent: 2, visit: 3, held: 4, free: 5, gap: 6 } as const;
const block = (kind: LaneItem["kind"], from: number, to: number): LaneItem => ({ kind, key: `${kind}-${from}`, from, to });

/** Free times follow each other from the window's start, and start anew behind each visit. */
function openItems([from, to]: Minutes, taken: readonly Taking[], step: number, notBefore: number): LaneItem[] {
  const items: LaneItem[] = [];
  const busy = taken
    .map((one): Minutes => [one.from - (one.before ?? 0), one.to + (one.after ?? 0)])
    .filter(([start, end]) => end > from && start < to)
    .sort((a, b) => a[0] - b[0]);
  let at = from;
  for (const [start, end] of [...busy, [to, to] as const]) {
    if (start > at) items.push(...pieceItems(at, start, step, notBefore));
    at = Math.max(at, end);
  }
  return items;
}

function pieceItems(from: number, to: number, step: number, notBefore: number): LaneItem[] {
  const items: LaneItem[] = [];
  let at = from;
  while (at + step <= to && at < notBefore) at += step;
  if (at < notBefore) at = Math.min(to, notBefore);
  if (at > from) items.push(block("past", from, at));
  for (; at + step <= to; at += step) items.push(block("free", at, at + step));
  if (at < to) items.push(block("gap", at, to));
  return items;
}
