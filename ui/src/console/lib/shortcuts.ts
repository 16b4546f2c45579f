import { onCleanup } from "solid-js";

/** True while a single key must stay a letter: typing, a dialog, or a modifier held. */
export function keysAreBusy(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const target = event.target instanceof Element ? event.target : undefined;
  if (target?.closest("input, textarea, select, [contenteditable=''], [contenteditable=true]")) return true;
  return document.querySelector("[role=dialog], [role=alertdialog]") !== null;
}

/** Single-key shortcuts of a page, by `event.key` so that they follow the keyboard layout. They do nothing while `enabled` is false. */
export function useShortcuts(enabled: () => boolean, keys: Readonly<Record<string, (event: KeyboardEvent) => void>>): void {
  function press(event: KeyboardEvent): void {
    if (!enabled() || keysAreBusy(event)) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  }
  document.addEventListener("keydown", press);
  onCleanup(() => document.removeEventListener("keydown", press));
}
