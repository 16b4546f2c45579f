import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Appointment } from "@episante/contracts/appointment";
import { createMemoryHistory, MemoryRouter, Route } from "@solidjs/router";
import { cleanup, fireEvent, render, waitFor } from "@solidjs/testing-library";
import { LiveRegion } from "../../../shared/components/LiveRegion.tsx";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { createPatientNames } from "../../lib/patient-names.ts";
import { FloorRoute } from "../../routes/floor.tsx";
import { ConsoleContext, type ConsoleState } from "../../shell/console-context.tsx";

const now = Date.parse("2026-01-12T10:00:00Z");
const hex = (digit: string) => digit.repeat(32);
const doctorId = `doc_${hex("a")}` as const;
const realFetch = globalThis.fetch;
const patients = { "1": ["Jeanne", "Perrin"], "2": ["Lucas", "Benali"], "3": ["Odile", "Roche"] } as const;
type Who = keyof typeof patients;

/** What the service would answer: visits with their former states, and screens that follow. */
let visits: Map<string, Appointment>;
let former: Map<string, Appointment["status"][]>;
let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
let asked: string[];
let limit: number | null;
let gate: Promise<void> | undefined;
let isDown: boolean;
let beats: ReturnType<typeof setInterval>;

function visit(who: Who, status: Appointment["status"], more: Partial<Appointment> = {}): Appointment {
  const start = `2026-01-12T09:${who}0:00Z`;
  const end = `2026-01-12T09:${who}9:00Z`;
  const of = { zone: "Europe/Paris", doctorId, patientId: `pat_${hex(who)}` as const, reasonId: `rea_${hex("a")}` as const };
  return { id: `apt_${hex(who)}`, status, start, end, ...of, bookedAt: start, cancelUntil: start, version: 1, ...more };
}
function change(who: Who, status: Appointment["status"]): Appointment {
  const known = visits.get(`apt_${hex(who)}`);
  if (!known) throw new Error("no such visit");
  const changed = { ...known, status, version: (known.version ?? 0) + 1 };
  visits.set(changed.id, changed);
  return changed;
}
const say = (event: string, data: unknown) =>
  feed?.enqueue(new TextEncoder().encode(`event: ${event}\nid: 1\ndata: ${JSON.stringify(data)}\n\n`));
const beat = () => say("heartbeat", { at: new Date(now).toISOString() });
const tell = (changed: Appointment) => say("visit", changed);

async function answer(path: string, init?: RequestInit): Promise<Response> {
  if (path.startsWith("/api/auth/memberships")) {
    const member = { id: `mem_${hex("a")}`, clinicId: `cli_${hex("a")}`, displayName: "Dr Claire Morel", status: "active", doctorId };
    return Response.json({ items: [member] });
  }
  if (path.startsWith("/api/patients"))
    return Response.json({
      items: Object.entries(patients).map(([who, [givenName, familyName]]) => ({ id: `pat_${hex(who)}`, givenName, familyName })),
    });
  if (path.startsWith("/api/appointments/feed"))
    return new Response(
      new ReadableStream({
        start(controller) {
          feed = controller;
          beat();
        },
      }),
    );
  if (path.includes("/no-show-blocks/")) {
    const isLift = path.endsWith("/lift");
    if (isLift) limit = null;
    const patientId = path.split("/")[4]?.split("?")[0];
    return Response.json({ clinicId: `cli_${hex("a")}`, patientId, count: isLift ? 0 : 2, limit, blocked: limit !== null });
  }
  const [, id, verb] = /^\/api\/appointments\/(apt_\w+)\/(.+)$/.exec(path) ?? [];
  const who = id?.at(-1) as Who | undefined;
  if (!who || !id) return isDown ? new Response("", { status: 503 }) : Response.json({ items: [...visits.values()] });
  if (verb === "history") return Response.json({ items: [] });
  await gate;
  if (verb === "status/undo") return Response.json(change(who, former.get(id)?.pop() ?? "booked"));
  const { status } = JSON.parse(String(init?.body)) as { status: Appointment["status"] };
  former.set(id, [...(former.get(id) ?? []), visits.get(id)?.status ?? "booked"]);
  return Response.json(change(who, status));
}

