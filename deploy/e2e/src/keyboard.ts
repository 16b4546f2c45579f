import type { Page } from "playwright-core";

/** Runs in the page: what the focused element is called. */
const focusedName = `(() => {
  const element = document.activeElement;
  return [element?.textContent, element?.labels?.[0]?.textContent, element?.getAttribute("aria-label")].filter(Boolean).join(" ");
})()`;

/** Text or name of the element that has the focus. */
export function focused(page: Page): Promise<string> {
  return page.evaluate<string>(focusedName);
}

/** Presses Tab (or Shift+Tab) until the focused element's text or name fits. */
export async function tabTo(page: Page, wanted: RegExp, { most = 60, key = "Tab" as "Tab" | "Shift+Tab" } = {}): Promise<void> {
  for (let presses = 0; presses < most; presses += 1) {
    await page.keyboard.press(key);
    if (wanted.test(await focused(page))) return;
  }
  throw new Error(`no stop fits ${wanted} within ${most} presses of ${key}`);
}

/** Before a page loads: keeps every sentence that its live regions say from then on, blanks of all kinds as one. */
export const keepAnnouncements = `(() => {
  globalThis.announced = [];
  const say = (region) => {
    const text = region.textContent.replace(/\\s+/g, " ").trim();
    if (text && announced.at(-1) !== text) announced.push(text);
  };
  const isLive = (node) => node.nodeType === 1 && node.matches("[aria-live], [role=status], [role=alert]");
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const region = (target.nodeType === 1 ? target : target.parentElement)?.closest("[aria-live], [role=status], [role=alert]");
      if (region) say(region);
      for (const node of addedNodes) {
        if (isLive(node)) say(node);
        if (node.nodeType === 1) for (const inner of node.querySelectorAll("[aria-live], [role=status], [role=alert]")) say(inner);
      }
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
})()`;

/** What a page's live regions have said since it was loaded, in order. */
export function announced(page: Page): Promise<string[]> {
  return page.evaluate<string[]>("announced");
}
