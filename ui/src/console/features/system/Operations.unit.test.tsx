import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Ops } from "@episante/contracts/ops";
import { cleanup, fireEvent, render, waitFor } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { ConsoleContext, type ConsoleState } from "../../shell/console-context.tsx";
import { opsFixture } from "../../test/ops-fixture.ts";
import { Operations } from "./Operations.tsx";

const realFetch = globalThis.fetch;
const realNow = performance.now;
/** What the gateway answers next; "down" is no answer at all. */
let next: Ops | "down" | "mirror-stale" = "down";
let letters: unknown[] = [];
let asked: string[] = [];
let ahead = 0;

const problem = (code: string, status: number) =>
  Response.json(
    { type: "about:blank", title: "", status, code, traceId: "0" },
    { status, headers: { "content-type": "application/problem+json" } },
  );
beforeEach(() => {
  setLocale("en");
  [letters, asked, ahead] = [[], [], 0];
  performance.now = () => realNow.call(performance) + ahead;
  globalThis.fetch = (async (input: string | URL | Request, init?: RequestInit) => {
    asked.push(`${init?.method ?? "GET"} ${String(input).split("?")[0]}`);
    if (String(input).startsWith("/api/dlq")) return Response.json({ items: letters });
    if (next === "down") throw new TypeError("failed to fetch");
    return next === "mirror-stale" ? problem("mirror-stale", 503) : Response.json(next);
  }) as typeof fetch;
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
  performance.now = realNow;
});

function show() {
  const [now, setNow] = createSignal(0);
  const state = {
    now,
    zone: () => "Europe/Paris",
  } as unknown as ConsoleState;
  const view = render(() => (
    <ConsoleContext.Provider value={state}>
      <Operations />
    </ConsoleContext.Provider>
  ));
  const text = (id: string) => view.getByTestId(id).textContent ?? "";
  /** The clock of the device goes on. */
  const pass = (ms: number) => {
    ahead += ms;
    setNow((before) => before + 1);
  };
  const again = () => fireEvent.click(view.getByRole("button", { name: "Read again now" }));
  return { ...view, text, pass, again };
}

test("all is well is said once there is a state, with its age, and not before", async () => {
  next = opsFixture();
  const view = show();
  expect(view.text("ops-state")).toBe("Reading the state");
  await waitFor(() => expect(view.text("ops-state")).toBe("Everything works"));
  expect(view.text("ops-age")).toContain("checked just now");
  view.pass(4_000);
  expect(view.text("ops-age")).toMatch(/checked 4\ss ago/);
  expect(view.getByText("Nothing to report.")).toBeTruthy();
  expect(view.getByRole("row", { name: /^alert ready 1 h 05 84 MB 0/ })).toBeTruthy();
  expect(view.getByText("50 GB free of 100 GB (50 %)")).toBeTruthy();
  expect(view.getByRole("link", { name: /Open Grafana/ }).getAttribute("href")).toBe("https://clinic.example/grafana");
});

test("a gateway that does not answer at the start is no calm page", async () => {
  next = "down";
  const view = show();
  await waitFor(() => expect(view.text("ops-state")).toBe("State unknown: the gateway does not answer"));
  expect(view.text("ops-age")).toContain("No state was received yet");
  expect(view.queryByText("Nothing to report.")).toBeNull();
});

test("one lost question changes nothing; some seconds without a state and the page says that it is blind, and from when what it shows is", async () => {
  next = opsFixture();
  const view = show();
  await waitFor(() => expect(view.text("ops-state")).toBe("Everything works"));
  next = "down";
  view.again();
  await waitFor(() => expect(asked.filter((one) => one === "GET /api/ops").length).toBeGreaterThan(1));
  view.pass(3_000);
  expect(view.text("ops-state")).toBe("Everything works");
  view.pass(6_000);
  await waitFor(() => expect(view.text("ops-state")).toBe("State unknown: the gateway does not answer"));
  expect(view.text("ops-age")).toContain("You see the state of 10:00:00");
  expect(view.container.ownerDocument.querySelector(".o-body")?.hasAttribute("data-blind")).toBe(true);
  next = opsFixture();
  view.again();
  await waitFor(() => expect(view.text("ops-state")).toBe("Everything works"));
  expect(view.container.ownerDocument.querySelector(".o-body")?.hasAttribute("data-blind")).toBe(false);
});

