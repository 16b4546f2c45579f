import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import { type Appointment, book, getAppointment, listSlots } from "@episante/contracts/appointment";
import type { Browser, Page } from "playwright-core";
import type { Caller } from "./calls.ts";
import { chromium, chromiumPath, type Instance, startInstance } from "./instance.ts";
import { accountOf, doctorOf, patientIdOf, signIn } from "./people.ts";

/*
 * The front desk's agenda in real browsers against the whole product: two screens in step, a visit moved by mouse and keys, a conflict seen
 * before the drop and one that only the server knows, a booking by telephone with the keyboard alone, a phone's width.
 */
let instance: Instance;
let browser: Browser;
let desk: Caller;
/** A day to come on which the first doctor has many free times, earliest first. */
let day: string;
let times: string[];
beforeAll(async () => {
  if (!chromiumPath) return;
  instance = await startInstance();
  browser = await chromium();
  desk = await signIn(instance, accountOf(instance, "staff"));
  const { doctorId, reasonId } = doctorOf(instance);
  const from = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  const to = new Date(Date.now() + 16 * 86_400_000).toISOString().slice(0, 10);
  const { items } = await desk.call(listSlots, { query: { doctorId, reasonId, from, to } });
  const byDay = Map.groupBy(items, ({ start }) => start.slice(0, 10));
  const [found] = [...byDay].filter(([, slots]) => slots.length >= 12);
  if (!found) throw new Error("the demo clinic has no day with twelve free times");
  [day, times] = [found[0], found[1].map(({ start }) => start)];
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await instance?.stop();
}, 60_000);

/** "Within two seconds", with room for a busy machine. */
const soon = 5000;
const faults: string[] = [];
let cookies: Awaited<ReturnType<Awaited<ReturnType<Browser["newContext"]>>["cookies"]>> | undefined;

