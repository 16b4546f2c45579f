import type { Schedule } from "@episante/contracts/appointment";

type Window = Schedule["windows"][number];
type Override = NonNullable<Schedule["overrides"]>[number];

/** From one time of day to another, as typed, and the reasons they are for (none: every reason). */
export interface HoursSpan {
  readonly from: string;
  readonly to: string;
  readonly reasonIds?: readonly string[] | undefined;
}
/** One line of the weekly hours, as typed. Empty texts: not set. */
export interface HoursLine extends HoursSpan {
  readonly day: number;
  readonly everyWeeks?: number | undefined;
  readonly anchor?: string | undefined;
  readonly validFrom?: string | undefined;
  readonly validTo?: string | undefined;
}
/** Hours of one date, as typed. */
export interface DateLine {
  readonly day: string;
  readonly spans: readonly HoursSpan[];
}
export type LineFault = "time" | "order" | "overlap" | "anchor" | "valid";

/** A time of day as people type it: `9`, `9h30`, `09:30`, `0930`. `HH:MM`, or undefined. 24:00 ends a day. */
export function readTime(text: string): string | undefined {
  const match = /^(\d{1,2})(?:\s*[:hH.]\s*(\d{2})?)?$/.exec(text.trim()) ?? /^(\d{2})(\d{2})$/.exec(text.trim());
  if (!match) return undefined;
  const hour = Number(match[1]);
  const minute = Number(match[2] ?? 0);
  if (minute > 59 || hour > 24 || (hour === 24 && minute > 0)) return undefined;
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

/** True for a line that counts on every date of its weekday. Only such lines are sure to meet others: the rest the server compares. */
function isEveryWeek({ everyWeeks = 1, validFrom, validTo }: HoursLine): boolean {
  return everyWeeks === 1 && !validFrom && !validTo;
}

function spanFault(span: HoursSpan, before: readonly HoursSpan[]): LineFault | undefined {
  const [from, to] = [readTime(span.from), readTime(span.to)];
  if (!from || !to) return "time";
  if (from >= to) return "order";
  const meets = before.some((other) => {
    const [otherFrom, otherTo] = [readTime(other.from), readTime(other.to)];
    return otherFrom && otherTo && from < otherTo && otherFrom < to;
  });
  return meets ? "overlap" : undefined;
}

/** Faults by line index. Overlaps are found between lines of every week; of others the server knows. */
export function lineFaults(lines: readonly HoursLine[]): Map<number, LineFault> {
  const faults = new Map<number, LineFault>();
  lines.forEach((line, index) => {
    const before = isEveryWeek(line) ? lines.slice(0, index).filter((other) => other.day === line.day && isEveryWeek(other)) : [];
    const fault = spanFault(line, before) ?? ruleFault(line);
    if (fault) faults.set(index, fault);
  });
  return faults;
}

function ruleFault({ everyWeeks = 1, anchor, validFrom, validTo }: HoursLine): LineFault | undefined {
  if (everyWeeks > 1 && !anchor) return "anchor";
  return validFrom && validTo && validTo < validFrom ? "valid" : undefined;
}

/** Faults of single dates, by `date index.span index`. */
export function dateFaults(dates: readonly DateLine[]): Map<string, LineFault> {
  const faults = new Map<string, LineFault>();
  dates.forEach(({ spans }, index) => {
    spans.forEach((span, at) => {
      const fault = spanFault(span, spans.slice(0, at));
      if (fault) faults.set(`${index}.${at}`, fault);
    });
  });
  return faults;
}

/** Lines that meet others on some date, from the answer of the server to a draft. */
export function overlapsOf(problem: { readonly errors?: readonly { readonly path: string }[] | undefined } | undefined): Set<number> {
  const found = (problem?.errors ?? []).flatMap(({ path }) => /^(?:schedule\.)?windows\.(\d+)$/.exec(path)?.[1] ?? []);
  return new Set(found.map(Number));
}

function toSpan({ from, to, reasonIds }: HoursSpan): Override["windows"][number] {
  return {
    from: readTime(from) ?? "",
    to: readTime(to) ?? "",
    ...(reasonIds?.length ? { reasonIds: reasonIds as Window["reasonIds"] } : {}),
  };
}

/** Windows of the schedule, one for each line; lines must have no faults. */
export function windowsOf(lines: readonly HoursLine[]): Schedule["windows"] {
  return lines.map((line) => {
    const { day, everyWeeks = 1, anchor, validFrom, validTo } = line;
    return {
      day,
      ...toSpan(line),
      ...(everyWeeks > 1 ? { everyWeeks, anchor } : {}),
      ...(validFrom ? { validFrom } : {}),
      ...(validTo ? { validTo } : {}),
    };
  });
}

/** Overrides of the schedule, one for each date. */
export function overridesOf(dates: readonly DateLine[]): Override[] {
  return dates.map(({ day, spans }) => ({ day, windows: spans.map(toSpan) }));
}

/** Dates of a schedule as lines, in order; those that are over are left out: they change nothing any more. */
export function datesOf(overrides: Schedule["overrides"], today: string): DateLine[] {
  return (overrides ?? [])
    .filter(({ day }) => day >= today)
    .map(({ day, windows }) => ({ day, spans: windows }))
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** Usual hours to start from: Monday to Friday, morning and afternoon. */
export function usualHours(): HoursLine[] {
  return [1, 2, 3, 4, 5].flatMap((day) => [
    { day, from: "09:00", to: "12:00" },
    { day, from: "14:00", to: "18:00" },
  ]);
}
