import { afterEach, beforeEach, expect, test } from "bun:test";
import type { AlertLoad } from "@episante/contracts/alert-load";
import { MemoryRouter, Route } from "@solidjs/router";
import { cleanup, fireEvent, render, waitFor } from "@solidjs/testing-library";
import type { JSX } from "solid-js";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { ConsoleContext, type ConsoleState } from "../../shell/console-context.tsx";
import { AlarmLoad } from "./AlarmLoad.tsx";
import { HoldEffect } from "./HoldEffect.tsx";

const realFetch = globalThis.fetch;
let asked: URLSearchParams[] = [];
const rule = `rul_${"0".repeat(32)}` as const;
const load: AlertLoad = {
  clinicId: `cli_${"0".repeat(32)}`,
  from: "2026-01-08T08:00:00Z",
  to: "2026-01-15T08:00:00Z",
  patients: 20,
  patientDays: 140,
  alerts: 70,
  perPatientDay: 0.5,
  bySeverity: { critical: 10, warning: 60, notice: 0 },
  byClass: { clinical: 65, technical: 5 },
  late: 2,
  withdrawn: 1,
  acked: { share: 0.8, medianSeconds: 130 },
  perHour: Array.from({ length: 24 }, (_, hour) => (hour === 3 ? 30 : hour < 20 ? 2 : 0)),
  zone: "Europe/Paris",
  topRules: [{ id: rule, name: "Low SpO₂", kind: "threshold", alerts: 60, patients: 4, ackedShare: 0.75 }],
  topPatients: [
    { patientId: `pat_${"0".repeat(32)}`, alerts: 40, share: 0.57 },
    { alerts: 20, share: 0.29 },
  ],
  worstTenth: { patients: 2, share: 0.86 },
};
beforeEach(() => {
  setLocale("en");
  asked = [];
  globalThis.fetch = (async (input: string | URL | Request) => {
    asked.push(new URL(String(input), "http://x").searchParams);
    const holdSeconds = Number(asked.at(-1)?.get("holdSeconds"));
    return Response.json({ ...load, effectOfHold: { ruleId: rule, holdSeconds, alerts: 60, spared: 45, undecided: 1 } });
  }) as typeof fetch;
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});
const state = { names: { get: () => undefined } } as unknown as ConsoleState;
const show = (page: () => JSX.Element) =>
  render(() => (
    <ConsoleContext.Provider value={state}>
      <MemoryRouter>
        <Route path="*" component={page} />
      </MemoryRouter>
    </ConsoleContext.Provider>
  ));

test("says every figure in words, and what is drawn also as a table", () => {
  const view = show(() => <AlarmLoad load={load} />);
  const text = view.container.textContent ?? "";
  for (const words of ["0.5", "70", "2 min 10 s", "Arrived late, nobody was called: 2.", "Withdrawn after a correction: 1."])
    expect([words, text.includes(words)]).toEqual([words, true]);
  expect(text).toMatch(/80\s%/);
  expect(text).toMatch(/most alerts \(2\) makes 86\s%/);
  expect(view.getByRole("img", { name: "Alerts by hour of day: most at 03:00, 30." })).toBeTruthy();
  expect(view.container.querySelectorAll("details tbody tr")).toHaveLength(24);
  expect(text).toContain("Patient you do not treat");
});
test("a period without alerts has no shares and no drawings", () => {
  const calm = { ...load, alerts: 0, topRules: [], topPatients: [], acked: { share: 0 } };
  const view = show(() => <AlarmLoad load={calm} />);
  expect(view.getByText("No alerts in this period.")).toBeTruthy();
  expect(view.queryByRole("img")).toBeNull();
  expect(view.container.textContent).not.toContain("%");
});
test("asks what a hold would have spared, over the period on screen; nonsense is asked nothing", async () => {
  const view = show(() => <HoldEffect load={load} />);
  await view.findByText(/With a hold of 1 min: 45 of 60 alerts fewer \(75\s%\)\. 1 alert cannot be decided yet\./);
  expect(Object.fromEntries(asked[0] ?? [])).toEqual({ ruleId: rule, holdSeconds: "60", from: load.from, to: load.to });
  fireEvent.input(view.getByLabelText("Hold"), { target: { value: "soon" } });
  await waitFor(() => expect(view.getByText(/Enter a length of time from 0 to 24 h/)).toBeTruthy());
  await Bun.sleep(400);
  expect(asked).toHaveLength(1);
  expect(view.queryByText(/fewer/)).toBeNull();
});
