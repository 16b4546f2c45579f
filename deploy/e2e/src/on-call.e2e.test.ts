import { afterAll, beforeAll, expect, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { chromium, chromiumPath, type Instance, startInstance } from "./instance.ts";
import { focused, tabTo } from "./keyboard.ts";
import { accountOf } from "./people.ts";

let instance: Instance;
let browser: Browser;
beforeAll(async () => {
  if (!chromiumPath) return;
  instance = await startInstance();
  browser = await chromium();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await instance?.stop();
}, 60_000);

test.skipIf(!chromiumPath)(
  "a doctor writes a turn of today by keyboard alone, is told what is missing, and sees who is on call now",
  async () => {
    const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy|TypeError|ReferenceError/i.test(message.text())) faults.push(message.text());
    });
    const { email, password } = accountOf(instance, "doctor");
    await page.goto(`${instance.url}/console/settings/on-call`);
    await page.fill("[type=email]", email);
    await page.fill("[autocomplete=current-password]", password);
    await page.keyboard.press("Enter");
    const now = page.getByTestId("on-call-now");
    await now.waitFor();
    expect(await now.textContent()).toBe("Nobody");
    const today = new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone: "Europe/Paris" }).format(Date.now());
    await page.getByRole("heading", { name: "On call now" }).click();
    await tabTo(page, new RegExp(`Add a turn, ${today}`));
    await page.keyboard.press("Enter");
    await page.waitForFunction("document.activeElement?.tagName === 'INPUT'");
    for (const time of ["0", "24"]) {
      await page.keyboard.press("Control+A");
      await page.keyboard.type(time);
      await page.keyboard.press("Tab");
    }
    await tabTo(page, /^Save on call/, { most: 120 });
    await page.keyboard.press("Enter");
    await page.getByText("Choose who.").waitFor();
    expect(await focused(page)).toContain(`${today} 0–24, who`);
    const name = String(await page.locator("select:focus option").nth(1).textContent()).trim();
    await page.keyboard.type(name.slice(0, 6));
    await tabTo(page, /^Save on call/, { most: 120 });
    await page.keyboard.press("Enter");
    await page.getByText("Saved.").waitFor();
    expect(await now.textContent()).toStartWith(`${name}, until `);
    expect(await page.getByTestId("call-plan").textContent()).toContain(`A critical alert: whoever is on call (${name}) at once.`);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    expect(
      (await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze()).violations,
    ).toEqual([]);
    expect(faults).toEqual([]);
  },
  120_000,
);
