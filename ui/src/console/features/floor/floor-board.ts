import type { Appointment } from "@episante/contracts/appointment";

type Status = Appointment["status"];
export const columns = ["expected", "waiting", "room", "done", "absent"] as const;
export type Column = (typeof columns)[number];
export type Board = Readonly<Record<Column, readonly Appointment[]>>;
/** What the floor says of a visit that it puts into a column; nothing says "expected": that is where a visit begins. */
export type FloorStatus = "arrived" | "checked-in" | "fulfilled" | "noshow";

/** A wait is called long after this many minutes. */
export const longWaitMinutes = 20;
/** Somebody expected is called late after this many minutes. */
export const lateMinutes = 5;

const columnOfStatus: Readonly<Partial<Record<Status, Column>>> = {
  pending: "expected",
  booked: "expected",
  arrived: "waiting",
  "checked-in": "room",
  fulfilled: "done",
  noshow: "absent",
};
/** Where a visit stands; undefined: cancelled or entered in error, so not on the board. */
export const columnOf = (visit: Pick<Appointment, "status">): Column | undefined => columnOfStatus[visit.status];

const statusFor: Readonly<Record<Exclude<Column, "expected">, FloorStatus>> = {
  waiting: "arrived",
  room: "checked-in",
  done: "fulfilled",
  absent: "noshow",
};
/** The same paths as the service allows: a patient may be called in at once, or turn up after having been given up. */
const reachedFrom: Readonly<Record<FloorStatus, readonly Status[]>> = {
  arrived: ["booked", "pending", "noshow"],
  "checked-in": ["booked", "pending", "arrived", "noshow"],
  fulfilled: ["booked", "pending", "arrived", "checked-in"],
  noshow: ["booked", "pending"],
};

export type Step = { readonly set: FloorStatus } | "undo";
/** What brings a visit one step nearer to a column: saying a state, or taking the last one back. Undefined: it is there, or nothing can. */
export function stepTo(status: Status, column: Column): Step | undefined {
  const at = columnOfStatus[status];
  if (at === undefined || at === column) return undefined;
  if (column === "expected") return "undo";
  const set = statusFor[column];
  return reachedFrom[set].includes(status) ? { set } : "undo";
}

/** The column a visit usually goes to next. */
export const nextColumn: Readonly<Record<Column, Column | undefined>> = {
  expected: "waiting",
  waiting: "room",
  room: "done",
  done: undefined,
  absent: "waiting",
};

const ms = (instant: string | undefined, otherwise: string): number => Date.parse(instant ?? otherwise);
const inOrder: Readonly<Record<Column, (visit: Appointment) => number>> = {
  expected: (visit) => ms(visit.start, visit.start),
  waiting: (visit) => ms(visit.start, visit.start),
  room: (visit) => ms(visit.inRoomAt, visit.start),
  // The last one finished is the one people look for.
  done: (visit) => -ms(visit.doneAt, visit.start),
  absent: (visit) => ms(visit.start, visit.start),
};

/** The visits of some doctors by column. Expected, waiting and absent by time of the visit; in the room the longest first; done the last first. */
export function boardOf(visits: readonly Appointment[], doctorIds: readonly string[], from: number, to: number): Board {
  const board: Record<Column, Appointment[]> = { expected: [], waiting: [], room: [], done: [], absent: [] };
  for (const visit of visits) {
    const column = columnOf(visit);
    const start = Date.parse(visit.start);
    // A visit that was moved away to another day or doctor may still be known.
    if (column && doctorIds.includes(visit.doctorId) && start >= from && start < to) board[column].push(visit);
  }
  for (const column of columns) {
    const key = inOrder[column];
    board[column].sort((a, b) => key(a) - key(b) || Date.parse(a.start) - Date.parse(b.start) || (a.id < b.id ? -1 : 1));
  }
  return board;
}

/** Whole minutes since an instant, never below zero. */
export function minutesSince(instant: string | undefined, nowMs: number): number {
  return instant === undefined ? 0 : Math.max(0, Math.floor((nowMs - Date.parse(instant)) / 60_000));
}

/** Which column each visit of a board stands in. */
export function placesOf(board: Board): ReadonlyMap<string, Column> {
  return new Map(columns.flatMap((column) => board[column].map((visit) => [visit.id, column] as const)));
}

/** Visits that changed their column, came or went (`to` undefined), between two boards of the same doctors and day. */
export function changesBetween(
  before: ReadonlyMap<string, Column>,
  after: ReadonlyMap<string, Column>,
): { readonly id: string; readonly to: Column | undefined }[] {
  const changed = [...after].filter(([id, column]) => before.get(id) !== column).map(([id, to]) => ({ id, to }));
  const gone = [...before.keys()].filter((id) => !after.has(id)).map((id) => ({ id, to: undefined }));
  return [...changed, ...gone];
}

/** The card an arrow key leads to. Left and right: the next column that has cards, at the same height or its last. Undefined: stay. */
export function cardAt(board: Board, current: string | undefined, key: string): string | undefined {
  const ids = columns.map((column) => board[column].map((visit) => visit.id as string)).filter((list) => list.length > 0);
  const x = ids.findIndex((list) => current !== undefined && list.includes(current));
  const list = ids[x];
  if (!list || current === undefined) return ids[0]?.[0];
  const y = list.indexOf(current);
  const beside = ids[x + (key === "ArrowRight" ? 1 : -1)];
  switch (key) {
    case "ArrowDown":
      return list[y + 1];
    case "ArrowUp":
      return list[y - 1];
    case "Home":
      return list[0];
    case "End":
      return list.at(-1);
    case "ArrowLeft":
    case "ArrowRight":
      return beside?.[Math.min(y, beside.length - 1)];
    default:
      return undefined;
  }
}

/** A name that strangers may read: `Jeanne P.` */
export function publicName({ givenName, familyName }: { readonly givenName: string; readonly familyName: string }): string {
  const [initial] = familyName.trim();
  return initial ? `${givenName} ${initial.toLocaleUpperCase("fr")}.` : givenName;
}
