import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultMap, groupRows, parseMapping, type Row, readingsOf, readRecording } from "./recording.ts";

const root = mkdtempSync(join(tmpdir(), "episante-recording-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const rowsOf = (text: string, map = defaultMap): Promise<Row[]> => {
  const path = join(root, "recording.csv");
  writeFileSync(path, text);
  return collect(readRecording(path, map));
};

test("headers are trimmed, gaps and broken lines skipped, unmapped columns ignored", async () => {
  const rows = await rowsOf("Time [s], HR, PULSE, X, SpO2\r\n-0,84,NaN,1,86\r\n1,,85,1,nan\r\nbroken,1,1,1,1\r\n\r\n2,85,85,1,87");
  expect(rows.map(({ seconds }) => seconds)).toEqual([-0, 1, 2]);
  expect(rows.map(({ values }) => values.map(({ code, value }) => [code, value]))).toEqual([
    [
      ["8867-4", 84],
      ["59408-5", 86],
    ],
    [["8889-8", 85]],
    [
      ["8867-4", 85],
      ["8889-8", 85],
      ["59408-5", 87],
    ],
  ]);
});

test("a file without any mapped column is refused", async () => {
  await expect(rowsOf("Time,A,B\n0,1,2\n")).rejects.toThrow("no column");
});

test("a mapping is read from its text form, other text is refused", () => {
  expect(parseMapping("HR=8867-4,/min")).toEqual({ HR: { code: "8867-4", unit: "/min" } });
  expect(parseMapping(" Art. sys = 8480-6 , mm[Hg] ")).toEqual({ "Art. sys": { code: "8480-6", unit: "mm[Hg]" } });
  for (const text of ["HR", "HR=8867-4", "=8867-4,/min"]) expect(() => parseMapping(text)).toThrow();
});

test("groups hold about the wanted span, never too many readings, and lose no row", async () => {
  const text = `Time,HR,SpO2\n${Array.from({ length: 100 }, (_, second) => `${second / 2},60,97`).join("\n")}`;
  const rows = await rowsOf(text);
  const wide = await collect(groupRows(iterate(rows), 5, 1_000));
  expect(wide).toHaveLength(10);
  expect(wide.every(({ from, to }) => to - from < 5)).toBe(true);
  expect(wide.flatMap((group) => group.rows)).toEqual(rows);
  const small = await collect(groupRows(iterate(rows), 1e9, 7));
  expect(small.every((group) => readingsOf(group, 0).length <= 7)).toBe(true);
  expect(small.flatMap((group) => group.rows)).toEqual(rows);
});

test("readings are dated from the start of the recording", () => {
  const group = { from: 1, to: 1.5, rows: [{ seconds: 1.5, values: [{ code: "c", unit: "u", value: 3 }] }] };
  expect(readingsOf(group, Date.parse("2026-01-01T00:00:00Z"))).toEqual([
    { code: "c", unit: "u", value: 3, at: "2026-01-01T00:00:01.500Z" },
  ]);
});

async function* iterate(rows: readonly Row[]) {
  yield* rows;
}
