import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromium, chromiumPath, episante, eventually, type Instance, startInstance } from "./instance.ts";

/** Fresh instance and browser for the whole file. */
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

function account(role: "doctor" | "admin" | "staff"): { email: string; password: string } {
  const { demo } = instance;
  const doctorId = demo.doctors[0]?.id;
  const found = demo.accounts.find((entry) => entry.role === role && (role !== "doctor" || entry.doctorId === doctorId));
  if (!found) throw new Error(`no ${role} in the demo clinic`);
  return found;
}
/** The first replay device; its patient is treated by the first doctor. */
function device(): { token: string; patientId: string } {
  const found = instance.demo.devices[0];
  if (!found) throw new Error("no device in the demo clinic");
  return found;
}

interface ConsoleOptions {
  locale?: string;
  phone?: boolean;
}
async function openConsole(role: "doctor" | "admin" | "staff", { locale = "fr-FR", phone = false }: ConsoleOptions = {}) {
  const context = await browser.newContext({
    locale,
    reducedMotion: "reduce",
    viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) faults.push(message.text());
  });
  await page.goto(`${instance.url}/console`);
  const { email, password } = account(role);
  await page.fill("[type=email]", email);
  await page.fill("[autocomplete=current-password]", password);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".c-shell");
  return { context, page, faults };
}
const live = (page: Page) => page.waitForSelector('.c-live[data-state="live"]', { timeout: 15_000 });
const row = (page: Page) => page.locator(`.a-row[data-status]`).first();

/** 60 s of health and then a desaturation, streamed at 20×: judged as if live. */
async function desaturate(name: string): Promise<void> {
  const csv = join(instance.dir, `${name}.csv`);
  const lines = Array.from({ length: 120 }, (_, second) => `${second},${second < 60 ? 96 : 86},${second < 60 ? 72 : 104}`);
  writeFileSync(csv, ["t,SpO2,PULSE", ...lines].join("\n"));
  const ran = await episante("replay", csv, "--device", device().token, "--data", instance.dir, "--speed", "20");
  expect([ran.status, ran.err]).toEqual([0, ""]);
}
const pidOf = async (name: string) => (await instance.status()).processes.find((entry) => entry.name === name)?.pid ?? 0;

