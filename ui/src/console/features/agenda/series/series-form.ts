import type { JudgedDate, Rhythm, SeriesEnd } from "@episante/contracts/series";

/** Units as the form offers them: months come in two kinds. */
export const units = ["week", "day", "month-date", "month-weekday"] as const;
export type Unit = (typeof units)[number];
const mostEvery: Readonly<Record<Unit, number>> = { week: 8, day: 30, "month-date": 12, "month-weekday": 12 };

/** The rhythm of a series, as typed. */
export interface RhythmDraft {
  readonly unit: Unit;
  readonly every: string;
  readonly endsBy: "count" | "until";
  readonly count: string;
  readonly until: string;
}

/** Once a week, ten times: what is mostly wanted. */
export const firstDraft: RhythmDraft = { unit: "week", every: "1", endsBy: "count", count: "10", until: "" };

/** What a draft asks for, or undefined while it is not whole. */
export function wishOf(draft: RhythmDraft): { readonly rhythm: Rhythm; readonly end: SeriesEnd } | undefined {
  const every = whole(draft.every, 1, mostEvery[draft.unit]);
  if (every === undefined) return undefined;
  const rhythm: Rhythm =
    draft.unit === "week" || draft.unit === "day"
      ? { unit: draft.unit, every }
      : { unit: "month", every, by: draft.unit === "month-date" ? "date" : "weekday" };
  if (draft.endsBy === "until") return /^\d{4}-\d{2}-\d{2}$/.test(draft.until) ? { rhythm, end: { until: draft.until } } : undefined;
  const count = whole(draft.count, 2, 52);
  return count === undefined ? undefined : { rhythm, end: { count } };
}

function whole(text: string, least: number, most: number): number | undefined {
  const value = Number(text);
  return text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most ? value : undefined;
}

/** One date of a list somebody decides about. */
export interface DateRow {
  readonly key: string;
  readonly date: JudgedDate;
}
/** The start decided for each row, by key; null: left out. */
export type Decisions = Readonly<Record<string, string | null>>;

/** What is decided before anybody decides: free dates are taken, others are left out, never put elsewhere unasked. */
export function startOf({ key, date }: DateRow, decisions: Decisions): string | null {
  const decided = decisions[key];
  return decided === undefined ? (date.free ? (date.start ?? null) : null) : decided;
}

/** Starts that are decided, in order of the rows. */
export function decidedStarts(rows: readonly DateRow[], decisions: Decisions): { readonly key: string; readonly start: string }[] {
  return rows.flatMap((row) => {
    const start = startOf(row, decisions);
    return start === null ? [] : { key: row.key, start };
  });
}

/** Other times offered for a row: none that another row has. */
export function offeredFor(row: DateRow, rows: readonly DateRow[], decisions: Decisions): JudgedDate["alternatives"] {
  const elsewhere = new Set(rows.flatMap((other) => (other.key === row.key ? [] : (startOf(other, decisions) ?? []))));
  return row.date.alternatives.filter(({ start }) => !elsewhere.has(start));
}

/**
 * The rows after the server refused some of their times: these are judged anew, and left out until somebody decides again.
 * @param refused what the problem named; anything else is taken for nothing
 */
export function afterRefusal(
  rows: readonly DateRow[],
  decisions: Decisions,
  refused: unknown,
): { readonly rows: DateRow[]; readonly decisions: Decisions } {
  const lost = new Map((Array.isArray(refused) ? (refused as JudgedDate[]) : []).map((date) => [date.start, date]));
  const next: Record<string, string | null> = { ...decisions };
  const judged = rows.map((row) => {
    const start = startOf(row, decisions);
    const date = start === null ? undefined : lost.get(start);
    if (!date) return row;
    delete next[row.key];
    // A chosen other time that is lost: the row keeps its own date and offers what is free instead.
    return { ...row, date: { ...row.date, free: false, blockers: date.blockers, alternatives: date.alternatives } };
  });
  return { rows: judged, decisions: next };
}
