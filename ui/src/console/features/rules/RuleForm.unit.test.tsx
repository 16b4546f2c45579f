import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Rule } from "@episante/contracts/rule";
import { cleanup, fireEvent, render, waitFor } from "@solidjs/testing-library";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { ConsoleContext, type ConsoleState } from "../../shell/console-context.tsx";
import { RuleForm } from "./RuleForm.tsx";
import { kindOf } from "./rule-kinds.ts";

const realFetch = globalThis.fetch;
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: { readonly rule: Record<string, unknown>; readonly name?: string; readonly against?: string };
  readonly signal: AbortSignal | null | undefined;
  answer: (response: Response) => void;
}
let sent: Sent[] = [];
const trials = () => sent.filter(({ path }) => path === "/api/rules/backtest");
const problem = (code: string, status: number, more = {}) =>
  Response.json({ type: "about:blank", title: "", status, code, traceId: "0", ...more }, { status });

beforeEach(() => {
  setLocale("en");
  sent = [];
  globalThis.fetch = ((input: string | URL | Request, init?: RequestInit) => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    init?.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    const path = String(input).split("?")[0] ?? "";
    sent.push({ method: init?.method ?? "GET", path, body: JSON.parse(String(init?.body ?? "{}")), signal: init?.signal, answer: resolve });
    return promise;
  }) as typeof fetch;
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});

const state = {
  names: { get: () => undefined, want: async () => undefined, add: () => undefined },
  now: () => Date.parse("2026-01-15T09:00:00Z"),
  zone: () => "Europe/Paris",
} as unknown as ConsoleState;
const stored: Rule = {
  id: `rul_${"0".repeat(32)}`,
  version: 3,
  name: "Ours",
  clinicId: `cli_${"0".repeat(32)}`,
  scope: { kind: "clinic" },
  rule: kindOf("threshold").start,
  enabled: true,
  changedAt: "2026-01-15T08:00:00Z",
};
function show(existing?: Rule) {
  const done: Rule[] = [];
  const begin = existing
    ? { rule: existing.rule, scope: existing.scope, name: existing.name, existing }
    : { rule: kindOf("threshold").start, scope: { kind: "clinic" as const } };
  const view = render(() => (
    <ConsoleContext.Provider value={state}>
      <RuleForm begin={begin} onDone={(rule) => done.push(rule)} />
    </ConsoleContext.Provider>
  ));
  const field = (label: RegExp) => view.getByLabelText(label) as HTMLInputElement;
  const type = (label: RegExp, value: string) => fireEvent.input(field(label), { target: { value } });
  return { ...view, done, field, type };
}
const calm = { alerts: [], perPatientDay: 0 };

describe("the trial", () => {
  test("follows the fields once they stand for a moment; an outdated run is cancelled and its answer never shown", async () => {
    const view = show();
    await waitFor(() => expect(trials()).toHaveLength(1));
    view.type(/^Limit/, "8");
    view.type(/^Limit/, "88");
    await waitFor(() => expect(trials()).toHaveLength(2));
    expect(trials()[0]?.signal?.aborted).toBe(true);
    expect(trials()[1]?.body.rule.value).toBe(88);
    trials()[0]?.answer(Response.json({ alerts: [], perPatientDay: 9 }));
    trials()[1]?.answer(Response.json({ alerts: [], perPatientDay: 1.25 }));
    await view.findByText(/0 alerts, 1.25 per patient and day/);
    expect(view.queryByText(/9 per patient/)).toBeNull();
  });
  test("is not asked about fields with faults, and says what it waits for; a refusal is told and can be tried again", async () => {
    const view = show();
    await waitFor(() => expect(trials()).toHaveLength(1));
    trials()[0]?.answer(problem("upstream-unreachable", 502));
    fireEvent.click(await view.findByRole("button", { name: /again/i }));
    await waitFor(() => expect(trials()).toHaveLength(2));
    trials()[1]?.answer(Response.json(calm));
    view.type(/^Limit/, "");
    await view.findByText(/Correct the marked fields/);
    await Bun.sleep(600);
    expect(trials()).toHaveLength(2);
  });
});

test("a changed rule is tried beside itself, and the difference is said", async () => {
  const view = show(stored);
  await waitFor(() => expect(trials()).toHaveLength(1));
  expect(trials()[0]?.body.against).toBe(stored.id);
  trials()[0]?.answer(Response.json({ ...calm, diff: { onlyDraft: [], onlyLive: [], both: 0 } }));
  await view.findByText("Against the rule in force: 0 more, 0 fewer, 0 the same.");
});

describe("publishing", () => {
  test("with a fault sends nothing, lists the faults and marks the field", async () => {
    const view = show();
    view.type(/^From/, "80");
    fireEvent.click(view.getByRole("button", { name: "Publish the rule" }));
    expect(sent.filter(({ path }) => path === "/api/rules")).toEqual([]);
    expect(view.field(/^From/).getAttribute("aria-invalid")).toBe("true");
    expect(view.getByRole("group", { name: /1 thing to correct/ }).textContent).toContain("calm side");
  });
  test("sends what stands in the fields under a name that follows them, and what the service refuses stands at its field", async () => {
    const view = show();
    view.type(/^Limit/, "88");
    fireEvent.click(view.getByRole("button", { name: "Publish the rule" }));
    const create = () => sent.filter(({ path, method }) => path === "/api/rules" && method === "POST");
    await waitFor(() => expect(create()).toHaveLength(1));
    expect(create()[0]?.body).toMatchObject({ name: "SpO₂ < 88 %", scope: { kind: "clinic" }, rule: { kind: "threshold", value: 88 } });
    create()[0]?.answer(problem("invalid-input", 422, { errors: [{ path: "rule.clear.value", message: "" }] }));
    await waitFor(() => expect(view.field(/^From/).getAttribute("aria-invalid")).toBe("true"));
    expect(view.done).toEqual([]);
  });
  test("an unchanged rule has nothing to publish; a changed one becomes its next version", async () => {
    const view = show(stored);
    const button = () => view.getByRole("button", { name: "Publish version 4" });
    fireEvent.click(button());
    expect(sent.filter(({ method }) => method === "PUT")).toEqual([]);
    expect(view.queryByRole("radio")).toBeNull();
    view.type(/^For at least/, "2 min");
    fireEvent.click(button());
    const put = () => sent.filter(({ method }) => method === "PUT");
    await waitFor(() => expect(put()).toHaveLength(1));
    expect(put()[0]?.body).toMatchObject({ name: "Ours", rule: { holdSeconds: 120 } });
    put()[0]?.answer(Response.json({ ...stored, version: 4 }));
    await waitFor(() => expect(view.done.map(({ version }) => version)).toEqual([4]));
  });
});

test("a limit where no reading is ever judged is pointed out", () => {
  const view = show();
  view.type(/^Limit/, "40");
  expect(view.getByText(/would never be passed/)).toBeTruthy();
});
test("lengths of time are written out when their field is left", () => {
  const view = show();
  view.type(/^For at least/, "900");
  fireEvent.blur(view.field(/^For at least/));
  expect(view.field(/^For at least/).value).toBe("15 min");
});
