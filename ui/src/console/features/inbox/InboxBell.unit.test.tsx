import { afterEach, beforeEach, expect, test } from "bun:test";
import { Route, Router } from "@solidjs/router";
import { cleanup, fireEvent, render, screen } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { ConsoleContext, type ConsoleState } from "../../shell/console-context.tsx";
import { InboxBell } from "./InboxBell.tsx";

const realFetch = globalThis.fetch;
const calledAt = "2026-11-23T09:00:00.000Z";
const alert = (digit: string, severity: string) => ({ id: `alr_${digit.repeat(32)}`, patientId: `pat_${digit.repeat(32)}`, severity });
const items = [
  { id: `pag_${"1".repeat(32)}`, status: "sent", page: { kind: "page", severity: "critical", alerts: [alert("1", "critical")], step: 1 } },
  {
    id: `pag_${"2".repeat(32)}`,
    status: "failed",
    readAt: calledAt,
    page: { kind: "digest", severity: "warning", alerts: [alert("2", "warning"), alert("3", "notice")] },
  },
].map((item) => ({ channel: "email", template: "", subject: "", createdAt: calledAt, ...item }));
let asked: string[];

beforeEach(() => {
  setLocale("en");
  asked = [];
  globalThis.fetch = (async (url: string, init?: RequestInit) => {
    asked.push(`${init?.method} ${url}`);
    const body = url.includes("/read") ? { unread: 0 } : { items, unread: 1 };
    return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
  }) as typeof fetch;
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});

function open(roles: readonly string[]) {
  const [unread, set] = createSignal(1);
  const state = { roles: () => roles, zone: () => "Europe/Paris", now: () => Date.parse(calledAt) + 60_000 } as unknown as ConsoleState;
  const view = render(() => (
    <Router>
      <Route
        path="*"
        component={() => (
          <ConsoleContext.Provider value={state}>
            <InboxBell inbox={{ unread, set }} />
          </ConsoleContext.Provider>
        )}
      />
    </Router>
  ));
  const bell = view.getByTestId("inbox-bell");
  fireEvent.click(bell);
  return { bell, unread };
}

test("the bell says how many are unread; its list how many alerts of which severity wait, and where a doctor goes from it", async () => {
  const { bell } = open(["doctor"]);
  expect(bell.textContent).toContain("Calls received, 1 unread");
  const entry = await screen.findByText("1 alert waiting");
  expect(entry.closest("a")?.getAttribute("href")).toBe(`/alerts/alr_${"1".repeat(32)}`);
  expect(entry.closest("li")?.textContent).toMatch(/Unread.*Critical\s1 · step 2 · 1\smin ago/);
  const digest = screen.getByText("2 alerts during quiet hours");
  expect(digest.closest("a")?.getAttribute("href")).toBe("/alerts");
  expect(digest.closest("li")?.textContent).toMatch(/^(?!.*Unread).*Warning\s1 · Notice\s1 · e-mail not delivered/);
});

test("all are marked as read by one button; who opens no alerts marks each", async () => {
  const { unread } = open(["staff"]);
  const entry = await screen.findByText("1 alert waiting");
  expect(entry.closest("a")).toBeNull();
  fireEvent.click(screen.getByText("Mark as read"));
  await Bun.sleep(20);
  expect(asked).toContain(`POST /api/notify/inbox/pag_${"1".repeat(32)}/read`);
  expect(unread()).toBe(0);
  cleanup();
  const other = open(["doctor"]);
  fireEvent.click(await screen.findByText("Mark all as read"));
  await Bun.sleep(20);
  expect(asked).toContain("POST /api/notify/inbox/read");
  expect(other.bell.textContent).toContain("all read");
});
