import { createSignal } from "solid-js";

const [polite, setPolite] = createSignal("");
const [assertive, setAssertive] = createSignal("");

/**
 * Says a sentence to screen readers. Polite by default; assertive is for a new critical alert and a lost feed only.
 * The same sentence twice is said twice: the region is emptied in between.
 */
export function announce(text: string, level: "polite" | "assertive" = "polite"): void {
  const set = level === "polite" ? setPolite : setAssertive;
  set("");
  setTimeout(() => set(text), 50);
}

/** Takes back what was said last: it may name somebody, and the screen is locked. */
export function hush(): void {
  setPolite("");
  setAssertive("");
}

/** The two live regions of a page; mounted once by the app, before anything is announced. */
export function LiveRegion() {
  return (
    <>
      <div class="sr" role="status" aria-live="polite" data-testid="live-polite">
        {polite()}
      </div>
      <div class="sr" role="alert" aria-live="assertive" data-testid="live-assertive">
        {assertive()}
      </div>
    </>
  );
}
