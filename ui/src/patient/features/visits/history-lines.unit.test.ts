import { beforeEach, expect, test } from "bun:test";
import type { VisitEntry } from "@episante/contracts/visit";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { historyLines } from "./history-lines.ts";

beforeEach(() => setLocale("en"));
const doctorId = `doc_${"1".repeat(32)}` as const;
const place = (start: string) => ({ doctorId, start, end: start });
const entries: VisitEntry[] = [
  { at: "2026-11-20T08:00:00.000Z", kind: "booked", channel: "online", later: { place: place("2026-11-24T08:00:00.000Z") } },
  {
    at: "2026-11-20T09:00:00.000Z",
    kind: "refused",
    attempt: "move",
    code: "slot-taken",
    by: "patient",
    channel: "online",
    later: { place: { start: "2026-11-24T09:00:00.000Z" } },
  },
  {
    at: "2026-11-20T10:00:00.000Z",
    kind: "moved",
    by: "staff",
    channel: "clinic",
    former: { place: place("2026-11-24T08:00:00.000Z") },
    later: { place: place("2026-11-24T10:00:00.000Z") },
  },
  { at: "2026-11-20T11:00:00.000Z", kind: "cancelled", by: "relative", channel: "online", later: { reason: "Malade" } },
];

test("who booked and what changed, newest first, in the site's time", () => {
  expect(historyLines(entries, "Europe/Paris", true).map(({ what }) => what)).toEqual([
    "Cancelled: Malade",
    "Moved: Tuesday 24 November at 09:00 → Tuesday 24 November at 11:00",
    "Move refused to Tuesday 24 November at 10:00",
    "Booked online for Tuesday 24 November at 09:00",
  ]);
});

test("the reader is told who did it, and of what was refused why", () => {
  const own = historyLines(entries, "Europe/Paris", true);
  expect(own[0]?.more).toBe("By a relative");
  expect(own[1]?.more).toBe("By the clinic");
  expect(own[2]).toMatchObject({ isRefused: true });
  expect(own[2]?.more).toStartWith("By you. ");
  expect(historyLines(entries, "Europe/Paris", false)[2]?.more).toStartWith("By the patient. ");
  expect(own[3]?.more).toBe("");
});

test("every kind of entry has words in both languages", () => {
  const state = { status: "arrived" as const };
  const all: VisitEntry[] = [
    ...entries,
    { at: "2026-11-20T12:00:00.000Z", kind: "booked" },
    { at: "2026-11-20T12:00:00.000Z", kind: "status", by: "doctor", former: { state: { status: "booked" } }, later: { state } },
    { at: "2026-11-20T12:00:00.000Z", kind: "undone", by: "system", former: { state }, later: { state: { status: "booked" } } },
    { at: "2026-11-20T12:00:00.000Z", kind: "refused", attempt: "cancel", code: "wrong-state", by: "patient" },
    { at: "2026-11-20T12:00:00.000Z", kind: "refused", attempt: "move", code: "not-found", by: "patient" },
    { at: "2026-11-20T12:00:00.000Z", kind: "cancelled", by: "staff" },
  ];
  for (const language of ["fr", "en"] as const) {
    setLocale(language);
    for (const line of historyLines(all, "Europe/Paris", false)) {
      expect(line.what).not.toMatch(/[{}]|undefined|^$/);
      expect(line.more).not.toMatch(/[{}]|undefined/);
    }
  }
});
