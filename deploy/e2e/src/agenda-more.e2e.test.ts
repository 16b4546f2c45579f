import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import { listAppointments, listSlots } from "@episante/contracts/appointment";
import type { Browser, Page } from "playwright-core";
import { type Caller, until } from "./calls.ts";
import { addDays, take } from "./clinic.ts";
import { chromium, chromiumPath, type Instance, startInstance } from "./instance.ts";
import { focused, tabTo } from "./keyboard.ts";
import { accountOf, doctorOf, patientIdOf, signIn } from "./people.ts";

/*
 * The front desk in a real browser against the whole product, what goes beyond one visit: a series booked and ended by keys, a cancellation with its
 * reason that is taken back, and a file whose faulty row is named. Every step is scanned.
 */
let instance: Instance;
let browser: Browser;
let desk: Caller;
/** Start of a free time a week or so from now, of the first doctor. */
let start: string;
beforeAll(async () => {
  if (!chromiumPath) return;
  instance = await startInstance();
  [browser, desk] = await Promise.all([chromium(), signIn(instance, accountOf(instance, "staff"))]);
  const { doctorId, reasonId } = doctorOf(instance);
  const from = addDays(new Date().toISOString().slice(0, 10), 7);
  const { items } = await desk.call(listSlots, { query: { doctorId, reasonId, from, to: addDays(from, 7) } });
  const [first] = items;
  if (!first) throw new Error("the demo clinic has no free time in the week after next");
  start = first.start;
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await instance?.stop();
}, 60_000);

const faults: string[] = [];

/** A page of the console in French, signed in as staff. */
async function open(path: string): Promise<{ page: Page; close: () => Promise<void> }> {
  const context = await browser.newContext({
    locale: "fr-FR",
    timezoneId: "Europe/Paris",
    reducedMotion: "reduce",
    viewport: { width: 1440, height: 900 },
  });
  const { email, password } = accountOf(instance, "staff");
  expect((await context.request.post(`${instance.url}/api/auth/login`, { data: { email, password } })).status()).toBe(200);
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|TypeError|ReferenceError/i.test(message.text())) faults.push(message.text());
  });
  await page.goto(`${instance.url}/console${path}`);
  return { page, close: () => context.close() };
}
async function openAgenda() {
  const opened = await open(`/agenda?view=day&date=${start.slice(0, 10)}&doctors=${doctorOf(instance).doctorId}`);
  await opened.page.waitForSelector('.g-live[data-state="live"]');
  return opened;
}
async function scan(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  faults.push(...violations.map(({ id, nodes }) => `${what}: ${id} ${nodes[0]?.html.slice(0, 160)}`));
}
const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const message = (page: Page, text: string) => page.getByTestId("agenda-message").filter({ hasText: text }).waitFor();
const ofPatient = async (patientId: `pat_${string}`) => (await desk.call(listAppointments, { query: { patientId } })).items;

