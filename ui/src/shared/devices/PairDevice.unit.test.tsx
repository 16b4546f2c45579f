import { afterEach, beforeEach, expect, test } from "bun:test";
import { cleanup, fireEvent, render, waitFor } from "@solidjs/testing-library";
import { setLocale } from "../i18n/i18n.ts";
import { PairDevice } from "./PairDevice.tsx";

const realFetch = globalThis.fetch;
const patientId = `pat_${"1".repeat(32)}` as const;
const id = `pai_${"1".repeat(32)}`;
const device = {
  id: `dev_${"1".repeat(32)}`,
  patientId,
  kind: "wearable",
  model: "Ring 3",
  serial: "R-17",
  pairedAt: new Date().toISOString(),
};
let told: Record<string, unknown>;
let refusal: Response | undefined;
let asked: string[];
let changes: number;

beforeEach(() => {
  setLocale("en");
  const expiresAt = new Date(Date.now() + 600_000).toISOString();
  told = { id, patientId, expiresAt, status: "waiting" };
  refusal = undefined;
  asked = [];
  changes = 0;
  globalThis.fetch = (async (url: string, init?: RequestInit) => {
    asked.push(`${init?.method} ${url}`);
    if (refusal) return refusal.clone();
    if (init?.method === "POST") return Response.json({ id, code: "DJ6RTBXY", expiresAt }, { status: 201 });
    if (init?.method === "DELETE") {
      told = { ...told, device: { ...device, revokedAt: new Date().toISOString() } };
      return new Response(null, { status: 204 });
    }
    return Response.json(told);
  }) as unknown as typeof fetch;
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});
const open = () => render(() => <PairDevice patientId={patientId} patient="LEFÈVRE Zoé" zone="Europe/Paris" onChange={() => changes++} />);
const text = () => document.body.textContent ?? "";
const later = { timeout: 6_000 };

test("the code, then the device, then its first reading appear without anything being pressed", async () => {
  const view = open();
  fireEvent.click(view.getByText("Add a device for LEFÈVRE Zoé"));
  await waitFor(() => expect(text()).toContain("DJ6RTBXY"));
  expect(text()).toContain("Too many tries");
  told = { ...told, status: "paired", device };
  await waitFor(() => expect(text()).toContain("R-17"), later);
  expect(text()).toContain("LEFÈVRE Zoé");
  expect(text()).not.toContain("DJ6RTBXY");
  expect(text()).toContain("Waiting for the first reading");
  told = { ...told, firstReading: { signal: "spo2", code: "59408-5", value: 97, unit: "%", at: "2026-11-23T09:00:05Z" } };
  await waitFor(() => expect(text()).toContain("First reading received: SpO₂ 97 %, at 10:00:05."), later);
  expect(changes).toBe(2);
  const count = asked.length;
  await Bun.sleep(2_500);
  expect(asked).toHaveLength(count);
}, 20_000);

test("the wrong device goes with one press", async () => {
  told = { ...told, status: "paired", device };
  const view = open();
  fireEvent.click(view.getByText("Add a device for LEFÈVRE Zoé"));
  fireEvent.click(await waitFor(() => view.getByText("Not the right device: remove it"), later));
  await waitFor(() => expect(text()).toContain("It no longer sends readings"), later);
  expect(asked).toContain(`DELETE /api/devices/${device.id}`);
}, 20_000);

test("an expired code says so and gives way to a new one; a refusal is told", async () => {
  told = { ...told, status: "expired" };
  const view = open();
  fireEvent.click(view.getByText("Add a device for LEFÈVRE Zoé"));
  await waitFor(() => expect(text()).toContain("expired unused"), later);
  refusal = Response.json(
    { type: "about:blank", title: "", status: 403, code: "care-relationship-required", traceId: "t" },
    { status: 403, headers: { "content-type": "application/problem+json" } },
  );
  fireEvent.click(view.getByText("Ask for a new code"));
  await waitFor(() => expect(document.querySelector(".problem, .banner[data-tone=critical], [role=alert]")).not.toBeNull(), later);
}, 20_000);
