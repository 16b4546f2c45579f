import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Alert } from "@episante/contracts/alert";
import { cleanup, fireEvent, render } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { ConsoleContext, type ConsoleState } from "../../shell/console-context.tsx";
import { alertFixture } from "../../test/alert-fixture.ts";
import { AlertList } from "./AlertList.tsx";

const rowHeight = 60;
const headHeight = 20;
const realRect = HTMLElement.prototype.getBoundingClientRect;

/** happy-dom lays nothing out: rows are 60 px high, one under the other, moved by the scroll. */
function layOut(): void {
  const scroller = () => document.querySelector<HTMLElement>(".a-scroll");
  HTMLElement.prototype.getBoundingClientRect = function (this: HTMLElement) {
    const rows = [...document.querySelectorAll(".a-row")];
    const at = rows.indexOf(this);
    const top = at < 0 ? 0 : headHeight + at * rowHeight - (scroller()?.scrollTop ?? 0);
    return { top, bottom: top + rowHeight, left: 0, right: 0, width: 0, height: rowHeight, x: 0, y: top, toJSON: () => "" } as DOMRect;
  };
  Object.defineProperty(HTMLElement.prototype, "offsetHeight", {
    configurable: true,
    get(this: HTMLElement) {
      if (this.classList.contains("a-head")) return headHeight;
      return this.classList.contains("a-row") ? rowHeight : headHeight + document.querySelectorAll(".a-row").length * rowHeight;
    },
  });
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 400 });
}
const state = {
  names: { get: () => undefined },
  now: () => Date.parse("2026-01-15T09:00:00Z"),
  zone: () => "Europe/Paris",
  me: () => ({ accountId: "acc_me" }),
  alerts: undefined,
} as unknown as ConsoleState;

function show(names: readonly string[]) {
  const known = new Map<string, Alert>();
  const idOf = (name: string) => {
    const alert = alertFixture(name, { severity: name.startsWith("crit") ? "critical" : "warning" });
    known.set(alert.id, alert);
    return alert.id as string;
  };
  const [ids, setIds] = createSignal(names.map(idOf));
  const [pinned, setPinned] = createSignal<readonly string[]>([]);
  const reading: boolean[] = [];
  const view = render(() => (
    <ConsoleContext.Provider value={state}>
      <AlertList
        label="list"
        ids={ids()}
        get={(id) => known.get(id)}
        selected={undefined}
        pinned={pinned()}
        onSelect={() => undefined}
        onOpen={() => undefined}
        onMove={() => undefined}
        onReading={(now) => reading.push(now)}
      />
    </ConsoleContext.Provider>
  ));
  const scroller = view.container.querySelector(".a-scroll") as HTMLElement;
  return {
    scroller,
    reading,
    row: (name: string) => view.container.querySelector(`[data-id="${idOf(name)}"]`) as HTMLElement,
    set(next: readonly string[], pins: readonly string[] = []) {
      setPinned(pins.map(idOf));
      setIds(next.map(idOf));
    },
  };
}

beforeEach(() => {
  setLocale("en");
  layOut();
});
afterEach(() => {
  cleanup();
  HTMLElement.prototype.getBoundingClientRect = realRect;
  Reflect.deleteProperty(HTMLElement.prototype, "offsetHeight");
  Reflect.deleteProperty(HTMLElement.prototype, "clientHeight");
});

describe("the row being read", () => {
  test("stays where it is when a critical comes in above it, also in a list too short to scroll", () => {
    const list = show(["a", "b", "c"]);
    list.row("c").focus();
    const before = list.row("c").getBoundingClientRect().top;
    list.set(["crit", "a", "b", "c"], ["crit"]);
    expect(list.row("c").getBoundingClientRect().top).toBe(before);
    expect(list.scroller.scrollTop).toBe(rowHeight);
    expect(Number.parseInt(list.scroller.style.getPropertyValue("--spare"), 10)).toBeGreaterThan(0);
    expect(document.activeElement).toBe(list.row("c"));
  });
  test("is never hidden under criticals pinned at the top", () => {
    const list = show(["a", "b", "c"]);
    list.row("a").focus();
    list.set(["crit", "a", "b", "c"], ["crit"]);
    expect(list.row("a").getBoundingClientRect().top).toBeGreaterThanOrEqual(headHeight + rowHeight);
  });
  test("a list nobody reads is not scrolled", () => {
    const list = show(["a", "b"]);
    list.set(["crit", "a", "b"]);
    expect(list.scroller.scrollTop).toBe(0);
  });
});

test("what a reader must know of a value stands as a word in its row: stopped, late, incomplete, put off", () => {
  const view = render(() => (
    <ConsoleContext.Provider value={state}>
      <AlertList
        label="list"
        ids={["one"]}
        get={() => ({
          ...alertFixture("one", { stale: true, snoozedUntil: "2026-01-15T09:30:00Z" }),
          late: true,
          partial: true,
        })}
        selected={undefined}
        onSelect={() => undefined}
        onOpen={() => undefined}
        onMove={() => undefined}
      />
    </ConsoleContext.Provider>
  ));
  const words = [...view.container.querySelectorAll(".a-tag")].map((tag) => tag.textContent);
  expect(words).toEqual([expect.stringContaining("Stale"), "Snoozed → 10:30", expect.stringContaining("Late"), "Incomplete"]);
});

test("focus and mouse count as reading, and their end as the end of it; a touch does not hold the list for ever", () => {
  const list = show(["a"]);
  fireEvent.focusIn(list.row("a"));
  expect(list.reading.at(-1)).toBe(true);
  fireEvent.focusOut(list.row("a"));
  expect(list.reading.at(-1)).toBe(false);
  const pointer = (type: string, pointerType: string) => {
    const event = new Event(type);
    Object.defineProperty(event, "pointerType", { value: pointerType });
    list.scroller.dispatchEvent(event);
  };
  pointer("pointerenter", "mouse");
  expect(list.reading.at(-1)).toBe(true);
  pointer("pointerleave", "mouse");
  pointer("pointerenter", "touch");
  expect(list.reading.at(-1)).toBe(false);
});
