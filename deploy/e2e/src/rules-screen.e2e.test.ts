import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { chromium, chromiumPath, episante, type Instance, startInstance } from "./instance.ts";
import { focused, tabTo } from "./keyboard.ts";

/** Fresh instance and browser, with an hour of stored readings in which a patient's SpO₂ falls by half a percent a minute. */
let instance: Instance;
let browser: Browser;
let page: Page;
const faults: string[] = [];
beforeAll(async () => {
  if (!chromiumPath) return;
  instance = await startInstance();
  await storeFall();
  browser = await chromium();
  page = await signIn();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await instance?.stop();
}, 60_000);

async function storeFall(): Promise<void> {
  const csv = join(instance.dir, "fall.csv");
  const lines = Array.from({ length: 120 }, (_, index) => `${index * 30},${Math.max(86, Math.min(96, Math.round(106 - index / 4)))}`);
  writeFileSync(csv, ["t,SpO2", ...lines].join("\n"));
  const start = new Date(Date.now() - 70 * 60_000).toISOString();
  const token = instance.demo.devices[0]?.token ?? "";
  const ran = await episante("replay", csv, "--device", token, "--data", instance.dir, "--start", start, "--speed", "2000");
  expect([ran.status, ran.err]).toEqual([0, ""]);
}
async function signIn(): Promise<Page> {
  const context = await browser.newContext({ locale: "fr-FR", reducedMotion: "reduce", viewport: { width: 1440, height: 900 } });
  const opened = await context.newPage();
  opened.on("pageerror", (error) => faults.push(error.message));
  opened.on("console", (message) => {
    if (/Content Security Policy|TypeError|ReferenceError/i.test(message.text())) faults.push(message.text());
  });
  const doctor = instance.demo.accounts.find((entry) => entry.doctorId === instance.demo.doctors[0]?.id);
  await opened.goto(`${instance.url}/console`);
  await opened.fill("[type=email]", doctor?.email ?? "");
  await opened.fill("[autocomplete=current-password]", doctor?.password ?? "");
  await opened.keyboard.press("Enter");
  await opened.waitForSelector(".c-shell");
  return opened;
}
async function findings(): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).analyze();
    found.push(...violations.map(({ id, nodes }) => [colorScheme, id, nodes.map(({ target }) => target.join(" "))]));
  }
  return found;
}

describe.skipIf(!chromiumPath)("the rule editor", () => {
  test("a rate rule is made by keys alone: its kind, its values, what it would have found, and published", async () => {
    await page.goto(`${instance.url}/console/rules`);
    await page.getByText("SpO₂ basse").first().waitFor();
    await tabTo(page, /^Nouvelle règle/);
    await page.keyboard.press("Enter");
    await page.getByText("Que doit surveiller la règle").waitFor();
    await tabTo(page, /^Vitesse de changement/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Essai sur vos patients" }).waitFor();
    await tabTo(page, /Mesure$/);
    await page.keyboard.type("SpO");
    await tabTo(page, /^Changement/);
    await page.keyboard.press("Control+A");
    await page.keyboard.type("rien");
    await tabTo(page, /^Pendant au moins/);
    await page.getByText("Saisissez un nombre.").waitFor();
    await page.getByText("Corrigez les champs signalés").waitFor();
    await tabTo(page, /^Changement/, { key: "Shift+Tab" });
    await page.keyboard.press("Control+A");
    await page.keyboard.type("-0,3");
    await page.getByText(/Essai\s:\s1 alerte,/).waitFor({ timeout: 15_000 });
    expect(await page.locator(".r-trial tbody tr").count()).toBe(1);
    expect(await findings()).toEqual([]);
    await tabTo(page, /^Publier la règle/);
    expect(await focused(page)).toContain("Publier la règle");
    await page.keyboard.press("Enter");
    await page.getByText(/Règle\s«.*»\spubliée\./).waitFor();
    await page.getByText(/Si SpO₂ change de ≤ -0,3/).waitFor();
  }, 90_000);

  test("the alarm load and the editor of a live rule are clean in both themes", async () => {
    await page.goto(`${instance.url}/console/rules/load`);
    await page.getByRole("heading", { name: "À quelle heure" }).waitFor();
    expect(await findings()).toEqual([]);
    await page.goto(`${instance.url}/console/rules`);
    // As long as a hand presses: the banner about sound ends with this first click, and must not move the link away under it.
    await page
      .getByRole("link", { name: /^Modifier/ })
      .first()
      .click({ delay: 120 });
    await page.getByText("Face à la règle en vigueur").waitFor({ timeout: 15_000 });
    expect(await findings()).toEqual([]);
  }, 60_000);

  test("no script failed and no page broke the content policy", () => {
    expect(faults).toEqual([]);
  });
});
