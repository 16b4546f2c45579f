import { afterEach, beforeEach, expect, test } from "bun:test";
import { cleanup, fireEvent, render } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { ConsoleContext, type ConsoleState } from "../../shell/console-context.tsx";
import { alertFixture } from "../../test/alert-fixture.ts";
import { type AlertBoard, applyAlerts, emptyBoard } from "../alerts/alert-board.ts";
import { LockScreen } from "./LockScreen.tsx";

const realFetch = globalThis.fetch;
let asked: { url: string; body: string }[];
let answer: () => Response;
beforeEach(() => {
  setLocale("en");
  asked = [];
  globalThis.fetch = (async (url: string, init: RequestInit) => {
    asked.push({ url, body: String(init.body) });
    return answer();
  }) as typeof fetch;
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});

function show() {
  const board = (names: string[]) =>
    applyAlerts(
      emptyBoard,
      names.map((name) => alertFixture(name)),
      { reading: false },
    ).board;
  const [shown, setBoard] = createSignal<AlertBoard>(board(["a"]));
  const [lostSince, setLostSince] = createSignal<number | undefined>();
  let unlocked = 0;
  const state = {
    names: { get: () => ({ givenName: "Jeanne", familyName: "Perrin" }) },
    now: () => Date.now(),
    zone: () => "Europe/Paris",
    me: () => ({ accountId: "acc_me", displayName: "Dr Morel", email: "morel@example.org", demo: false }),
    alerts: { board: shown, lostSince, back: () => undefined, link: () => "live" },
    sound: undefined,
  } as unknown as ConsoleState;
  const view = render(() => (
    <ConsoleContext.Provider value={state}>
      <LockScreen
        onUnlock={() => {
          unlocked += 1;
        }}
      />
    </ConsoleContext.Provider>
  ));
  return { ...view, setBoard: (names: string[]) => setBoard(board(names)), setLostSince, unlocked: () => unlocked };
}
const critical = () => document.querySelector('.k-counts [data-level="critical"] b')?.textContent;
async function enter(text: string): Promise<void> {
  const field = document.querySelector<HTMLInputElement>("[type=password]");
  if (!field) throw new Error("no password field");
  fireEvent.input(field, { target: { value: text } });
  fireEvent.submit(field.form ?? field);
  await new Promise((done) => setTimeout(done, 20));
}

test("counts go on and so does the tab's title; nobody and nothing measured is named", () => {
  const view = show();
  expect(critical()).toBe("1");
  view.setBoard(["a", "b"]);
  expect(critical()).toBe("2");
  expect(document.title).toStartWith("(2) Critical · Console locked");
  for (const word of ["Perrin", "PERRIN", "Jeanne", "86", "SpO"]) expect(document.body.textContent).not.toContain(word);
});
test("a lost feed is told as loudly as anywhere", () => {
  const view = show();
  view.setLostSince(Date.now());
  expect(document.querySelector("[data-testid=live-lost]")).not.toBeNull();
  expect(document.title).toStartWith("Lost");
});
test("a wrong password keeps it locked and says so; the right one opens it", async () => {
  const view = show();
  await enter("");
  expect(asked).toHaveLength(0);
  answer = () => Response.json({ title: "", status: 401, code: "login-failed", traceId: "t" }, { status: 401 });
  await enter("wrong");
  expect(view.unlocked()).toBe(0);
  expect(document.body.textContent).toContain("Password is incorrect.");
  answer = () => new Response(null, { status: 204 });
  await enter("right");
  expect(view.unlocked()).toBe(1);
  expect(asked.at(-1)).toEqual({ url: "/api/auth/step-up", body: JSON.stringify({ password: "right" }) });
});
