import type { Reading } from "./client.ts";

/** Which LOINC code and UCUM unit a column of a recording holds. */
export type ColumnMap = Readonly<Record<string, { readonly code: string; readonly unit: string }>>;

/** Columns of bedside numerics as PhysioNet names them. */
export const defaultMap: ColumnMap = {
  HR: { code: "8867-4", unit: "/min" },
  PULSE: { code: "8889-8", unit: "/min" },
  RESP: { code: "9279-1", unit: "/min" },
  SpO2: { code: "59408-5", unit: "%" },
};

/** Values of one line of a recording. */
export interface Row {
  /** Seconds from the beginning. */
  readonly seconds: number;
  readonly values: readonly { readonly code: string; readonly unit: string; readonly value: number }[];
}

/** Parses `HR=8867-4,/min`. @throws Error when it is not of this form */
export function parseMapping(text: string): ColumnMap {
  const match = /^\s*([^=]+?)\s*=\s*([^,\s]+)\s*,\s*(\S+)\s*$/.exec(text);
  const [, name, code, unit] = match ?? [];
  if (!name || !code || !unit) throw new Error("a mapping reads COLUMN=CODE,UNIT, for example HR=8867-4,/min");
  return { [name]: { code, unit } };
}

/**
 * Reads a CSV recording line by line: first column seconds, the others by their (trimmed) header. Empty cells and NaN are gaps.
 * @throws Error when no column is mapped
 */
export async function* readRecording(file: string, map: ColumnMap): AsyncGenerator<Row> {
  let columns: ({ code: string; unit: string } | undefined)[] | null = null;
  for await (const line of linesOf(file)) {
    if (line.trim() === "") continue;
    const cells = line.split(",").map((cell) => cell.trim());
    if (!columns) {
      columns = cells.map((name, index) => (index === 0 ? undefined : map[name]));
      if (!columns.some(Boolean)) throw new Error(`no column of the file is mapped (columns: ${cells.slice(1, 20).join(", ")})`);
      continue;
    }
    const seconds = cells[0] ? Number(cells[0]) : Number.NaN;
    if (!Number.isFinite(seconds)) continue;
    const values = columns.flatMap((column, index) => {
      const cell = cells[index];
      const value = cell ? Number(cell) : Number.NaN;
      return column && Number.isFinite(value) ? [{ ...column, value }] : [];
    });
    yield { seconds, values };
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of Bun.file(file).stream()) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    yield* lines;
  }
  rest += decoder.decode();
  if (rest) yield rest;
}

/** Rows of about `spanSeconds` of recorded time, as one batch's readings. */
export interface Group {
  /** Seconds of the first and the last row. */
  readonly from: number;
  readonly to: number;
  readonly rows: readonly Row[];
}

/** Groups rows by recorded time; a group holds at most `maxReadings`. */
export async function* groupRows(rows: AsyncIterable<Row>, spanSeconds: number, maxReadings: number): AsyncGenerator<Group> {
  let held: Row[] = [];
  let readings = 0;
  const group = (): Group => ({ from: held[0]?.seconds ?? 0, to: held.at(-1)?.seconds ?? 0, rows: held });
  for await (const row of rows) {
    const first = held[0];
    if (first && (row.seconds - first.seconds >= spanSeconds || readings + row.values.length > maxReadings)) {
      yield group();
      held = [];
      readings = 0;
    }
    held.push(row);
    readings += row.values.length;
  }
  if (held.length > 0) yield group();
}

/** Readings of a group, dated from the recording's start. @param startMs instant of second 0 */
export function readingsOf(group: Group, startMs: number): Reading[] {
  return group.rows.flatMap(({ seconds, values }) => {
    const at = new Date(startMs + Math.round(seconds * 1000)).toISOString();
    return values.map(({ code, unit, value }) => ({ code, unit, value, at }));
  });
}
