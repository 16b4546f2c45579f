import { type Accessor, createEffect, createSignal, untrack } from "solid-js";

/** The click comes after the release: in the same turn for a mouse, a moment later for a finger. Milliseconds. */
const clickMs = 50;
/** A press longer than this is no click; nothing that has to be seen waits longer. */
const longestMs = 1_000;

const [pressed, setPressed] = createSignal(false);
let timer: ReturnType<typeof setTimeout> | undefined;
function stay(isPressed: boolean, ms: number): void {
  setPressed(isPressed);
  clearTimeout(timer);
  timer = setTimeout(() => setPressed(false), ms);
}
addEventListener("pointerdown", () => stay(true, longestMs), true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => stay(pressed(), clickMs), true);

/**
 * Follows `source`, except while a pointer is pressed: what comes and goes by itself above a page must not move a button away between press and
 * release, because the click would be lost.
 */
export function heldWhilePressed<T>(source: Accessor<T>): Accessor<T> {
  const [shown, setShown] = createSignal(untrack(source));
  createEffect(() => {
    const next = source();
    if (!pressed()) setShown(() => next);
  });
  return shown;
}
