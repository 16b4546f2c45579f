import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Device } from "@episante/contracts/device";
import { createMemoryHistory, MemoryRouter, Route } from "@solidjs/router";
import { cleanup, fireEvent, render, waitFor } from "@solidjs/testing-library";
import { LiveRegion } from "../../../shared/components/LiveRegion.tsx";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { createPatientNames } from "../../lib/patient-names.ts";
import { DevicesRoute } from "../../routes/devices.tsx";
import { ConsoleContext, type ConsoleState } from "../../shell/console-context.tsx";

const nowMs = Date.parse("2026-01-12T10:00:00Z");
const hex = (digit: string) => digit.repeat(32);
const realFetch = globalThis.fetch;
const ago = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString();
const device = (digit: string, more: Partial<Device> = {}): Device => ({
  id: `dev_${hex(digit)}`,
  patientId: `pat_${hex(digit)}`,
  kind: "wearable",
  model: `Ring ${digit}`,
  serial: `S-${digit}`,
  pairedAt: ago(9_000),
  lastSeenAt: ago(2),
  ...more,
});
const people = { "1": ["Jeanne", "Perrin"], "2": ["Lucas", "Benali"], "3": ["Odile", "Roche"] };
let pages: Device[][];
let asked: string[];

beforeEach(() => {
  setLocale("en");
  asked = [];
  pages = [[device("1"), device("2", { lastSeenAt: ago(4_000), battery: 7 })], [device("3", { worn: false, skewSeconds: -180 })]];
  globalThis.fetch = (async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(String(input), "http://x");
    asked.push(`${init?.method} ${url.pathname}${url.search}`);
    if (url.pathname === "/api/patients")
      return Response.json({
        items: Object.entries(people).map(([digit, [givenName, familyName]]) => ({ id: `pat_${hex(digit)}`, givenName, familyName })),
      });
    if (url.pathname.endsWith("/rotate")) return Response.json({ token: "dev_1.secret" });
    if (init?.method === "DELETE") {
      pages = pages.map((items) => items.filter(({ id }) => !url.pathname.endsWith(id)));
      return new Response(null, { status: 204 });
    }
    const cursor = url.searchParams.get("cursor");
    const last = pages[0]?.at(-1)?.id;
    return Response.json(cursor ? { items: pages[1] } : { items: pages[0], next: last });
  }) as typeof fetch;
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
  for (const left of document.querySelectorAll("[role=dialog]")) left.remove();
});

function open(path = "/") {
  const state = {
    me: () => ({ displayName: "Dr", email: "d@x.fr", memberships: [], preferences: {} }),
    roles: () => ["doctor"],
    zone: () => "Europe/Paris",
    now: () => nowMs,
    names: createPatientNames(),
  } as unknown as ConsoleState;
  const history = createMemoryHistory();
  history.set({ value: path });
  return render(() => (
    <ConsoleContext.Provider value={state}>
      <LiveRegion />
      <MemoryRouter history={history}>
        <Route path="*" component={DevicesRoute} />
      </MemoryRouter>
    </ConsoleContext.Provider>
  ));
}
const rows = () => [...document.querySelectorAll(".dv-row")].map((row) => row.textContent ?? "");
const press = (words: string, where = "") =>
  waitFor(() => {
    const found = [...document.querySelectorAll<HTMLElement>(`${where} button`)].find((one) => one.textContent?.startsWith(words));
    if (!found) throw new Error(`no button "${words}"`);
    fireEvent.click(found);
  });

test("all pages are shown, what needs attention first, each with its patient, state and facts", async () => {
  open();
  await waitFor(() => expect(rows()).toHaveLength(3));
  await waitFor(() => expect(rows()[0]).toContain("BENALI Lucas"));
  expect(rows()[0]).toContain("Silent for 1 h 06");
  expect(rows()[0]).toContain("Battery low");
  expect(rows()[1]).toContain("Clock behind by 3 min");
  expect(rows()[1]).toContain("Not worn");
  expect(rows()[2]).toContain("In order");
  expect(document.body.textContent).toContain("3 devices");
});

test("the address carries filter, search and patient", async () => {
  open("/?show=unworn");
  await waitFor(() => expect(rows()).toHaveLength(1));
  expect(document.body.textContent).toContain("1 device of 3");
  cleanup();
  open(`/?patient=pat_${hex("1")}`);
  await waitFor(() => expect(document.body.textContent).toContain("Only devices of PERRIN Jeanne"));
  expect(rows()).toHaveLength(1);
  cleanup();
  open("/?q=nobody");
  await waitFor(() => expect(document.body.textContent).toContain("No device matches"));
});

test("a new token is made only when asked twice, and shown", async () => {
  open(`/?patient=pat_${hex("1")}`);
  await press("New token", ".dv-row");
  expect(asked.some((line) => line.includes("/rotate"))).toBe(false);
  await press("Make the new token", "[role=dialog]");
  await waitFor(() => expect(document.querySelector<HTMLInputElement>("[role=dialog] input")?.value).toBe("dev_1.secret"));
  expect(asked).toContain(`POST /api/devices/dev_${hex("1")}/rotate`);
});

test("a removed device leaves the list", async () => {
  open();
  await waitFor(() => expect(rows()).toHaveLength(3));
  await press("Remove", ".dv-row");
  await press("Remove the device", "[role=dialog]");
  await waitFor(() => expect(rows()).toHaveLength(2));
  expect(asked).toContain(`DELETE /api/devices/dev_${hex("2")}`);
});