describe.skipIf(!chromiumPath)("the doctor console", () => {
  let first: Awaited<ReturnType<typeof openConsole>>;
  let second: Awaited<ReturnType<typeof openConsole>>;
  beforeAll(async () => {
    first = await openConsole("doctor");
    second = await openConsole("doctor");
    await Promise.all([live(first.page), live(second.page)]);
  }, 60_000);
  afterAll(async () => {
    await first?.context.close();
    await second?.context.close();
  });

  test("a wrong password is refused in words and the e-mail stays", async () => {
    const context = await browser.newContext({ locale: "fr-FR" });
    const page = await context.newPage();
    await page.goto(`${instance.url}/console`);
    await page.fill("[type=email]", account("doctor").email);
    await page.fill("[autocomplete=current-password]", "not the password at all");
    await page.keyboard.press("Enter");
    await page.getByText("E-mail ou mot de passe incorrect.").waitFor();
    expect(await page.inputValue("[type=email]")).toBe(account("doctor").email);
    await context.close();
  }, 30_000);

  test("a replayed desaturation calls on two consoles, and a take on one shows on the other", async () => {
    await desaturate("first");
    for (const { page } of [first, second]) {
      await row(page).waitFor({ timeout: 15_000 });
      expect(await row(page).getAttribute("data-level")).toBe("critical");
      expect(await page.title()).toStartWith("(1) Critique");
      const words = await row(page).textContent();
      for (const part of ["Critique", "86", "SpO₂", "Personne"]) expect(words).toContain(part);
      await eventually(
        async () => ((await page.getByTestId("live-assertive").textContent()) ?? "").includes("Nouvelle alerte critique"),
        10_000,
        "critical announced",
      );
    }
    await first.page.keyboard.press("j");
    await first.page.keyboard.press("a");
    await first.page.locator(".d-result", { hasText: "Prise en charge par vous à" }).waitFor();
    await second.page.locator('.a-row[data-status="acked"]').waitFor({ timeout: 5000 });
    expect(await second.page.locator(".d-history").textContent()).toContain("Prise en charge par vous");
  }, 60_000);

  test("single keys are letters while typing and do nothing in a dialog", async () => {
    const { page } = second;
    await page.locator(".a-filter input").click();
    await page.keyboard.type("ra?");
    expect(await page.inputValue(".a-filter input")).toBe("ra?");
    expect(await page.locator("[role=dialog]").count()).toBe(0);
    await page.fill(".a-filter input", "");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.locator("[role=dialog]").waitFor();
    await page.keyboard.press("r");
    expect(await page.locator("[role=dialog]").count()).toBe(1);
    await page.keyboard.press("Escape");
    await page.locator("[role=dialog]").waitFor({ state: "detached" });
  }, 30_000);

  test("an engine that stops is told within three seconds, values lose their life, and its return is told too", async () => {
    const { page } = first;
    const pid = await pidOf("alert");
    process.kill(pid, "SIGSTOP");
    try {
      const took = await eventually(() => page.getByTestId("live-lost").isVisible(), 6000, "monitoring lost shown");
      // The last heartbeat may have left just before; the rest is the browser's and this loop's own time.
      expect(took).toBeLessThan(4000);
      expect(await page.getByTestId("live-lost").textContent()).toContain("Des alertes peuvent manquer");
      expect(await page.title()).toStartWith("Interrompu");
      expect(await row(page).locator(".a-value b.old").count()).toBe(1);
      expect(await page.getByTestId("live-value").getAttribute("class")).toContain("old");
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await page.getByTestId("live-back").waitFor({ timeout: 30_000 });
    await page.getByTestId("live-lost").waitFor({ state: "detached" });
  }, 60_000);

  test("a gateway killed and back: the feed goes on from where it was and nothing is missing", async () => {
    process.kill(await pidOf("gateway"), "SIGKILL");
    await eventually(async () => (await instance.status()).ready, 30_000, "gateway back");
    await Promise.all([live(first.page), live(second.page)]);
    await first.page.keyboard.press("r");
    await first.page.getByRole("dialog").getByRole("button", { name: "Résoudre" }).click();
    await first.page.locator(".a-empty").waitFor({ timeout: 10_000 });
    await eventually(
      async () => (await second.page.locator('.a-row[data-status="acked"], .a-row[data-status="open"]').count()) === 0,
      10_000,
      "resolution seen by the other console",
    );
  }, 90_000);

  test("a session that ends asks to sign in on the same page, and goes on there", async () => {
    const { page } = second;
    await page.goto(`${instance.url}/console/patients/${device().patientId}?span=6h`);
    await page.locator(".p-live li").first().waitFor();
    await page.evaluate(() => fetch("/api/auth/logout", { method: "POST" }).then(() => undefined));
    await page.getByRole("dialog").waitFor({ timeout: 15_000 });
    expect(await page.locator(".p-live").isVisible()).toBe(false);
    await page.fill("[autocomplete=current-password]", account("doctor").password);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(page.url()).toEndWith(`/console/patients/${device().patientId}?span=6h`);
    expect(await page.locator(".p-live").isVisible()).toBe(true);
    await live(page);
  }, 60_000);

  test("no script failed and no page broke the content policy", () => {
    expect([...first.faults, ...second.faults]).toEqual([]);
  });
});

describe.skipIf(!chromiumPath)("who sees what", () => {
  test("an administrator finds System and nothing clinical; staff find the agenda only", async () => {
    const admin = await openConsole("admin");
    await admin.page.waitForURL("**/console/system");
    expect((await admin.page.locator(".c-nav").allTextContents()).map((text) => text.trim())).toEqual(["Système", "Réglages"]);
    await admin.page.goto(`${instance.url}/console/alerts`);
    await admin.page.getByRole("heading", { name: "n’existe pas" }).waitFor();
    await admin.context.close();
    const staff = await openConsole("staff");
    await staff.page.waitForURL("**/console/agenda");
    expect((await staff.page.locator(".c-nav").allTextContents()).map((text) => text.trim())).toEqual(["Agenda", "Réglages"]);
    await staff.context.close();
  }, 60_000);
});

describe.skipIf(!chromiumPath)("accessibility, by an automated scan of WCAG 2.2 AA", () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  async function scan(page: Page, where: string): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    return violations.flatMap((found) => found.nodes.map((node) => `${where}: ${found.id} at ${node.target.join(" ")}`));
  }
  async function prefer(context: BrowserContext, page: Page, locale: string, theme: string): Promise<void> {
    await page.evaluate(
      (body) =>
        fetch("/api/auth/me/preferences", { method: "PUT", headers: { "content-type": "application/json" }, body }).then(() => undefined),
      JSON.stringify({ locale, theme }),
    );
    await context.addInitScript(`localStorage.setItem("es.locale", "${locale}"); localStorage.setItem("es.theme", "${theme}")`);
  }
  for (const locale of ["fr", "en"]) {
    for (const theme of ["light", "dark"]) {
      test(`no finding on any page in ${locale}, ${theme}`, async () => {
        const found: string[] = [];
        const { context, page } = await openConsole("doctor", { locale });
        await prefer(context, page, locale, theme);
        if (locale === "fr" && theme === "light") await desaturate("scan");
        const paths = [
          "alerts",
          "alerts?tab=resolved",
          "patients",
          `patients/${device().patientId}`,
          "agenda",
          "analytics",
          "rules",
          "settings",
        ];
        for (const path of paths) {
          await page.goto(`${instance.url}/console/${path}`);
          await page.waitForSelector("#main");
          await page.waitForTimeout(1200);
          expect(await page.evaluate<string[]>("[document.documentElement.lang, document.documentElement.dataset.theme]")).toEqual([
            locale,
            theme,
          ]);
          found.push(...(await scan(page, path)));
        }
        await page.setViewportSize({ width: 390, height: 844 });
        for (const path of ["alerts", `patients/${device().patientId}`, "agenda"]) {
          await page.goto(`${instance.url}/console/${path}`);
          await page.waitForTimeout(1200);
          found.push(...(await scan(page, `${path} on a phone`)));
          const width = await page.evaluate<number>("document.documentElement.scrollWidth");
          expect([path, width <= 390]).toEqual([path, true]);
        }
        await context.close();
        const admin = await openConsole("admin", { locale });
        await prefer(admin.context, admin.page, locale, theme);
        await admin.page.goto(`${instance.url}/console/system`);
        await admin.page.waitForTimeout(1200);
        found.push(...(await scan(admin.page, "system")));
        await admin.context.close();
        expect(found).toEqual([]);
      }, 120_000);
    }
  }
});
