import { niceStep } from "./series.ts";

/** One column of a bar chart: parts are stacked from the bottom, or, for a range, drawn from `low` to `high` with a `middle` mark. */
export interface Column {
  readonly label: string;
  readonly parts: readonly { readonly value: number; readonly tone: string }[];
}
export interface RangeColumn {
  readonly label: string;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Top of the axis and its lines for a set of column totals. */
export function barScale(columns: readonly Column[]): { top: number; lines: readonly number[] } {
  const most = Math.max(0, ...columns.map((column) => column.parts.reduce((sum, part) => sum + part.value, 0)));
  if (most === 0) return { top: 1, lines: [0, 1] };
  const step = Math.max(niceStep(most), most <= 4 ? 1 : 0);
  const top = Math.ceil(most / step) * step;
  return { top, lines: Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step) };
}

/** Range of the axis of a range chart, on whole steps. */
export function rangeScale(columns: readonly RangeColumn[]): { bottom: number; top: number; lines: readonly number[] } {
  if (columns.length === 0) return { bottom: 0, top: 1, lines: [0, 1] };
  const low = Math.min(...columns.map((column) => column.low));
  const high = Math.max(...columns.map((column) => column.high));
  const step = niceStep(Math.max(1, high - low));
  const bottom = Math.floor(low / step) * step;
  const top = Math.max(bottom + step, Math.ceil(high / step) * step);
  return { bottom, top, lines: Array.from({ length: Math.round((top - bottom) / step) + 1 }, (_, index) => bottom + index * step) };
}

/** Which of `count` labels are written: about six, always the first. */
export function labelEvery(count: number): number {
  return Math.max(1, Math.ceil(count / 6));
}