describe.skipIf(!chromiumPath)("the front desk, beyond one visit", () => {
  test("a series of three is booked by keys, and the second with what follows is cancelled: the first stands", async () => {
    const { page, close } = await openAgenda();
    const patientId = patientIdOf(instance, 3);
    const before = new Set((await ofPatient(patientId)).map(({ id }) => id));
    await press(page, "n");
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
    await page.keyboard.type("Vidal");
    await page.getByRole("option", { name: /VIDAL/ }).first().waitFor();
    await press(page, "Enter");
    await page.waitForFunction(() => document.activeElement?.tagName === "SELECT");
    await page.locator(".g-radios input").first().waitFor({ state: "attached" });
    await tabTo(page, /^Répéter…/);
    await press(page, "Enter");
    await page.waitForFunction(() => document.activeElement?.closest(".g-series"));
    await tabTo(page, /^Nombre de visites/);
    await press(page, "ControlOrMeta+a", "3");
    await page.waitForFunction(() => document.querySelectorAll(".g-dates li").length === 3);
    await page.getByText("3 visites sur 3 seront réservées").waitFor();
    await scan(page, "the dates of a series");
    await tabTo(page, /^Réserver la série/);
    await press(page, "Enter");
    await message(page, "Série réservée : 3 rendez-vous");
    const booked = (await ofPatient(patientId)).filter(({ id }) => !before.has(id)).sort((a, b) => a.start.localeCompare(b.start));
    expect(booked.map(({ occurrence }) => occurrence)).toEqual([1, 2, 3].map((number) => ({ number, of: 3 })));

    await page.waitForFunction(() => document.activeElement?.textContent?.includes("VIDAL"));
    await page.goto(`${page.url().replace(/date=[\d-]+/, `date=${booked[1]?.start.slice(0, 10)}`)}`);
    const second = page.locator(`.g-visit[data-spot$="${booked[1]?.id}"]`);
    await second.waitFor();
    await second.focus();
    await press(page, "Enter");
    await page.getByText("Visite 2 sur 3 de la série").waitFor();
    await tabTo(page, /^Série…/);
    await press(page, "Enter");
    await page.waitForFunction(() => document.activeElement?.getAttribute("type") === "radio");
    await press(page, "ArrowRight");
    await page.getByText("2 visites sur 2 seront annulées").waitFor();
    await scan(page, "a series to be cancelled");
    await tabTo(page, /^Annuler ces visites/);
    await press(page, "Enter");
    await message(page, "2 visites de la série annulées");
    const after = new Map((await ofPatient(patientId)).map(({ id, status }) => [id, status]));
    expect(booked.map(({ id }) => after.get(id))).toEqual(["booked", "cancelled", "cancelled"]);
    await close();
  }, 60_000);

  test("a visit is cancelled with a reason of the clinic's and taken back where it was, then from the list of the day", async () => {
    const { doctorId, reasonId } = doctorOf(instance);
    const { items } = await desk.call(listSlots, { query: { doctorId, reasonId, from: start.slice(0, 10), to: start.slice(0, 10) } });
    const time = items.at(-1)?.start;
    if (!time) throw new Error("the day has no free time left");
    const booked = await take(desk, { doctorId, r20: reasonId } as Parameters<typeof take>[1], time, {
      patientId: patientIdOf(instance, 1),
    });
    const stored = async () => (await ofPatient(booked.patientId)).find(({ id }) => id === booked.id);
    const { page, close } = await openAgenda();
    const visit = page.locator(`.g-visit[data-spot$="${booked.id}"]`);
    await visit.waitFor();
    const cancel = async () => {
      await visit.focus();
      await press(page, "Enter");
      // Its keys work once the panel has the focus.
      await page.waitForFunction(() => document.activeElement?.closest("[role=dialog]"));
      await press(page, "x");
      await page.waitForFunction(() => document.activeElement?.getAttribute("type") === "radio");
      await press(page, "Space");
    };
    await cancel();
    await scan(page, "why it is cancelled");
    await tabTo(page, /^Annuler la visite/);
    await press(page, "Enter");
    await message(page, "annulé");
    await until(
      stored,
      (now) => now?.status === "cancelled" && now.cancelReason === "Médecin absent" && now.cancelledBy === "staff",
      "why",
    );
    await page.getByText("Motif : Médecin absent").waitFor();
    await scan(page, "a cancelled visit");
    await press(page, "z");
    await visit.waitFor();
    expect((await stored())?.status).toBe("booked");

    await press(page, "Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await cancel();
    await tabTo(page, /^Annuler la visite/);
    await press(page, "Enter", "Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: /\d+ annulées?$/ }).focus();
    await press(page, "Enter");
    await page.getByRole("dialog", { name: "Visites annulées" }).getByText("Motif : Médecin absent").first().waitFor();
    await scan(page, "cancelled visits of the day");
    await tabTo(page, /^Rétablir.*LEMOINE/);
    await press(page, "Enter");
    await page.locator(".g-told", { hasText: "état précédent rétabli" }).waitFor();
    expect(await focused(page)).toContain("état précédent rétabli");
    expect((await stored())?.status).toBe("booked");
    await close();
  }, 60_000);

  test("a file of two visits with a fault is named by row and column, and nothing of it is written", async () => {
    const { doctorId, reasonId } = doctorOf(instance, 1);
    const patientId = patientIdOf(instance, 2);
    const before = (await ofPatient(patientId)).length;
    const day = addDays(start.slice(0, 10), 200);
    const row = (time: string) => [doctorId, patientId, reasonId, `${day} ${time}`].join(";");
    const { page, close } = await open("/settings/transfer");
    await page.getByRole("radio", { name: "Rendez-vous" }).check();
    await page.setInputFiles("input[type=file]", {
      name: "visites.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(["médecin;patient;motif;début", row("09:30"), row("25:30")].join("\r\n")),
    });
    await tabTo(page, /^Vérifier le fichier/);
    await press(page, "Enter");
    await page.getByText("1 faute : rien ne sera importé").waitFor();
    const cells = await page
      .getByRole("row", { name: /25:30|début/ })
      .last()
      .getByRole("cell")
      .allTextContents();
    expect([await page.getByRole("rowheader").textContent(), cells[0]]).toEqual(["3", "début"]);
    await scan(page, "faults of a file");
    expect((await ofPatient(patientId)).length).toBe(before);
    await close();
    expect(faults).toEqual([]);
  }, 60_000);
});
