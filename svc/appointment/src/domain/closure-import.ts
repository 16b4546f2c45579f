import { type importFaultCodes, planDaySchema } from "@episante/contracts/appointment";
import { writtenDay } from "@episante/contracts/transfer";
import { addDays, daysBetween } from "./calendar.ts";
import type { ClosedDay } from "./hours.ts";

/** Longest name of a closed day, and most days that one row and one file may close. */
const longestName = 100;
const mostDaysOfRow = 62;
const mostDays = 1000;

type FaultCode = (typeof importFaultCodes)[number];
/** A row that cannot be imported: its line in the file (from 1) and why. */
export interface ImportFault {
  readonly row: number;
  readonly code: FaultCode;
  readonly message: string;
}
/** A closed day and the line of the file it comes from. */
export interface ImportRow extends ClosedDay {
  readonly row: number;
}
export interface ImportResult {
  readonly rows: ImportRow[];
  readonly faults: ImportFault[];
}

const messages: Record<FaultCode, string> = {
  "bad-day": "not a day (2026-12-25 or 25/12/2026) of the years 2000 to 2199",
  "no-day": "names no day",
  "no-name": "has no name",
  "name-too-long": `the name is longer than ${longestName} characters`,
  "ends-before-it-begins": "ends before it begins",
  "too-many-days": `closes more than ${mostDaysOfRow} days, or the file more than ${mostDays}`,
  "not-all-day": "is not an all-day event",
  repeats: "repeats: only single dates can be imported",
  "stands-twice": "the day stands twice in the file, with another name",
  "not-a-calendar": "not an iCalendar file with events",
  "unclosed-quote": "a quoted text does not end",
  "not-text": "not a text in UTF-8",
};

