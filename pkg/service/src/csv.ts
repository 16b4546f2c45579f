import { isRefusal, type Refusal } from "@episante/contracts/problem";
import { CsvError, parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

/** One record of a file: its line (from 1; of several lines the first) and its cells, trimmed, with `\n` for any line end. */
export interface CsvRow {
  readonly row: number;
  readonly cells: readonly string[];
}
/** Why a file cannot be read as a table. */
export type TableFaultCode =
  | "empty-file"
  | "no-rows"
  | "not-text"
  | "unclosed-quote"
  | "bad-quote"
  | "too-many-rows"
  | "missing-column"
  | "column-twice";
export interface TableFault<K extends string = never> {
  readonly row: number;
  readonly code: TableFaultCode;
  /** The column that is missing or stands twice, by its key. */
  readonly column?: K;
}

/**
 * Reads the records of a CSV file (RFC 4180, and what spreadsheets write): comma, semicolon or tab; any line end; a byte order mark; quoted
 * cells with quotes and line ends in them. Empty lines are left out. A file that cannot be read on gives a fault and no rows.
 * @param mostRows more records than these are a fault
 */
export function readCsv(text: string, mostRows: number): { rows: CsvRow[]; fault?: TableFault } {
  // A decoder writes U+FFFD where bytes were no UTF-8; a text has no control characters but white space.
  if (/[^\P{Cc}\t\n\r]|\uFFFD/u.test(text)) return { rows: [], fault: { row: 1, code: "not-text" } };
  try {
    // One kind of line end: the parser counts CRLF within quotes twice.
    const records = parse(text.replace(/\r\n?/g, "\n"), {
      bom: true,
      delimiter: separatorOf(text),
      info: true,
      record_delimiter: "\n",
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      to: mostRows + 1,
      trim: true,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    const rows = records.map(({ info, record }) => ({ row: info.lines - lineEndsIn(record), cells: record }));
    const [over] = rows.slice(mostRows);
    return over ? { rows: [], fault: { row: over.row, code: "too-many-rows" } } : { rows };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const code = error.code === "CSV_QUOTE_NOT_CLOSED" ? "unclosed-quote" : "bad-quote";
    return { rows: [], fault: { row: Number(error.lines), code } };
  }
}

/** The one that stands most often in the first line. */
function separatorOf(text: string): string {
  const [first = ""] = text.replace(/^\uFEFF?\s*/, "").split(/[\r\n]/, 1);
  const count = (separator: string) => first.split(separator).length;
  return [";", "\t", ","].reduce((best, one) => (count(one) > count(best) ? one : best));
}

function lineEndsIn(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + (cell.split("\n").length - 1), 0);
}

/** What a table's columns may be called, by key. A key is always a name of its own column. */
export type Columns<K extends string> = Readonly<Record<K, { readonly names: readonly string[]; readonly isRequired?: boolean }>>;

/** A record by column; a missing column reads as empty. */
export interface TableRow<K extends string> {
  readonly row: number;
  readonly cells: Readonly<Record<K, string>>;
}

/** Reads a CSV file whose first line names its columns, in any order. Unknown columns are told and left out. Formula guards are taken off. */
export function readTable<K extends string>(
  text: string,
  columns: Columns<K>,
  mostRows: number,
): { rows: TableRow<K>[]; faults: TableFault<K>[]; ignored: string[] } {
  const none = (...faults: TableFault<K>[]) => ({ rows: [], faults, ignored: [] });
  const { rows, fault } = readCsv(text, mostRows + 1);
  if (fault) return none(fault);
  const [header, ...records] = rows;
  if (!header) return none({ row: 1, code: "empty-file" });
  const keys = Object.keys(columns) as K[];
  const named = header.cells.map((cell) => keys.find((key) => [key, ...columns[key].names].some((name) => plain(name) === plain(cell))));
  const faults: TableFault<K>[] = keys.flatMap((column) => {
    const count = named.filter((one) => one === column).length;
    if (count > 1) return { row: header.row, code: "column-twice" as const, column };
    return count === 0 && columns[column].isRequired ? { row: header.row, code: "missing-column" as const, column } : [];
  });
  if (faults.length > 0) return none(...faults);
  if (records.length === 0) return none({ row: header.row, code: "no-rows" });
  const places = keys.map((key) => [key, named.indexOf(key)] as const);
  return {
    rows: records.map(({ row, cells }) => ({
      row,
      cells: Object.fromEntries(places.map(([key, place]) => [key, unguard(cells[place] ?? "")])) as Record<K, string>,
    })),
    faults: [],
    ignored: header.cells.filter((cell, index) => cell !== "" && named[index] === undefined),
  };
}

/** A column name without case, accents and what is no letter or digit. */
function plain(name: string): string {
  return name
    .normalize("NFD")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase();
}

/** A cell that a spreadsheet would read as a formula gets an apostrophe (OWASP, CSV injection), one that looks guarded one more. */
function guard(cell: string): string {
  return /^'*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

function unguard(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

/** Records as CSV text: semicolons, as a French spreadsheet opens them, CRLF, formulas guarded. */
export function writeCsv(rows: readonly (readonly string[])[]): string {
  return stringify(
    rows.map((cells) => cells.map(guard)),
    { delimiter: ";", record_delimiter: "windows", quoted_match: /[\r\n]/ },
  );
}

/** Part of a table to be written, and where the next part begins. */
export interface CsvPage {
  readonly rows: readonly (readonly string[])[];
  readonly next?: string | undefined;
}

/**
 * Answers a table as a file to download, page by page as the reader takes it: UTF-8 with a byte order mark, by which spreadsheets know it. A
 * refusal of the first page is the answer; later ones break the download off, so that half a table never looks whole.
 */
export async function csvAnswer(
  fileName: string,
  header: readonly string[],
  read: (cursor: string | undefined) => Promise<CsvPage | Refusal>,
): Promise<Response | Refusal> {
  const first = await read(undefined);
  if (isRefusal(first)) return first;
  async function* pages(page: CsvPage) {
    yield `\uFEFF${writeCsv([header])}`;
    for (let current = page; ; ) {
      yield writeCsv(current.rows);
      if (current.next === undefined) return;
      const following = await read(current.next);
      if (isRefusal(following)) throw new Error(`an export was refused half-way: ${following.refused}`);
      current = following;
    }
  }
  const texts = pages(first);
  const body = new ReadableStream<string>({
    async pull(controller) {
      const { value, done } = await texts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await texts.return()),
  });
  return new Response(body.pipeThrough(new TextEncoderStream()), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${fileName}"`,
      "cache-control": "no-store",
    },
  });
}
