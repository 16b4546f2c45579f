/** After a change that may take the focused element with it: the keyboard goes on there, unless something has it. */
export function keepFocus(there: () => HTMLElement | null | undefined): void {
  setTimeout(() => {
    if (document.activeElement === document.body) there()?.focus({ preventScroll: true });
  });
}
