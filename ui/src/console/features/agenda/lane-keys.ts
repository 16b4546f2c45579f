import type { LaneItem } from "./lane-items.ts";

/** One doctor's day on screen. */
export interface Lane {
  readonly day: string;
  readonly doctorId: string;
  readonly items: readonly LaneItem[];
}
/** Where the keyboard stands: an item of a lane. `from` is where it looks for a neighbour when the item is gone. */
export interface Spot {
  readonly day: string;
  readonly doctorId: string;
  readonly key: string;
  readonly from: number;
}
export type Arrow = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight" | "Home" | "End";
/** A spot on screen, or `leave`: by so many days, to the lane of the same doctor. */
export type Step = { readonly spot: Spot } | { readonly leave: -1 | 1 };

export const spotOf = (lane: Lane, item: LaneItem): Spot => ({ day: lane.day, doctorId: lane.doctorId, key: item.key, from: item.from });

/** The item of a lane that is focused when one comes to it: the one at that time, else the next later one, else the last. */
export function itemNear(lane: Lane, from: number): LaneItem | undefined {
  const useful = lane.items.filter((item) => item.kind !== "closed");
  const items = useful.length > 0 ? useful : lane.items;
  return items.find((item) => item.from <= from && from < item.to) ?? items.find((item) => item.from >= from) ?? items.at(-1);
}

/** Where a lane is entered with Tab: where the keyboard last was in it, else at the same time, else at its first visit or free time. */
export function entryOf(lane: Lane, at: Spot | undefined): LaneItem | undefined {
  const own = at && at.day === lane.day && at.doctorId === lane.doctorId ? lane.items.find((item) => item.key === at.key) : undefined;
  return own ?? itemNear(lane, at?.from ?? 0);
}

/** Up and down: the item before and after in the lane. Left and right: the same doctor's lane of the day before and after. */
export function step(lanes: readonly Lane[], at: Spot, arrow: Arrow): Step {
  const lane = lanes.find((one) => one.day === at.day && one.doctorId === at.doctorId);
  const stay = { spot: at };
  if (arrow === "ArrowLeft" || arrow === "ArrowRight") {
    const own = lanes.filter((one) => one.doctorId === at.doctorId).sort((a, b) => (a.day < b.day ? -1 : 1));
    const by = arrow === "ArrowLeft" ? -1 : 1;
    const next = own[own.findIndex((one) => one.day === at.day) + by];
    if (!next) return { leave: by };
    const item = itemNear(next, at.from);
    return item ? { spot: { ...spotOf(next, item), from: at.from } } : stay;
  }
  if (!lane) return stay;
  const index = lane.items.findIndex((item) => item.key === at.key);
  const item =
    arrow === "Home"
      ? lane.items[0]
      : arrow === "End"
        ? lane.items.at(-1)
        : index < 0
          ? itemNear(lane, at.from)
          : lane.items[index + (arrow === "ArrowUp" ? -1 : 1)];
  return item ? { spot: spotOf(lane, item) } : stay;
}
