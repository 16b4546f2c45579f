import { expect, test } from "bun:test";
import { refuse } from "@episante/contracts/problem";
import fc from "fast-check";
import { csvAnswer, readCsv, readTable, writeCsv } from "./csv.ts";

const columns = { name: { names: ["nom de famille"], isRequired: true }, day: { names: ["né le"] } } as const;
const read = (text: string) => readTable(text, columns, 5);

test("quotes, line ends within quotes, any separator and line end, a byte order mark and empty lines are understood; rows count lines", () => {
  expect(readCsv('\uFEFFa;b\r\n"x ""q""\r\ny";2\r\n\r\n;\r\n3;4\n5;6', 10)).toEqual({
    rows: [
      { row: 1, cells: ["a", "b"] },
      { row: 2, cells: ['x "q"\ny', "2"] },
      { row: 6, cells: ["3", "4"] },
      { row: 7, cells: ["5", "6"] },
    ],
  });
  for (const separator of [",", ";", "\t"]) expect(readCsv(`a${separator}b`, 1).rows).toEqual([{ row: 1, cells: ["a", "b"] }]);
  expect(readCsv("a\rb", 2).rows.map(({ cells }) => cells)).toEqual([["a"], ["b"]]);
  expect(readCsv('a;Jean "Jo" Petit', 2).rows[0]?.cells).toEqual(["a", 'Jean "Jo" Petit']);
});

test("columns are found by key or by any of their names, in any order, whatever case and accents; others are told", () => {
  expect(read("NE_LE;remarque;Nom  de famille\n1990-01-01;x;Durand")).toEqual({
    rows: [{ row: 2, cells: { name: "Durand", day: "1990-01-01" } }],
    faults: [],
    ignored: ["remarque"],
  });
});

test("what is no table is told by line: empty, header only, missing and doubled columns, quotes, bytes that are no text, too many rows", () => {
  const faults = (text: string) => read(text).faults;
  expect(faults("")).toEqual([{ row: 1, code: "empty-file" }]);
  expect(faults("\uFEFF \r\n;;\r\n")).toEqual([{ row: 1, code: "empty-file" }]);
  expect(faults("name,day\n")).toEqual([{ row: 1, code: "no-rows" }]);
  expect(faults("day\n1990-01-01")).toEqual([{ row: 1, code: "missing-column", column: "name" }]);
  expect(faults("name,Nom de famille\na,b")).toEqual([{ row: 1, code: "column-twice", column: "name" }]);
  expect(faults('name\nok\n"open\nx')[0]).toMatchObject({ code: "unclosed-quote" });
  expect(faults("name\nPK\u0003\u0004")).toEqual([{ row: 1, code: "not-text" }]);
  expect(faults("name\nAm\uFFFDlie")).toEqual([{ row: 1, code: "not-text" }]);
  expect(faults(`name\n${"a\n".repeat(5)}`)).toEqual([]);
  expect(faults(`name\n${"a\n".repeat(100_000)}`)).toEqual([{ row: 7, code: "too-many-rows" }]);
});

test("no cell that is written is a formula to a spreadsheet, and what is read back is what was written", () => {
  expect(writeCsv([["=1+1", "+33 6", "-x", "@a", "'=b", "it's", "a;b"]])).toBe("'=1+1;'+33 6;'-x;'@a;''=b;it's;\"a;b\"\r\n");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), fc.constantFrom("=1", "'=1", "''-", "+33", "", 'a"b', "a\nb")), { minLength: 1, maxLength: 5 }),
      (given) => {
        const printable = given.map(([one, two]) => [`x${one.replace(/[\p{Cc}\uFFFD]/gu, "")}`.trim(), two]);
        expect(read(`\uFEFFname;day\r\n${writeCsv(printable)}`).rows.map(({ cells }) => [cells.name, cells.day])).toEqual(
          printable as [string, string][],
        );
      },
    ),
  );
});

test("an export is read page by page; a refusal of the first page is the answer, a later one breaks the download off", async () => {
  const asked: (string | undefined)[] = [];
  const answer = await csvAnswer("a.csv", ["name"], async (cursor) => {
    asked.push(cursor);
    return cursor === undefined ? { rows: [["Zoé"]], next: "2" } : { rows: [["Noé"]] };
  });
  expect(asked).toEqual([undefined]);
  const bytes = new Uint8Array(await (answer as Response).arrayBuffer());
  expect(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)).toBe("\uFEFFname\r\nZoé\r\nNoé\r\n");
  expect(await csvAnswer("a.csv", ["name"], async () => refuse("not-found"))).toEqual(refuse("not-found"));
  const broken = await csvAnswer("a.csv", ["name"], async (cursor) => (cursor ? refuse("not-found") : { rows: [["Zoé"]], next: "2" }));
  expect((broken as Response).text()).rejects.toThrow();
});
