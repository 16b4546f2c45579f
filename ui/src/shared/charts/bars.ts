import { niceStep } from "./series.ts";

/** One column of a bar chart: parts are stacked from the bottom, or, for a range, drawn from `low` to `high` with a `middle` mark. */
export interface Column {
  readonly label: string;
  readonly parts: readonly { readonly value: number; readonly tone: string }[];
}
export interface RangeColumn {
  readonly label: string;
  /** Absent when nothing was measured: the place stays empty. */
  readonly range?: { readonly low: number; readonly middle: number; readonly high: number } | undefined;
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
  const ranges = columns.flatMap((column) => column.range ?? []);
  if (ranges.length === 0) return { bottom: 0, top: 1, lines: [0, 1] };
  const low = Math.min(...ranges.map((range) => range.low));
  const high = Math.max(...ranges.map((range) => range.high));
  const step = niceStep(Math.max(1, high - low));
  const bottom = Math.floor(low / step) * step;
  const top = Math.max(bottom + step, Math.ceil(high / step) * step);
  return { bottom, top, lines: Array.from({ length: Math.round((top - bottom) / step) + 1 }, (_, index) => bottom + index * step) };
}

/** Whether the label of a column is written: one for each 76 px, at most six, always the last, which is mostly today. */
export function isLabelled(index: number, count: number, width: number): boolean {
  const most = Math.max(1, Math.min(6, Math.floor(width / 76)));
  return (count - 1 - index) % Math.max(1, Math.ceil(count / most)) === 0;
}

/** Left edge and width of each column's place, px: as wide as the plot allows, but few columns do not become slabs. */
export function columnPlace(index: number, count: number, plotWidth: number): { x: number; width: number } {
  const width = Math.min(72, plotWidth / Math.max(1, count));
  return { x: index * width, width };
}
