import { afterEach, expect, test } from "bun:test";
import { cleanup, fireEvent, render, waitFor } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { setLocale } from "../i18n/i18n.ts";
import { Dialog } from "./Dialog.tsx";

setLocale("en");
afterEach(cleanup);

/** A page with a button that opens a dialog; `onDone` is what the page does when the dialog's own button is pressed. */
function open(onDone: (close: () => void) => void) {
  const view = render(() => {
    const [isOpen, setOpen] = createSignal(false);
    return (
      <>
        <h1 tabindex="-1">Page</h1>
        <button type="button" onClick={() => setOpen(true)}>
          Open
        </button>
        <Dialog open={isOpen()} onClose={() => setOpen(false)} title="Question">
          <button type="button" data-done="" onClick={() => onDone(() => setOpen(false))}>
            Done
          </button>
        </Dialog>
      </>
    );
  });
  const button = view.getByText("Open");
  button.focus();
  fireEvent.click(button);
  return button;
}

/** The dialog's own button; it stands beside the page, not in it. */
const done = () =>
  waitFor(() => {
    const found = document.querySelector<HTMLElement>("[role=dialog] [data-done]");
    if (!found) throw new Error("no dialog yet");
    return found;
  });

test("closing gives the focus back to what had it", async () => {
  const button = open((close) => close());
  fireEvent.click(await done());
  await waitFor(() => expect(document.activeElement).toBe(button));
});

test("focus that was put elsewhere on closing stays there", async () => {
  const heading = () => document.querySelector("h1");
  open((close) => {
    close();
    setTimeout(() => heading()?.focus());
  });
  fireEvent.click(await done());
  await waitFor(() => expect(document.activeElement).toBe(heading()));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(document.activeElement).toBe(heading());
});