test("silence without any failure makes the page blind too", async () => {
  next = opsFixture();
  const view = show();
  await waitFor(() => expect(view.text("ops-state")).toBe("Everything works"));
  view.pass(11_000);
  expect(view.text("ops-state")).toBe("Everything works");
  view.pass(2_000);
  expect(view.text("ops-state")).toContain("State unknown");
});

test("a gateway that refuses because it cannot check sessions is not said to be silent", async () => {
  next = "mirror-stale";
  const view = show();
  await waitFor(() => expect(view.text("ops-state")).toContain("can no longer check sessions"));
});

test("each bad state is a word in its place, and a point with what to do", async () => {
  next = opsFixture({
    attention: [
      { code: "process-down", level: "critical", name: "alert" },
      { code: "reader-still", level: "critical", name: "alert · rules", value: 12 },
      { code: "backup-never", level: "warning" },
    ],
    processes: [
      { name: "alert", state: "down", reasons: [] },
      { name: "pipeline", state: "not-ready", reasons: ["store-unreachable", "database"] },
    ],
    databases: [{ service: "alert", state: "unknown" }],
    readers: [{ service: "alert", reader: "rules", partition: 0, lag: 12, state: "still", quietSeconds: 70 }],
    consumers: { total: 19, behind: [{ name: "doctor-x-on-y", stream: "EVENTS", lag: 3, state: "still" }] },
    mirrors: [{ service: "doctor", owner: "patient", fresh: false }],
    disks: [{ name: "data", freeBytes: 4e9, totalBytes: 100e9, state: "full" }],
    backup: { state: "never" },
    certificate: { state: "none" },
  });
  const view = show();
  await waitFor(() => expect(view.text("ops-state")).toBe("3 things to look at"));
  for (const words of [
    "Alerts are no longer decided. It starts again by itself; if this lasts, read its log.",
    "less than 5 % free",
    "never",
    "none here",
    "has stood still for 1 min",
    "not current",
    "store not reachable, database",
    "doctor-x-on-y",
  ])
    expect([words, view.getAllByText(words).length > 0]).toEqual([words, true]);
  expect(view.getByRole("row", { name: /^alert does not answer/ })).toBeTruthy();
});

test("a broker that is down is not called current by its silence", async () => {
  next = opsFixture({ broker: { up: false, streams: [] }, consumers: { total: 0, behind: [] }, readers: [], mirrors: [] });
  const view = show();
  await view.findByText("Unknown: NATS does not answer.");
  expect(view.getByText("No reader answers.")).toBeTruthy();
  expect(view.getByText("No copy answers.")).toBeTruthy();
});

test("dead letters count among the points, can be replayed, and are read again only when their number changes", async () => {
  letters = [{ id: "7", service: "alert", reader: "rules", subject: "readings.0", reason: "Error", at: "2026-01-15T08:00:00Z", bytes: 9 }];
  next = opsFixture();
  const view = show();
  await waitFor(() => expect(view.text("ops-state")).toBe("1 thing to look at"));
  expect(view.getByText(/1 refused message waits\./)).toBeTruthy();
  const reads = () => asked.filter((one) => one === "GET /api/dlq").length;
  const before = reads();
  view.again();
  await waitFor(() => expect(asked.filter((one) => one === "GET /api/ops").length).toBeGreaterThan(1));
  expect(reads()).toBe(before);
  letters = [];
  fireEvent.click(view.getByRole("button", { name: /^Replay/ }));
  await waitFor(() => expect(view.text("ops-state")).toBe("Everything works"));
  expect(asked).toContain("POST /api/dlq/7/replay");
});
