import type { Schedule } from "@episante/contracts/appointment";

/** One line of the hours form, as typed. */
export interface HoursLine {
  readonly day: number;
  readonly from: string;
  readonly to: string;
}
export type LineFault = "time" | "order" | "overlap";

/** A time of day as people type it: `9`, `9h30`, `09:30`, `0930`. `HH:MM`, or undefined. 24:00 ends a day. */
export function readTime(text: string): string | undefined {
  const match = /^(\d{1,2})(?:\s*[:hH.]\s*(\d{2})?)?$/.exec(text.trim()) ?? /^(\d{2})(\d{2})$/.exec(text.trim());
  if (!match) return undefined;
  const hour = Number(match[1]);
  const minute = Number(match[2] ?? 0);
  if (minute > 59 || hour > 24 || (hour === 24 && minute > 0)) return undefined;
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

/** Faults by line index: no time, an end before its start, or an overlap with an earlier line of the day. */
export function lineFaults(lines: readonly HoursLine[]): Map<number, LineFault> {
  const faults = new Map<number, LineFault>();
  const times = lines.map((line) => ({ day: line.day, from: readTime(line.from), to: readTime(line.to) }));
  times.forEach((line, index) => {
    const { from, to } = line;
    if (!from || !to) faults.set(index, "time");
    else if (from >= to) faults.set(index, "order");
    else {
      const clash = times.some(
        (other, at) => at < index && other.day === line.day && other.from && other.to && from < other.to && other.from < to,
      );
      if (clash) faults.set(index, "overlap");
    }
  });
  return faults;
}

/** Windows of the schedule in the order of the week; lines must have no faults. */
export function windowsOf(lines: readonly HoursLine[]): Schedule["windows"] {
  return lines
    .map((line) => ({ day: line.day, from: readTime(line.from) ?? "", to: readTime(line.to) ?? "" }))
    .sort((a, b) => a.day - b.day || (a.from < b.from ? -1 : 1));
}

/** Usual hours to start from: Monday to Friday, morning and afternoon. */
export function usualHours(): HoursLine[] {
  return [1, 2, 3, 4, 5].flatMap((day) => [
    { day, from: "09:00", to: "12:00" },
    { day, from: "14:00", to: "18:00" },
  ]);
}
