import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Alert } from "@episante/contracts/alert";
import { cleanup, fireEvent, render, waitFor } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { ConsoleContext, type ConsoleState } from "../../shell/console-context.tsx";
import { alertFixture } from "../../test/alert-fixture.ts";
import { AlertQuestion, type Asked } from "./AlertQuestion.tsx";
import { historyWords, nextCallWords, ownerWords } from "./alert-words.ts";

const realFetch = globalThis.fetch;
let done: unknown[][];
let isSent: boolean;
let closed: number;
beforeEach(() => {
  setLocale("en");
  [done, isSent, closed] = [[], true, 0];
});
afterEach(() => {
  cleanup();
  globalThis.fetch = realFetch;
});

function ask(asked: Asked, more: Parameters<typeof alertFixture>[1] = {}): Alert {
  const alert = alertFixture("a", more);
  const verb =
    (name: string) =>
    async (...given: unknown[]) => {
      done.push([name, ...given]);
      return isSent;
    };
  const names = ["ack", "resolve", "snooze", "assign", "comment"] as const;
  const alerts = {
    ...Object.fromEntries(names.map((name) => [name, verb(name)])),
    busy: () => undefined,
    notices: { [alert.id]: { text: "Not sent." } },
  };
  const state = { alerts, me: () => ({ accountId: "acc_me" }) } as unknown as ConsoleState;
  const [asking, setAsking] = createSignal<Asked | undefined>();
  const view = render(() => (
    <ConsoleContext.Provider value={state}>
      <button type="button" onClick={() => setAsking(asked)}>
        Ask
      </button>
      <AlertQuestion alert={alert} name="MARTIN" asked={asking()} onClose={() => closed++} />
    </ConsoleContext.Provider>
  ));
  fireEvent.click(view.getByText("Ask"));
  return alert;
}
const buttons = () => [...document.querySelectorAll<HTMLElement>(".d-answers button")];
const press = (text: string) => fireEvent.click(buttons().find((button) => button.textContent?.trim() === text) as HTMLElement);

describe("snoozing", () => {
  test("a warning: three lengths, one press", () => {
    const { id } = ask("snooze", { severity: "warning" });
    expect(buttons().map((button) => button.textContent?.trim())).toEqual(["15 min", "1 h", "4 h"]);
    press("1 h");
    expect([done, closed]).toEqual([[["snooze", id, 60]], 1]);
  });
  test("a critical one that somebody has: a quarter of an hour; one that nobody has: it is offered to be taken first", () => {
    ask("snooze", { status: "acked" });
    expect(buttons().map((button) => button.textContent?.trim())).toEqual(["15 min"]);
    cleanup();
    const { id } = ask("snooze");
    expect(document.querySelector("[role=dialog]")?.textContent).toContain("only after somebody has taken it");
    press("Take");
    expect(done).toEqual([["ack", id]]);
  });
});

test("giving away: doctors who may have it, without the one who has it; nobody left is said", async () => {
  const items = [
    { doctorId: "doc_1", accountId: "acc_1", name: "Ada Byron" },
    { doctorId: "doc_2", accountId: "acc_me", name: "Me" },
    { doctorId: "doc_3", accountId: "acc_3", name: "" },
  ];
  globalThis.fetch = (async () => Response.json({ items })) as unknown as typeof fetch;
  const { id } = ask("assign", { owner: { accountId: "acc_1", name: "Ada Byron" } as never });
  await waitFor(() => expect(buttons().map((button) => button.textContent?.trim())).toEqual(["You", "Doctor without a name"]));
  press("You");
  expect(done).toEqual([["assign", id, "doc_2"]]);
  cleanup();
  globalThis.fetch = (async () => Response.json({ items: items.slice(0, 1) })) as unknown as typeof fetch;
  ask("assign", { owner: { accountId: "acc_1", name: "Ada Byron" } as never });
  await waitFor(() => expect(document.querySelector("[role=dialog]")?.textContent).toContain("No other doctor"));
});

describe("commenting", () => {
  const field = () => document.querySelector("textarea") as HTMLTextAreaElement;
  const type = (text: string) => fireEvent.input(field(), { target: { value: text } });
  const attempts = () => done.map(([, , , attempt]) => attempt);
  test("a text that could not be sent stays, its reason is said, and sending it again is the same attempt; another text is another", async () => {
    isSent = false;
    const { id } = ask("comment");
    type("called back");
    press("Add the comment");
    await waitFor(() => expect(document.querySelector(".d-comment .error")?.textContent?.trim()).toBe("Not sent."));
    expect([field().value, closed]).toEqual(["called back", 0]);
    isSent = true;
    fireEvent.keyDown(field(), { key: "Enter", ctrlKey: true });
    await waitFor(() => expect(closed).toBe(1));
    expect(done.map(([name, on, text]) => [name, on, text])).toEqual(Array(2).fill(["comment", id, "called back"]));
    expect(new Set(attempts()).size).toBe(1);
    type("called again");
    press("Add the comment");
    await waitFor(() => expect(new Set(attempts()).size).toBe(2));
  });
  test("spaces are no comment", () => {
    ask("comment");
    type("   ");
    press("Add the comment");
    expect(done).toEqual([]);
  });
});

describe("words", () => {
  const by = { accountId: "acc_1", name: "Ada Byron" } as never;
  const me = { accountId: "acc_me", name: "Me" } as never;
  const say = (action: string, more: object = {}) =>
    historyWords({ at: "2026-01-15T08:00:00.000Z", action, ...more }, "acc_me", (instant) => instant.slice(11, 16));
  test("a history says who, to whom and until when; you are you", () => {
    expect(say("snoozed", { by, until: "2026-01-15T08:15:00.000Z" })).toBe("Snoozed until 08:15 by Ada Byron");
    expect(say("assigned", { by, to: me })).toBe("Given to you by Ada Byron");
    expect(say("commented", { by: me })).toBe("Comment by you");
    for (const action of ["reopened", "re-derived", "recorded-late", "snooze-ended", "snooze-pierced", "ack-expired", "worsened"])
      expect(say(action)).not.toBe(action);
  });
  test("a history says whom the alert called, and the panel whom it calls next", () => {
    const until = "2026-01-15T07:00:00.000Z";
    expect(say("paged", { to: by })).toBe("Called: Ada Byron");
    expect(say("escalated-late", { to: me })).toBe("No answer, called next, late: you");
    expect(say("page-held", { to: by, until })).toBe("Quiet hours, call put off until 07:00: Ada Byron");
    for (const action of ["paged-late", "escalated", "page-suppressed", "nobody-to-page"]) expect(say(action)).not.toBe(action);
    const next = (to: string) => nextCallWords({ to, at: until }, (instant) => instant.slice(11, 16));
    expect(["Ada Byron", "on-call", "doctors"].map(next)).toEqual([
      "If nobody takes it: call at 07:00, Ada Byron.",
      "If nobody takes it: call at 07:00, whoever is on call.",
      "If nobody takes it: call at 07:00, doctors who treat this patient.",
    ]);
  });
  test("an open alert that was given away is for somebody; one that is taken is theirs", () => {
    const of = (status: Alert["status"], owner: never) => ownerWords({ status }, owner, "acc_me");
    expect([of("open", by), of("acked", by), of("open", me), of("acked", me)]).toEqual(["For Ada Byron", "Ada Byron", "For you", "You"]);
  });
});
