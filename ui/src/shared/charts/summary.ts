import { clock, quantity } from "../lib/format.ts";
import type { Limit, Summary } from "./series.ts";
import { tch } from "./texts.ts";

/** A value with its unit. */
export function valueText(value: number, unit: string): string {
  return quantity(Math.round(value * 10) / 10, unit);
}

function lengthText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return tch("dur.s", { n: seconds });
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? tch("dur.min", { n: minutes }) : tch("dur.h", { n: Math.round(minutes / 60) });
}

/** What a chart says in one sentence: trend, last value with its age, worst, gaps, and how it stands to the limit. */
export function summarySentence(facts: {
  label: string;
  span: string;
  unit: string;
  zone: string;
  now: number;
  limit?: Limit | undefined;
  summary: Summary;
}): string {
  const { label: signal, span, unit, zone, summary, limit } = facts;
  if (!summary.last || !summary.worst) return tch("chart.summaryEmpty", { signal, span });
  const reach = limit?.side === "above" ? (summary.worst.max ?? summary.worst.value) : (summary.worst.min ?? summary.worst.value);
  const gaps = summary.gaps === 0 ? tch("chart.noGaps") : tch("chart.gaps", { n: summary.gaps, longest: lengthText(summary.longestGapMs) });
  let stand = "";
  if (limit && summary.beyondSince !== undefined) {
    stand = tch("chart.limitNow", { limit: valueText(limit.value, unit), time: clock(summary.beyondSince, zone, true) });
  } else if (limit) stand = tch("chart.limitOk", { limit: valueText(limit.value, unit) });
  return tch("chart.summary", {
    signal,
    span,
    trend: tch(`chart.trend.${summary.trend}`),
    last: valueText(summary.last.value, unit),
    time: clock(summary.last.at, zone, true),
    age: lengthText(facts.now - summary.last.at),
    worst: valueText(reach, unit),
    worstTime: clock(summary.worst.at, zone, true),
    gaps,
    limit: stand,
  });
}
