import { describe, expect, test } from "bun:test";
import { readCsv } from "@episante/service/csv";
import fc from "fast-check";
import { mostClosureRows, readClosures as readFile } from "./closure-import.ts";

const readClosures = (format: "ics" | "csv", text: string) => readFile(format === "ics" ? text : readCsv(text, mostClosureRows));

const calendar = (...lines: string[]) => ["BEGIN:VCALENDAR", "VERSION:2.0", ...lines, "END:VCALENDAR"].join("\r\n");
const event = (...lines: string[]) => ["BEGIN:VEVENT", ...lines, "END:VEVENT"];
const faults = (format: "ics" | "csv", text: string) => readClosures(format, text).faults.map(({ row, code }) => [row, code]);

describe("iCalendar", () => {
  test("all-day events end the day before DTEND; folded lines, escapes and a missing end are understood", () => {
    const text = calendar(
      ...event("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227", "SUMMARY:Noël\\, fer", " meture"),
      ...event("DTSTART;VALUE=DATE:20270101", "SUMMARY:Jour de l’An"),
      ...event("DTSTART;VALUE=DATE:20270501", "STATUS:CANCELLED", "SUMMARY:Annulé"),
    );
    expect(readClosures("ics", text)).toEqual({
      rows: [
        ...["2026-12-24", "2026-12-25", "2026-12-26"].map((day) => ({ row: 3, day, name: "Noël, fermeture" })),
        { row: 9, day: "2027-01-01", name: "Jour de l’An" },
      ],
      faults: [],
    });
  });

  test("what is no closed day is named with its line and why, and the rest is still read", () => {
    const text = calendar(
      ...event("DTSTART:20261224T090000Z", "SUMMARY:Réunion"),
      ...event("DTSTART;VALUE=DATE:20261225", "RRULE:FREQ=YEARLY", "SUMMARY:Noël"),
      ...event("DTSTART;VALUE=DATE:20260230", "SUMMARY:Nulle part"),
      ...event("SUMMARY:Sans date"),
      ...event("DTSTART;VALUE=DATE:20261227", "DTEND;VALUE=DATE:20261226", "SUMMARY:À l’envers"),
      ...event("DTSTART;VALUE=DATE:20261228", "DTEND;VALUE=DATE:20270401", "SUMMARY:Trop long"),
      ...event("DTSTART;VALUE=DATE:20261231"),
      ...event("DTSTART;VALUE=DATE:20270101", "SUMMARY:Jour de l’An"),
    );
    expect(faults("ics", text)).toEqual([
      [3, "not-all-day"],
      [7, "repeats"],
      [12, "bad-day"],
      [16, "no-day"],
      [19, "ends-before-it-begins"],
      [24, "too-many-days"],
      [29, "no-name"],
    ]);
    expect(readClosures("ics", text).rows).toEqual([{ row: 32, day: "2027-01-01", name: "Jour de l’An" }]);
  });

  test("a file that is no calendar is told so", () => {
    expect(faults("ics", "day,name\n2026-12-25,Noël")).toEqual([[1, "not-a-calendar"]]);
    expect(faults("csv", "9999-12-31,x\n0001-01-01,y")).toEqual([
      [1, "bad-day"],
      [2, "bad-day"],
    ]);
    expect(faults("ics", calendar())).toEqual([[1, "not-a-calendar"]]);
  });
});

describe("CSV", () => {
  test("with or without column names, in any order, with commas, semicolons or tabs, days written either way", () => {
    const rows = [{ row: 2, day: "2026-12-25", name: "Noël; Christmas" }];
    expect(readClosures("csv", '\uFEFFnom;date\r\n"Noël; Christmas";25/12/2026\r\n').rows).toEqual(rows);
    expect(readClosures("csv", "day,name\n2026-12-25,Noël; Christmas").rows).toEqual(rows);
    expect(readClosures("csv", "2026-05-01\tFête\n\n2026-05-07\tPont\t2026-05-09").rows).toEqual([
      { row: 1, day: "2026-05-01", name: "Fête" },
      ...["2026-05-07", "2026-05-08", "2026-05-09"].map((day) => ({ row: 3, day, name: "Pont" })),
    ]);
    expect(readClosures("csv", '2026-05-01,"say ""hi"""').rows[0]?.name).toBe('say "hi"');
  });

  test("faulty rows are named by their line", () => {
    const text = [
      "date,name,until",
      "2026-02-30,Nulle part",
      ",Sans date",
      "2026-12-26,",
      "2026-12-27,Fin,2026-12-26",
      `2026-12-28,${"x".repeat(101)}`,
    ].join("\n");
    expect(faults("csv", text)).toEqual([
      [2, "bad-day"],
      [3, "no-day"],
      [4, "no-name"],
      [5, "ends-before-it-begins"],
      [6, "name-too-long"],
    ]);
  });

  test("a file that cannot be read on says so and closes nothing", () => {
    expect(readClosures("csv", '2026-12-24,Pont\n2026-12-25,"Noël\n2026-12-26,x')).toMatchObject({
      rows: [],
      faults: [{ code: "unclosed-quote" }],
    });
    expect(faults("csv", "2026-12-25,No\uFFFDl")).toEqual([[1, "not-text"]]);
    expect(faults("csv", "2026-12-25,x\n".repeat(1_001))).toEqual([[1_001, "too-many-days"]]);
    expect(readClosures("csv", '2026-12-25,"Noël\r\net pont"').rows).toEqual([{ row: 1, day: "2026-12-25", name: "Noël et pont" }]);
  });

  test("a day may stand twice with one name, not with two", () => {
    const result = readClosures("csv", "2026-12-25,Noël\n2026-12-25,Noël\n2026-12-24,Pont,2026-12-25");
    expect(result.rows).toEqual([{ row: 1, day: "2026-12-25", name: "Noël" }]);
    expect(result.faults.map(({ row, code }) => [row, code])).toEqual([[3, "stands-twice"]]);
  });
});

test("whatever a file holds: every row is a day of the calendar with a name, every fault is on a line of the file", () => {
  const piece = fc.oneof(
    fc.constantFrom("BEGIN:VEVENT", "END:VEVENT", "DTSTART;VALUE=DATE:20261225", "SUMMARY:x", "2026-12-25,x", "date;nom", '"', ";;"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.constantFrom("ics" as const, "csv" as const), fc.array(piece, { maxLength: 12 }), (format, lines) => {
      const text = lines.join("\n");
      const { rows, faults } = readClosures(format, text);
      const count = text.split(/\r\n|\r|\n/).length;
      for (const { day, name, row } of rows) {
        expect(new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10)).toBe(day);
        expect(name.trim().length).toBeGreaterThan(0);
        expect(row).toBeLessThanOrEqual(count);
      }
      for (const { row } of faults) expect(row >= 1 && row <= count).toBe(true);
    }),
    { numRuns: 300 },
  );
});