/** One line read: a name and days, both inclusive, as written. */
interface Entry {
  readonly row: number;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Most rows of a table: each of them closes a day or more. */
export const mostClosureRows = mostDays;

/** The records of a CSV file, or why it cannot be read. */
export interface ClosureTable {
  readonly rows: readonly { readonly row: number; readonly cells: readonly string[] }[];
  readonly fault?: { readonly row: number; readonly code: string };
}

/**
 * Reads closed days from the text of a calendar or the records of a table. Every row that cannot be read is named with its line and why; a caller that stores nothing when there are
 * faults imports nothing by half. Rows are in order of day; the same day with the same name counts once.
 */
export function readClosures(file: string | ClosureTable): ImportResult {
  const { entries, faults } = typeof file === "string" ? readCalendar(file) : readTable(file);
  const rows = new Map<string, ImportRow>();
  for (const { row, name, from, to } of entries) {
    const fault = (code: FaultCode) => faults.push(faultOf(row, code));
    const length = daysBetween(from, to) + 1;
    if (name === "") fault("no-name");
    else if (name.length > longestName) fault("name-too-long");
    else if (length < 1) fault("ends-before-it-begins");
    else if (length > mostDaysOfRow || rows.size + length > mostDays) fault("too-many-days");
    else {
      const days = Array.from({ length }, (_, count) => addDays(from, count));
      if (days.some((day) => (rows.get(day)?.name ?? name) !== name)) fault("stands-twice");
      else for (const day of days) if (!rows.has(day)) rows.set(day, { row, day, name });
    }
  }
  return {
    rows: [...rows.values()].sort((a, b) => (a.day < b.day ? -1 : 1)),
    faults: faults.sort((a, b) => a.row - b.row),
  };
}

function faultOf(row: number, code: FaultCode): ImportFault {
  return { row, code, message: messages[code] };
}

interface Reading {
  readonly entries: Entry[];
  readonly faults: ImportFault[];
}

// ── CSV: a first line of column names may tell the order, else day, name, until.

const columnNames = {
  day: ["day", "date", "from", "jour", "du", "début", "debut"],
  name: ["name", "label", "summary", "nom", "libellé", "libelle", "motif"],
  to: ["until", "to", "end", "au", "fin"],
} as const;

function readTable({ rows, fault }: ClosureTable): Reading {
  const reading: Reading = { entries: [], faults: fault ? [faultOf(fault.row, codeOf(fault.code))] : [] };
  let columns: Record<keyof typeof columnNames, number> | undefined;
  for (const { row, cells } of rows) {
    if (!columns) {
      columns = columnsOf(cells);
      if (columns) continue;
      columns = { day: 0, name: 1, to: 2 };
    }
    const [from, to] = [cells[columns.day] ?? "", cells[columns.to] ?? ""];
    const [fromDay, toDay] = [writtenPlanDay(from), writtenPlanDay(to === "" ? from : to)];
    const name = (cells[columns.name] ?? "").replace(/\s+/g, " ");
    if (from === "") reading.faults.push(faultOf(row, "no-day"));
    else if (!fromDay || !toDay) reading.faults.push(faultOf(row, "bad-day"));
    else reading.entries.push({ row, name, from: fromDay, to: toDay });
  }
  return reading;
}

function codeOf(tableFault: string): FaultCode {
  if (tableFault === "too-many-rows") return "too-many-days";
  return tableFault === "not-text" ? "not-text" : "unclosed-quote";
}

/** Which column is which, when the line consists of column names. */
function columnsOf(cells: readonly string[]): Record<keyof typeof columnNames, number> | undefined {
  const find = (names: readonly string[]) => cells.findIndex((cell) => names.includes(cell.toLowerCase()));
  const columns = { day: find(columnNames.day), name: find(columnNames.name), to: find(columnNames.to) };
  return columns.day >= 0 && columns.name >= 0 ? columns : undefined;
}

/** A day as a table writes it, of the years that hours are planned for. */
function writtenPlanDay(text: string): string | undefined {
  const day = writtenDay(text);
  return planDaySchema.safeParse(day).success ? day : undefined;
}

// ── iCalendar (RFC 5545): all-day events; DTEND is the day after the last.

function readCalendar(text: string): Reading {
  const reading: Reading = { entries: [], faults: [] };
  const lines = unfold(text);
  let event: { row: number; fields: Map<string, { params: string; value: string }> } | undefined;
  let count = 0;
  for (const { row, content } of lines) {
    const [, name = "", params = "", value = ""] = /^([A-Za-z-]+)((?:;[^:"]*(?:"[^"]*")?)*):(.*)$/s.exec(content) ?? [];
    const field = name.toUpperCase();
    if (field === "BEGIN" && value.toUpperCase() === "VEVENT") event = { row, fields: new Map() };
    else if (field === "END" && value.toUpperCase() === "VEVENT" && event) {
      count++;
      readEvent(event.row, event.fields, reading);
      event = undefined;
    } else if (event && !event.fields.has(field)) event.fields.set(field, { params: params.toUpperCase(), value });
  }
  if (count === 0) reading.faults.push(faultOf(1, "not-a-calendar"));
  return reading;
}

function readEvent(row: number, fields: ReadonlyMap<string, { params: string; value: string }>, { entries, faults }: Reading): void {
  const fault = (code: FaultCode) => faults.push(faultOf(row, code));
  if (fields.get("STATUS")?.value.toUpperCase() === "CANCELLED") return;
  if (fields.has("RRULE") || fields.has("RDATE")) return void fault("repeats");
  const [start, end] = [fields.get("DTSTART"), fields.get("DTEND")];
  if (!start) return void fault("no-day");
  if ([start, end].some((field) => field && /T\d/.test(field.value))) return void fault("not-all-day");
  const from = calendarDay(start.value);
  const after = end ? calendarDay(end.value) : from && addDays(from, durationDays(fields.get("DURATION")?.value));
  if (!from || !after) return void fault("bad-day");
  // Some programs write the same day as the end of a day.
  const to = after === from ? from : addDays(after, -1);
  entries.push({ row, name: textOf(fields.get("SUMMARY")?.value ?? ""), from, to });
}

function calendarDay(value: string): string | undefined {
  const [, year, month, date] = /^(\d{4})(\d{2})(\d{2})$/.exec(value.trim()) ?? [];
  const day = `${year}-${month}-${date}`;
  return planDaySchema.safeParse(day).success ? day : undefined;
}

function durationDays(value = "P1D"): number {
  const [, weeks = 0, days = 0] = /^P(?:(\d{1,3})W)?(?:(\d{1,4})D)?$/.exec(value) ?? [];
  return Number(weeks) * 7 + Number(days) || 1;
}

/** Lines put together again (a line that begins with a blank goes on), with the number of their first. */
function unfold(text: string): { row: number; content: string }[] {
  const lines: { row: number; content: string }[] = [];
  text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .forEach((line, index) => {
      const last = lines.at(-1);
      if (/^[ \t]/.test(line) && last) last.content += line.slice(1);
      else lines.push({ row: index + 1, content: line });
    });
  return lines;
}

function textOf(value: string): string {
  return value
    .replace(/\\([nN,;\\])/g, (_, character: string) => (character.toLowerCase() === "n" ? " " : character))
    .replace(/\s+/g, " ")
    .trim();
}
