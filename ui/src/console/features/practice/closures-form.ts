import type { Closure, importFaultCodes } from "@episante/contracts/appointment";

export type ImportFaultCode = (typeof importFaultCodes)[number];
export type ClosureFault = "day" | "name" | "twice";
const longestName = 100;
/** Most characters of a file that the API takes. */
export const largestFile = 400_000;

/** What is wrong with a day to be added to the list, by field. */
export function closureFaults(closure: Closure, known: readonly Closure[]): { day?: ClosureFault; name?: ClosureFault } {
  const name = closure.name.trim();
  return {
    ...(closure.day === "" ? { day: "day" as const } : known.some(({ day }) => day === closure.day) ? { day: "twice" as const } : {}),
    ...(name === "" || name.length > longestName ? { name: "name" as const } : {}),
  };
}

/** The list with a day more, in order; a day that is on it gets the new name. */
export function withClosure(known: readonly Closure[], closure: Closure): Closure[] {
  return [...known.filter(({ day }) => day !== closure.day), { day: closure.day, name: closure.name.trim() }].sort((a, b) =>
    a.day < b.day ? -1 : 1,
  );
}

/** Which kind of file it is, by its name or else its beginning; undefined for neither. */
export function formatOf(fileName: string, text: string): "ics" | "csv" | undefined {
  if (/\.ics$/i.test(fileName) || /^\ufeff?\s*BEGIN:VCALENDAR/i.test(text)) return "ics";
  return /\.csv$/i.test(fileName) ? "csv" : undefined;
}
