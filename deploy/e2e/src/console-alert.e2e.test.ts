import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
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
/** A replay device; the patients of both are treated by the first doctor. */
function device(index: 0 | 1 = 0): { token: string; patientId: string } {
  const found = instance.demo.devices[index];
  if (!found) throw new Error("no device in the demo clinic");
  return found;
}

/** Signs in, in French, at a desk. `faults` are script errors, policy violations and pages that crashed. */
async function openConsole(role: "doctor" | "admin" | "staff") {
  const context = await browser.newContext({ locale: "fr-FR", reducedMotion: "reduce", viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    // A page that crashes is caught by an error boundary, which writes the error to the console.
    if (/Content Security Policy|TypeError|ReferenceError/i.test(message.text())) faults.push(message.text());
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

/**
 * 20 s of health and then a desaturation, streamed at 20×: judged as if live. Once per device: a second recording within
 * 65 s would lie over the first, and its 20 s of health might be too few to end the first episode.
 */
async function desaturate(name: string, { token } = device()): Promise<void> {
  const csv = join(instance.dir, `${name}.csv`);
  const lines = Array.from({ length: 65 }, (_, second) => `${second},${second < 20 ? 96 : 86},${second < 20 ? 72 : 104}`);
  writeFileSync(csv, ["t,SpO2,PULSE", ...lines].join("\n"));
  const ran = await episante("replay", csv, "--device", token, "--data", instance.dir, "--speed", "20");
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
  test("an administrator finds System and nothing clinical; staff find the front desk only", async () => {
    const admin = await openConsole("admin");
    await admin.page.waitForURL("**/console/system");
    expect((await admin.page.locator(".c-nav").allTextContents()).map((text) => text.trim())).toEqual(["Système", "Réglages"]);
    await admin.page.goto(`${instance.url}/console/alerts`);
    await admin.page.getByRole("heading", { name: "n’existe pas" }).waitFor();
    expect(admin.faults).toEqual([]);
    await admin.context.close();
    const staff = await openConsole("staff");
    await staff.page.waitForURL("**/console/agenda");
    expect((await staff.page.locator(".c-nav").allTextContents()).map((text) => text.trim())).toEqual([
      "Patients",
      "Agenda",
      "Salle",
      "Réglages",
    ]);
    await staff.context.close();
  }, 120_000);
});

describe.skipIf(!chromiumPath)("a clinic starts", () => {
  const password = "girafe turquoise sous la pluie";
  test("an administrator hands over a link; the doctor chooses a password, publishes a profile, reasons and hours, and can be booked", async () => {
    const admin = await openConsole("admin");
    const { page } = admin;
    await page.goto(`${instance.url}/console/system/members`);
    await page.getByLabel("Prénom").fill("Inès");
    await page.getByLabel("Nom", { exact: true }).fill("Ferreira");
    await page.getByLabel("E-mail").fill("ines.ferreira@clinique.example");
    await page.getByRole("button", { name: "Créer l’invitation" }).click();
    const link = await page.getByTestId("invitation-link").locator("input").inputValue();
    expect(link).toMatch(/\/console\/invitation#[\w-]{40,}$/);

    const context = await browser.newContext({ locale: "fr-FR", reducedMotion: "reduce", viewport: { width: 1440, height: 900 } });
    const own = await context.newPage();
    await own.goto(link);
    const field = own.getByLabel("Nouveau mot de passe", { exact: true }).first();
    await field.fill("trop court");
    expect(own.url()).toBe(`${instance.url}/console/invitation`);
    await own.keyboard.press("Enter");
    await own.getByText("Trop court").waitFor();
    await field.fill("motdepasse motdepasse");
    await own.keyboard.press("Enter");
    await own.getByText("que l’on devine en premier").waitFor();
    await field.fill(password);
    await own.keyboard.press("Enter");
    await own.getByText("Votre accès est actif").waitFor();
    await own.fill("[type=email]", "ines.ferreira@clinique.example");
    await own.fill("[autocomplete=current-password]", password);
    await own.keyboard.press("Enter");
    await own.waitForSelector(".c-shell");

    await own.goto(`${instance.url}/console/settings/practice`);
    await own.getByText("pas encore publié").waitFor();
    await own.getByRole("button", { name: "Publier le profil" }).click();
    await own.getByText("Choisissez une spécialité.").waitFor();
    await own.getByLabel("Spécialité").selectOption("cardiology");
    await own.getByRole("button", { name: "Publier le profil" }).click();
    await own.getByRole("button", { name: "Enregistrer le profil" }).waitFor();
    await own.getByLabel("Nom en français").fill("Suivi");
    await own.getByLabel("Nom en anglais").fill("Follow-up");
    await own.getByRole("button", { name: "Enregistrer les motifs" }).click();
    await own.getByRole("button", { name: /Proposer lundi/ }).click();
    await own.getByLabel("lundi, de").first().fill("9h30");
    await own.getByLabel("lundi, à").first().fill("9h");
    await own.getByRole("button", { name: "Enregistrer les horaires" }).click();
    await own.getByText("La fin doit venir après le début.").waitFor();
    await own.getByLabel("lundi, à").first().fill("12");
    await own.getByRole("button", { name: "Enregistrer les horaires" }).click();
    const saved = () => own.getByText("Enregistré.").count();
    await eventually(async () => (await saved()) === 3, 10_000, "three forms saved");
    const doctorId = await own.evaluate<string>("fetch('/api/auth/me').then((r) => r.json()).then((me) => me.memberships[0].doctorId)");
    const doctor = await (await fetch(`${instance.url}/api/doctors/${doctorId}`)).json();
    expect(doctor).toMatchObject({ familyName: "Ferreira", specialty: "cardiology" });
    await eventually(
      async () =>
        ((await (await fetch(`${instance.url}/api/doctors/${doctorId}`)).json()) as { nextSlotAt?: string }).nextSlotAt !== undefined,
      10_000,
      "a bookable time",
    );

    const again = await context.newPage();
    await again.goto(link);
    await again.getByText("Inès Ferreira est connecté").waitFor();
    await again.getByLabel("Nouveau mot de passe", { exact: true }).first().fill(password);
    await again.keyboard.press("Enter");
    await again.getByRole("heading", { name: "Cette invitation a déjà servi" }).waitFor();

    await page.reload();
    await page
      .getByRole("row", { name: /Inès Ferreira/ })
      .getByRole("button")
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Mettre fin" }).click();
    await page.getByText("L’accès de Inès Ferreira a pris fin.").waitFor();
    const memberships = "fetch('/api/auth/me').then((r) => r.json()).then((me) => me.memberships.length)";
    await eventually(async () => (await own.evaluate<number>(memberships)) === 0, 5000, "access ended");
    expect(admin.faults).toEqual([]);
    await context.close();
    await admin.context.close();
  }, 90_000);
});

describe.skipIf(!chromiumPath)("the tools of the console", () => {
  test("an administrator runs the warehouse, reads its checks and verifies the access log", async () => {
    const { page, context, faults } = await openConsole("admin");
    // Where an administrator begins: the state of the installation, with every process in it.
    await page.getByRole("row", { name: /^alert prêt/ }).waitFor({ timeout: 15_000 });
    expect(await page.getByTestId("ops-state").textContent()).toMatch(/^\d+ points? à voir$/);
    await page.getByText("Aucune sauvegarde n’a jamais été faite.").waitFor();
    await page.getByText("Aucun message refusé.").waitFor();
    await page.getByRole("link", { name: "Calculs et contrôles" }).click();
    await page.getByRole("button", { name: "Lancer le calcul" }).click();
    await page.getByText("Calcul terminé").waitFor({ timeout: 60_000 });
    await page.getByText("Aucune mesure perdue").waitFor({ timeout: 15_000 });
    expect(await page.locator('.c-tag[data-tone="bad"]').count()).toBe(0);
    await page.getByRole("button", { name: "Vérifier la chaîne" }).click();
    await page.getByText("Chaîne intacte").waitFor({ timeout: 15_000 });
    expect(faults).toEqual([]);
    await context.close();
  }, 90_000);

  test("a doctor tries a rule on stored readings and publishes it; analytics look ahead; settings are kept", async () => {
    const { page, context, faults } = await openConsole("doctor");
    await page.goto(`${instance.url}/console/rules`);
    await page.getByRole("heading", { name: "SpO₂ basse" }).waitFor();
    await page.getByRole("link", { name: /^Modifier.*SpO₂ basse/ }).click();
    await page.getByLabel(/^Limite/).fill("quatre-vingt-huit");
    await page.keyboard.press("Tab");
    await page.getByText("Saisissez un nombre.").waitFor();
    await page.getByLabel(/^Limite/).fill("88,5");
    await page.getByText(/Essai\s:\s/).waitFor({ timeout: 20_000 });
    await page.getByRole("button", { name: "Publier la version 2" }).click();
    await page.getByText("version 2 publiée").waitFor();
    await page.locator(".r-sentence", { hasText: "88,5" }).waitFor();
    await page.goto(`${instance.url}/console/analytics`);
    await page.getByText("Semaine en cours et 4 suivantes comprises.").waitFor();
    await page.goto(`${instance.url}/console/settings`);
    await page.getByLabel("Compacte").check();
    await page.getByText("Enregistré.").waitFor();
    await page.reload();
    await eventually(() => page.evaluate<boolean>("document.documentElement.dataset.density === 'compact'"), 5000, "density kept");
    await page.getByLabel("Aérée").check();
    await page.getByText("Enregistré.").waitFor();
    expect(faults).toEqual([]);
    await context.close();
  }, 120_000);
});

/** One way to see the pages. Each page is scanned in two that share nothing, so it is seen in both languages, themes and widths. */
interface View {
  locale: "fr" | "en";
  theme: "light" | "dark";
  phone: boolean;
}
const view = (locale: View["locale"], theme: View["theme"], phone: boolean): View => ({ locale, theme, phone });

describe.skipIf(!chromiumPath)("accessibility, by an automated scan of WCAG 2.2 AA", () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  async function scan(page: Page, where: string): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    return violations.flatMap((found) => found.nodes.map((node) => `${where}: ${found.id} at ${node.target.join(" ")}`));
  }
  async function prefer(page: Page, { locale, theme, phone }: View): Promise<void> {
    await page.setViewportSize(phone ? { width: 390, height: 844 } : { width: 1440, height: 900 });
    await page.evaluate(
      (body) =>
        fetch("/api/auth/me/preferences", { method: "PUT", headers: { "content-type": "application/json" }, body }).then(() => undefined),
      JSON.stringify({ locale, theme }),
    );
    await page.evaluate(`localStorage.setItem("es.locale", "${locale}"); localStorage.setItem("es.theme", "${theme}")`);
  }
  /** Opens each page, waits until what it is for is there, and scans it. @param pages path and what shows that it is ready */
  async function walk(page: Page, look: View, pages: readonly (readonly [path: string, ready: string])[]): Promise<string[]> {
    const found: string[] = [];
    await prefer(page, look);
    for (const [path, ready] of pages) {
      await page.goto(`${instance.url}/console/${path}`);
      await page.locator(ready).first().waitFor({ timeout: 15_000 });
      await page.locator("[aria-busy=true]").first().waitFor({ state: "detached", timeout: 10_000 });
      const seen = await page.evaluate<unknown[]>(
        "[document.documentElement.lang, document.documentElement.dataset.theme, document.documentElement.scrollWidth <= innerWidth]",
      );
      expect([path, ...seen]).toEqual([path, look.locale, look.theme, true]);
      found.push(...(await scan(page, `${path} ${look.locale} ${look.theme}${look.phone ? " phone" : ""}`)));
    }
    return found;
  }
  const clinical = () =>
    [
      ["alerts", ".a-row"],
      ["alerts?tab=resolved", ".a-row, .a-empty"],
      [`patients/${device(1).patientId}`, ".p-live li"],
      ["agenda", ".g-visit, .g-closed"],
    ] as const;
  const desk = [
    ["patients", "[type=search]"],
    ["analytics", ".n-grid, [data-testid=analytics-empty]"],
    ["rules", ".r-sentence"],
    ["settings", ".s-choice"],
    ["settings/practice", ".h-week"],
    ["floor", ".f-board"],
  ] as const;
  const system = [
    ["system", ".o-body table"],
    ["system/data", ".c-card"],
    ["system/members", "table"],
  ] as const;

  test("no finding on the pages where patients are looked after", async () => {
    const { page, context } = await openConsole("doctor");
    // An open alert to look at.
    await desaturate("scan", device(1));
    await row(page).waitFor({ timeout: 15_000 });
    const found = [
      ...(await walk(page, view("fr", "light", false), clinical())),
      ...(await walk(page, view("en", "dark", true), clinical())),
    ];
    await context.close();
    expect(found).toEqual([]);
  }, 180_000);

  test("no finding on the other pages of a doctor", async () => {
    const { page, context } = await openConsole("doctor");
    const found = [...(await walk(page, view("fr", "dark", false), desk)), ...(await walk(page, view("en", "light", true), desk))];
    await context.close();
    expect(found).toEqual([]);
  }, 180_000);

  test("no finding on the pages of an administrator and behind an invitation", async () => {
    const { page, context } = await openConsole("admin");
    const found = [...(await walk(page, view("fr", "light", true), system)), ...(await walk(page, view("en", "dark", false), system))];
    await page.goto(`${instance.url}/console/invitation#${"x".repeat(43)}`);
    await page.getByRole("heading", { name: "Join the clinic" }).waitFor();
    await page.keyboard.press("Enter");
    found.push(...(await scan(page, "invitation")));
    await context.close();
    expect(found).toEqual([]);
  }, 120_000);
});