/** The agenda of that day with two doctors, in French. `deaf`: its feed is cut, it hears nothing of what others do. */
async function openAgenda(look: { width?: number; theme?: "light" | "dark"; query?: string; deaf?: boolean } = {}) {
  const {
    width = 1440,
    theme = "light",
    query = `view=day&date=${day}&doctors=${doctorOf(instance).doctorId},${doctorOf(instance, 1).doctorId}`,
  } = look;
  const context = await browser.newContext({
    locale: "fr-FR",
    timezoneId: "Europe/Paris",
    reducedMotion: "reduce",
    colorScheme: theme,
    viewport: { width, height: 900 },
  });
  const { email, password } = accountOf(instance, "staff");
  if (cookies) await context.addCookies(cookies);
  else {
    await context.request.post(`${instance.url}/api/auth/login`, { data: { email, password } });
    cookies = await context.cookies();
  }
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|TypeError|ReferenceError/i.test(message.text())) faults.push(message.text());
  });
  if (look.deaf) await page.route("**/api/appointments/feed*", (route) => route.abort());
  await page.goto(`${instance.url}/console/agenda?${query}`);
  await page.waitForSelector(`.g-live[data-state="${look.deaf ? "lost" : "live"}"]`);
  return { page, close: () => context.close() };
}
function bookAt(start: string, patient: number): Promise<Appointment> {
  const { doctorId, reasonId } = doctorOf(instance);
  const body = { doctorId, reasonId, start, patientId: patientIdOf(instance, patient) };
  return desk.call(book, { body, headers: { "idempotency-key": crypto.randomUUID() } });
}
const visit = (page: Page, { id }: { id: string }) => page.locator(`.g-visit[data-spot$="${id}"]`);
const reread = ({ id }: { id: string }) => desk.call(getAppointment, { params: { id } });
const timeOf = (instant: string) =>
  new Intl.DateTimeFormat("fr-FR", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Paris" }).format(new Date(instant));
const timeAt = (index: number): string => {
  const time = times[index];
  if (!time) throw new Error(`no free time number ${index}`);
  return time;
};

describe.skipIf(!chromiumPath)("the agenda", () => {
  test("two screens stay in step, and neither loses its focus or its place", async () => {
    const here = await openAgenda();
    const there = await openAgenda();
    const booked = await bookAt(timeAt(0), 0);
    for (const { page } of [here, there]) await visit(page, booked).waitFor({ timeout: soon });
    const other = there.page.locator('.g-item[data-kind="free"] .g-slot').nth(5);
    await other.focus();
    const before = await there.page.evaluate(() => [
      document.activeElement?.getAttribute("data-spot"),
      document.querySelector(".g-cal")?.scrollTop,
    ]);
    await visit(here.page, booked).focus();
    await here.page.keyboard.press("a");
    await there.page.locator(`.g-visit[data-spot$="${booked.id}"][data-status="arrived"]`).waitFor({ timeout: soon });
    expect(await visit(there.page, booked).textContent()).toContain("arrivé");
    expect(
      await there.page.evaluate(() => [document.activeElement?.getAttribute("data-spot"), document.querySelector(".g-cal")?.scrollTop]),
    ).toEqual(before);
    await here.page.keyboard.press("z");
    await there.page.locator(`.g-visit[data-spot$="${booked.id}"][data-status="booked"]`).waitFor({ timeout: soon });
    await here.close();
    await there.close();
  }, 120_000);

  test("a drag onto another visit says so before the drop and leaves the visit; a drag to a free time moves it", async () => {
    const [first, second] = [await bookAt(timeAt(2), 1), await bookAt(timeAt(4), 2)];
    const { page, close } = await openAgenda();
    await visit(page, second).waitFor();
    const drag = async (to: { x: number; y: number }) => {
      const from = await visit(page, first).boundingBox();
      if (!from) throw new Error("the visit is not on screen");
      await page.mouse.move(from.x + 20, from.y + 8);
      await page.mouse.down();
      await page.mouse.move(to.x + 10, to.y + 14, { steps: 6 });
      await page.mouse.move(to.x + 20, to.y + 8, { steps: 3 });
    };
    const busy = await visit(page, second).boundingBox();
    if (!busy) throw new Error("the visit is not on screen");
    await drag(busy);
    await page.locator(".g-verdict", { hasText: "pris par" }).waitFor();
    await page.mouse.up();
    await page.locator(".g-refusal", { hasText: "n’a pas changé" }).waitFor();
    expect(await page.locator(".g-others button").count()).toBeGreaterThan(0);
    expect((await reread(first)).start).toBe(first.start);
    await page.keyboard.press("Escape");
    await page.locator(".g-move").waitFor({ state: "detached" });
    const free = await page
      .locator(`.g-lane[data-doctor="${doctorOf(instance).doctorId}"] .g-item[data-kind="free"]`)
      .first()
      .boundingBox();
    if (!free) throw new Error("no free time on screen");
    await drag(free);
    await page.locator('.g-verdict[data-verdict="free"]').waitFor();
    await page.mouse.up();
    await page.getByTestId("agenda-message").filter({ hasText: "Rendez-vous déplacé" }).waitFor();
    expect((await reread(first)).start).not.toBe(first.start);
    await close();
  }, 120_000);

  test("a visit is moved by keys; a time that was taken meanwhile is refused with others, and the visit stays", async () => {
    const moved = await bookAt(timeAt(6), 3);
    const { page, close } = await openAgenda({ deaf: true });
    await visit(page, moved).focus();
    expect(await page.getByTestId("agenda-lost").textContent()).toContain("Agenda figé depuis");
    const rival = await bookAt(timeAt(8), 4);
    await page.keyboard.press("m");
    await page.locator(".g-move").waitFor();
    const steps = (Date.parse(rival.start) - Date.parse(moved.start)) / 300_000;
    for (let count = 0; count < steps; count += 1) await page.keyboard.press("ArrowDown");
    await page
      .locator(".g-move p", { hasText: timeOf(rival.start) })
      .first()
      .waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".g-refusal", { hasText: "n’a pas changé" }).waitFor();
    const others = page.locator(".g-others button");
    expect(await others.count()).toBe(3);
    expect((await reread(moved)).start).toBe(moved.start);
    await others.first().focus();
    await page.keyboard.press("Enter");
    await page.getByTestId("agenda-message").filter({ hasText: "Rendez-vous déplacé" }).waitFor();
    expect((await reread(moved)).start).not.toBe(moved.start);
    await close();
  }, 120_000);

  test("a caller is booked with the keyboard alone: a new file, a warning when it is known, a time, Enter", async () => {
    const { page, close } = await openAgenda();
    const press = (...keys: string[]) => keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
    await press("n");
    await page.getByRole("combobox", { name: "Patient" }).waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
    await page.keyboard.type("Vannier");
    await page.getByText("Aucun patient trouvé.").waitFor();
    await press("Tab", "Enter");
    await page.getByLabel("Prénom").waitFor();
    await press("Tab");
    await page.keyboard.type("Odette");
    await press("Tab");
    await page.keyboard.type("9/7/1938");
    await press("Tab");
    await page.keyboard.type("06 55 44 33 22");
    await press("Enter");
    await page.waitForFunction(() => document.activeElement?.tagName === "SELECT");
    await page.locator(".g-radios input").first().waitFor({ state: "attached" });
    await press("Tab", "Enter");
    await page.getByTestId("agenda-message").filter({ hasText: "Rendez-vous réservé : VANNIER Odette" }).waitFor();
    await page.locator(".g-visit", { hasText: "VANNIER Odette" }).waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent?.includes("VANNIER Odette"));

    await press("n");
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
    await page.keyboard.type("+33 6 55 44 33 22");
    await page.getByRole("option", { name: /VANNIER Odette/ }).waitFor();
    await page.getByRole("button", { name: "Nouveau patient" }).click();
    for (const [label, text] of [
      ["Nom", "Vannier"],
      ["Prénom", "O."],
      ["Date de naissance", "09071938"],
    ] as const)
      await page.getByLabel(label, { exact: true }).fill(text);
    await press("Enter");
    await page.getByText("Déjà connus du cabinet").waitFor();
    expect(await page.locator(".g-others button").count()).toBe(1);
    await press("Escape");
    await close();
  }, 120_000);

  test("a closed time says why in plain words, for the very time", async () => {
    const { page, close } = await openAgenda();
    const closed = page.locator(`.g-lane[data-doctor="${doctorOf(instance).doctorId}"] .g-item[data-kind="closed"] .g-slot`).first();
    await closed.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("Hors des horaires de").waitFor();
    expect(await page.getByRole("dialog").getByRole("heading").textContent()).toContain("non réservable");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await closed.evaluate((element) => element === document.activeElement)).toBe(true);
    await close();
  }, 30_000);

  test("every view, panel, theme and width is free of accessibility findings, and a phone never scrolls sideways", async () => {
    const scan = async (page: Page, what: string) => {
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
      expect([what, violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)]).toEqual([what, []]);
    };
    for (const [theme, width, view] of [
      ["light", 1440, "week"],
      ["dark", 1440, "month"],
      ["dark", 390, "week"],
      ["light", 390, "day"],
    ] as const) {
      const { page, close } = await openAgenda({ theme, width, query: `view=${view}&date=${day}&doctors=${doctorOf(instance).doctorId}` });
      await page
        .locator(view === "month" ? ".g-month" : ".g-visit[data-spot]")
        .first()
        .waitFor();
      await scan(page, `${view} ${theme} ${width}`);
      expect([view, width, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)]).toEqual([view, width, true]);
      if (view === "day") {
        await page.locator(".g-visit[data-spot]").first().click();
        await page.getByRole("dialog").waitFor();
        await scan(page, "a visit");
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await page.keyboard.press("n");
        await page.getByRole("dialog").waitFor();
        await scan(page, "booking");
      }
      await close();
    }
    expect(faults).toEqual([]);
  }, 180_000);
});
