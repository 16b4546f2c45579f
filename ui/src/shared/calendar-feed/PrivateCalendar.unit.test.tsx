import { afterEach, beforeEach, expect, test } from "bun:test";
import type { CalendarFeed } from "@episante/contracts/calendar-feed";
import { cleanup, fireEvent, render, waitFor } from "@solidjs/testing-library";
import { setLocale } from "../i18n/i18n.ts";
import { PrivateCalendar } from "./PrivateCalendar.tsx";

const realFetch = globalThis.fetch;
const doctorId = `doc_${"1".repeat(32)}` as const;
const feed = (digit: string, more: Partial<CalendarFeed>): CalendarFeed => ({
  id: `cal_${digit.repeat(32)}`,
  kind: "doctor",
  doctorId,
  details: false,
  locale: "en",
  createdAt: `2026-11-0${digit}T08:00:00Z`,
  ...more,
});
let feeds: CalendarFeed[] = [];
let asked: unknown[] = [];

beforeEach(() => {
  setLocale("en");
  asked = [];
  globalThis.fetch = (async (url: string, init?: RequestInit) => {
    if (init?.method === "POST") {
      asked.push(JSON.parse(String(init.body)));
      const made = feed("3", {});
      feeds = [...feeds, made];
      return Response.json({ ...made, url: "/api/appointments/feeds/secret.ics" }, { status: 201 });
    }
    if (init?.method === "DELETE") {
      feeds = feeds.filter(({ id }) => !url.includes(id));
      return new Response(null, { status: 204 });
    }
    return Response.json({ items: feeds });
  }) as unknown as typeof fetch;
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});

const rows = () => document.querySelectorAll(".rowline").length;
const press = (words: string, where = "") =>
  waitFor(() => {
    const found = [...document.querySelectorAll<HTMLElement>(`${where} button`)].findLast((one) => one.textContent?.startsWith(words));
    if (!found) throw new Error(`no button "${words}"`);
    fireEvent.click(found);
  });
const address = () => document.querySelector<HTMLInputElement>("input[readonly]")?.value;

test("a doctor's page lists that agenda's addresses only, and makes one for it", async () => {
  const { doctorId: _, ...patients } = feed("2", {});
  feeds = [feed("1", {}), { ...patients, kind: "patient" }, feed("4", { doctorId: `doc_${"2".repeat(32)}` })];
  render(() => <PrivateCalendar kind="doctor" doctorId={doctorId} />);
  await waitFor(() => expect(rows()).toBe(1));
  await press("Make the address");
  await waitFor(() => expect(address()).toEndWith("/api/appointments/feeds/secret.ics"));
  expect(asked).toEqual([{ kind: "doctor", doctorId, details: false, locale: "en" }]);
});

test("an address that is removed is shown no longer, neither in the list nor where it was made", async () => {
  feeds = [feed("1", {})];
  render(() => <PrivateCalendar kind="doctor" doctorId={doctorId} />);
  await press("Make the address");
  await waitFor(() => expect([rows(), address() === undefined]).toEqual([2, false]));
  await press("Remove", ".rowline");
  await press("Remove the address", "[role=dialog]");
  await waitFor(() => expect([rows(), address()]).toEqual([1, undefined]));
});
