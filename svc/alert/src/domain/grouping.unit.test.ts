import { describe, expect, test } from "bun:test";
import type { AccountId, AlertId, ClinicId, Id, PatientId } from "@episante/contracts/ids";
import type { Severity } from "@episante/contracts/rule";
import fc from "fast-check";
import { type Page, type PageCall, placeCalls, severityOf, stormPages } from "./grouping.ts";

const id = <P extends string>(prefix: P, number: number) => `${prefix}_${number.toString(16).padStart(32, "0")}`;
const clinicId = id("cli", 1) as ClinicId;
let made = 0;
const newPageId = () => id("pag", made++) as Id<"pag">;
const call = (alert: number, patient = 1, severity: Severity = "warning", more: Partial<PageCall> = {}): PageCall => ({
  alert: { id: id("alr", alert) as AlertId, patientId: id("pat", patient) as PatientId, severity },
  clinicId,
  accountId: id("acc", 1) as AccountId,
  step: 0,
  isLate: false,
  ...more,
});

/** Calls at seconds, as the job places them. @returns each sending as `second: page index × lines severity` */
function play(turns: readonly (readonly [second: number, ...calls: PageCall[]])[]): string[] {
  let known: Page[] = [];
  const order: string[] = [];
  return turns.flatMap(([second, ...calls]) => {
    const { pages } = placeCalls(known, calls, second * 1000, newPageId);
    for (const page of pages) {
      if (!order.includes(page.id)) order.push(page.id);
      known = [...known.filter((one) => one.id !== page.id), page].sort((one, other) => one.firstMs - other.firstMs);
    }
    return pages.map((page) => `${second}: ${order.indexOf(page.id)} × ${page.alerts.length} ${severityOf(page)}`);
  });
}

describe("pages", () => {
  test("S10: five alerts of one patient in 30 s are one page with five lines; what comes later is another", () => {
    expect(play([0, 5, 10, 20, 29, 30].map((second) => [second, call(second)]))).toEqual([
      "0: 0 × 1 warning",
      "5: 0 × 2 warning",
      "10: 0 × 3 warning",
      "20: 0 × 4 warning",
      "29: 0 × 5 warning",
      "30: 1 × 1 warning",
    ]);
  });
  test("patients and recipients have pages of their own", () => {
    expect(play([[0, call(1, 1), call(2, 2), call(1, 1, "warning", { accountId: id("acc", 2) as AccountId })]])).toHaveLength(3);
  });
  test("a critical alert is never added to a page that left as less; the critical page then grows", () => {
    expect(
      play([
        [0, call(1)],
        [5, call(2, 1, "critical")],
        [8, call(3, 1, "critical")],
        [9, call(4)],
      ]),
    ).toEqual(["0: 0 × 1 warning", "5: 1 × 1 critical", "8: 1 × 2 critical", "9: 1 × 3 critical"]);
    expect(play([[0, call(1), call(2, 1, "critical")]])).toEqual(["0: 0 × 2 critical"]);
  });
  test("a later step about the same alert is a page of its own, however soon", () => {
    expect(
      play([
        [0, call(1)],
        [20, call(1, 1, "warning", { step: 1 })],
      ]),
    ).toEqual(["0: 0 × 1 warning", "20: 1 × 1 warning"]);
  });
  test("a storm is folded into one page that grows; the first critical alert of each patient is not", () => {
    const quick = Array.from({ length: stormPages }, (_, index) => [index, call(index, index)] as [number, PageCall]);
    expect(
      play([
        ...quick,
        [20, call(100, 100)],
        [25, call(101, 101)],
        [30, call(102, 102, "critical")],
        [70, call(103, 102, "critical")],
        [80, call(104, 101, "critical")],
        [400, call(105, 105)],
      ]).slice(stormPages),
    ).toEqual([
      "20: 10 × 1 warning",
      "25: 10 × 2 warning",
      "30: 11 × 1 critical",
      "70: 10 × 3 critical",
      "80: 12 × 1 critical",
      "400: 13 × 1 warning",
    ]);
  });
  test("whatever comes, every call is on a page that names its alert, and no page names one twice or more than fifty", () => {
    const severity = fc.constantFrom<Severity>("critical", "warning", "notice");
    const calls = fc.tuple(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 15 }), severity);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.array(calls, { maxLength: 12 })), { maxLength: 12 }), (turns) => {
        let known: Page[] = [];
        let second = 0;
        for (const [pause, wanted] of turns) {
          second += pause;
          const asked = wanted.map(([alert, patient, level]) => call(alert * 100 + patient, patient, level));
          const { pages, placed } = placeCalls(known, asked, second * 1000, newPageId);
          known = [...known.filter((one) => !pages.some((page) => page.id === one.id)), ...pages].sort((a, b) => a.firstMs - b.firstMs);
          expect(placed).toHaveLength(asked.length);
          for (const { call: one, pageId } of placed) {
            const page = known.find((candidate) => candidate.id === pageId);
            expect(page?.alerts.map(({ id: name }) => name)).toContain(one.alert.id);
          }
          for (const { alerts } of pages) {
            expect(alerts.length).toBeLessThanOrEqual(50);
            expect(new Set(alerts.map(({ id: name }) => name)).size).toBe(alerts.length);
          }
        }
      }),
    );
  });
});