beforeEach(() => {
  setLocale("en");
  visits = new Map([visit("1", "booked"), visit("2", "arrived", { arrivedAt: "2026-01-12T09:35:00Z" })].map((one) => [one.id, one]));
  former = new Map();
  asked = [];
  limit = 2;
  gate = undefined;
  isDown = false;
  beats = setInterval(beat, 500);
  globalThis.fetch = (async (url: string | URL | Request, init?: RequestInit) => {
    if (init?.method !== "GET" && init?.method !== undefined) asked.push(`${String(url).replace(/^.*_\w+\//, "")} ${init.body ?? ""}`);
    return answer(String(url), init);
  }) as typeof fetch;
});
afterEach(() => {
  clearInterval(beats);
  cleanup();
  feed = undefined;
  globalThis.fetch = realFetch;
  for (const left of document.querySelectorAll("[role=dialog]")) left.remove();
});

function open(path = "/") {
  const state = {
    me: () => ({ displayName: "Julie", email: "j@x.fr", memberships: [], preferences: {} }),
    roles: () => ["staff"],
    zone: () => "Europe/Paris",
    now: () => now,
    names: createPatientNames(),
  } as unknown as ConsoleState;
  const history = createMemoryHistory();
  history.set({ value: path });
  const view = render(() => (
    <ConsoleContext.Provider value={state}>
      <LiveRegion />
      <MemoryRouter history={history}>
        <Route path="/" component={FloorRoute} />
      </MemoryRouter>
    </ConsoleContext.Provider>
  ));
  const heard: string[] = [];
  const region = view.getByTestId("live-polite");
  new MutationObserver(() => region.textContent && heard.push(region.textContent)).observe(region, {
    childList: true,
    subtree: true,
    characterData: true,
  });
  const card = (who: Who) => document.querySelector<HTMLElement>(`[data-visit="apt_${hex(who)}"]`);
  const main = (who: Who) => card(who)?.querySelector<HTMLElement>(".f-main") ?? document.body;
  const named = () => waitFor(() => expect(card("1")?.textContent).toContain("PERRIN Jeanne"));
  return { view, heard, card, main, named, column: (who: Who) => card(who)?.dataset.column };
}
const key = (name: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name });
const quiet = () => Bun.sleep(1300);
/** A button of the dialog that is open, or about to be. */
function inDialog(words: string): Promise<HTMLElement> {
  return waitFor(() => {
    const buttons = [...document.querySelectorAll<HTMLElement>("[role=dialog] button")];
    const found = buttons.find((button) => button.textContent === words);
    if (!found) throw new Error(`no button "${words}"`);
    return found;
  });
}

test("a digit sets the column, focus goes with the card, Z takes it back, and each is told once although the feed tells it too", async () => {
  const { heard, main, column, named } = open();
  await named();
  main("1").focus();
  key("2");
  await waitFor(() => expect(column("1")).toBe("waiting"));
  tell(visits.get(`apt_${hex("1")}`) as Appointment);
  expect(document.activeElement).toBe(main("1"));
  key("z");
  await waitFor(() => expect(column("1")).toBe("expected"));
  expect(document.activeElement).toBe(main("1"));
  await quiet();
  expect(heard).toEqual(["PERRIN Jeanne: waiting", "PERRIN Jeanne: earlier state restored, expected"]);
  expect(asked).toEqual(['status {"status":"arrived"}', "status/undo "]);
  key("z");
  expect(asked).toHaveLength(2);
});

test("the feed may be quicker than the answer: what was done here is still told once", async () => {
  const { heard, main, column, named } = open();
  await named();
  let pass = () => {};
  gate = new Promise((done) => {
    pass = done;
  });
  main("1").focus();
  key("3");
  tell({ ...visit("1", "checked-in"), version: 2 });
  await waitFor(() => expect(column("1")).toBe("room"));
  pass();
  await quiet();
  expect(heard).toEqual(["PERRIN Jeanne: in room"]);
});

