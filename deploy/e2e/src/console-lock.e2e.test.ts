import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { chromium, chromiumPath, episante, type Instance, startInstance } from "./instance.ts";

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

/** 20 s of health and then a desaturation, at 20×: one critical alert of the first patient. */
async function desaturate(token: string): Promise<void> {
  const csv = join(instance.dir, "desaturation.csv");
  const lines = Array.from({ length: 65 }, (_, second) => `${second},${second < 20 ? 96 : 86},${second < 20 ? 72 : 104}`);
  writeFileSync(csv, ["t,SpO2,PULSE", ...lines].join("\n"));
  const ran = await episante("replay", csv, "--device", token, "--data", instance.dir, "--speed", "20");
  expect([ran.status, ran.err]).toEqual([0, ""]);
}
/** As if nobody had touched the console for eleven minutes when it is opened again. */
async function returnLater(page: Page): Promise<void> {
  await page.evaluate(() => {
    const key = "episante-console-lock";
    const [account] = (localStorage.getItem(key) ?? "").split(" ");
    localStorage.setItem(key, `${account} open ${Date.now() - 11 * 60_000}`);
  });
  await page.reload();
  await page.locator(".k-lock").waitFor();
}

describe.skipIf(!chromiumPath)("the console, past idle", () => {
  test("locks: no name, but counts and the heartbeat; the password opens the patient's charts again, where they were", async () => {
    const { demo, url } = instance;
    const doctor = demo.accounts.find((account) => account.role === "doctor" && account.doctorId === demo.doctors[0]?.id);
    const device = demo.devices[0];
    if (!doctor || !device) throw new Error("no doctor or device in the demo clinic");
    const page = await (await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 } })).newPage();
    await page.goto(`${url}/console`);
    await page.fill("[type=email]", doctor.email);
    await page.fill("[autocomplete=current-password]", doctor.password);
    await page.keyboard.press("Enter");
    await page.locator(".c-shell").waitFor();
    await desaturate(device.token);

    await page.goto(`${url}/console/patients/${device.patientId}`);
    const chart = page.locator(".p-panel .chart-box").first();
    await chart.waitFor({ timeout: 15_000 });
    const name = ((await page.locator("h1").textContent()) ?? "").split(" ")[0] ?? "";
    expect(name).toMatch(/^\p{Lu}{2,}/u);
    await page.waitForFunction(() =>
      /last value|dernière valeur/.test(document.querySelector(".chart-box")?.getAttribute("aria-label") ?? ""),
    );
    await chart.focus();
    for (const key of ["-", "ArrowLeft"]) await page.keyboard.press(key);
    await page.waitForURL(/from=.*&to=/);
    const place = page.url();

    await returnLater(page);
    await page.locator('.k-counts [data-level="critical"] b', { hasText: "1" }).waitFor({ timeout: 15_000 });
    await page.locator('.c-live[data-state="live"]').waitFor({ timeout: 15_000 });
    expect(await page.title()).toStartWith("(1) Critical · Console locked");
    for (const word of [name, "chart", "86"]) expect(await page.locator("body").innerHTML()).not.toContain(word);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

    await page.fill("[type=password]", "not the password at all");
    await page.keyboard.press("Enter");
    await page.getByText("Password is incorrect.").waitFor();
    await page.fill("[type=password]", doctor.password);
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: name }).waitFor();
    expect(page.url()).toBe(place);

    await returnLater(page);
    await page.context().clearCookies();
    await page.fill("[type=password]", doctor.password);
    await page.keyboard.press("Enter");
    await page.locator("[type=email]").waitFor();
    expect(await page.locator(".k-lock").count()).toBe(0);
    await page.context().close();
  }, 90_000);
});