test("what others change moves the card at once and is told together, once; opening the board tells nothing", async () => {
  const { heard, column, named } = open();
  await named();
  await quiet();
  expect(heard).toEqual([]);
  tell(change("1", "arrived"));
  tell(change("2", "checked-in"));
  await waitFor(() => expect([column("1"), column("2")]).toEqual(["waiting", "room"]));
  await quiet();
  tell(change("1", "cancelled"));
  await waitFor(() => expect(column("1")).toBeUndefined());
  await quiet();
  expect(heard).toEqual(["Floor: 2 changes", "PERRIN Jeanne: is no longer on today’s list"]);
});

test("Z does not take back what somebody else has done since", async () => {
  const { main, column, view } = open();
  await waitFor(() => expect(column("1")).toBe("expected"));
  main("1").focus();
  key("2");
  await waitFor(() => expect(view.getByText("10 s left")).toBeTruthy());
  tell(change("1", "checked-in"));
  await waitFor(() => expect(column("1")).toBe("room"));
  key("z");
  expect(asked).toHaveLength(1);
  expect(view.queryByText("10 s left")).toBeNull();
});

test("going back takes states back, one by one, and is not offered to be undone: the former times would be lost", async () => {
  const { main, column, view } = open();
  await waitFor(() => expect(column("1")).toBe("expected"));
  for (const [digit, where] of [
    ["2", "waiting"],
    ["3", "room"],
    ["4", "done"],
    ["2", "waiting"],
  ] as const) {
    main("1").focus();
    key(digit);
    await waitFor(() => expect(column("1")).toBe(where));
  }
  expect(asked.slice(3)).toEqual(["status/undo ", "status/undo "]);
  await waitFor(() => expect(view.queryByText("10 s left")).toBeNull());
});

test("an absence asks whether it is excused; a block that follows is shown and lifted", async () => {
  const { main, column, card } = open();
  await waitFor(() => expect(column("1")).toBe("expected"));
  main("1").focus();
  key("b");
  fireEvent.click(await inDialog("Note nothing"));
  await waitFor(() => expect(document.activeElement).toBe(main("1")));
  expect(asked).toEqual([]);
  key("b");
  fireEvent.click(await inDialog("Absent, not excused"));
  await waitFor(() => expect(column("1")).toBe("absent"));
  expect(asked).toEqual(['status {"status":"noshow","excused":false}']);
  await waitFor(() => expect(card("1")?.textContent).toContain("online booking blocked"));
  fireEvent.click(main("1"));
  fireEvent.click(await inDialog("Lift the block"));
  await waitFor(() => expect(card("1")?.textContent).not.toContain("online booking blocked"));
});

test("a wait over 20 minutes is called long in words", async () => {
  const { card } = open();
  await waitFor(() => expect(card("2")?.textContent).toContain("waiting for 25 min"));
  expect(card("2")?.textContent).toContain("long wait");
  expect(card("1")?.textContent).not.toContain("long wait");
});

test("the public screen shows short names of who waits or is in, and nothing that can be changed", async () => {
  visits.set(`apt_${hex("3")}`, visit("3", "noshow"));
  const { view } = open("/?screen=1");
  await waitFor(() => expect(view.getByText("Lucas B.")).toBeTruthy());
  expect(view.container.textContent).not.toMatch(/Perrin|Benali|Roche|Jeanne|Odile|absent/i);
  expect(view.container.querySelectorAll("main button").length).toBe(1);
});

test("a list that could not be read is not called empty, on neither screen", async () => {
  isDown = true;
  const { view } = open("/?screen=1");
  await waitFor(() => expect(view.getByText("Display not available. Please ask at the desk.")).toBeTruthy());
  expect(view.container.textContent).not.toContain("Nobody for now");
  cleanup();
  const board = open().view;
  await waitFor(() => expect(board.container.querySelector(".f-notes .banner")).not.toBeNull());
  expect(board.queryByText("nobody")).toBeNull();
});
