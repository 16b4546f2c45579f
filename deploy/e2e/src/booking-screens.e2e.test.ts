import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import { type Appointment, listAppointments, listHeld } from "@episante/contracts/appointment";
import { endProxy, requestRelative, verifyProxy } from "@episante/contracts/patient";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { type Caller, until } from "./calls.ts";
import {
  addDays,
  lyon,
  mondayBeforeClockChange,
  newDoctor,
  newPatient,
  type Person,
  type Practice,
  password,
  setClock,
  take,
} from "./clinic.ts";
import { chromium, chromiumPath, type Instance, startInstance } from "./instance.ts";
import { announced, focused, keepAnnouncements, tabTo } from "./keyboard.ts";
import { type Account, accountOf, signIn } from "./people.ts";

/*
 * Booking in real browsers under the test clock: a time that is held, given back, lost and found again with the keyboard alone, with what a screen
 * reader is told; a phone in French; a relative whose link ends while the page is open; and a scan of every state on the way.
 */
let instance: Instance;
let browser: Browser;
let admin: Caller;
let desk: Caller;
const monday = mondayBeforeClockChange();
const wednesday = addDays(monday, 2);
beforeAll(async () => {
  if (!chromiumPath) return;
  instance = await startInstance(["--test-clock"]);
  await setClock(instance, { at: lyon(monday, "08:00") });
  [admin, desk, browser] = await Promise.all([
    signIn(instance, accountOf(instance, "admin")),
    signIn(instance, accountOf(instance, "staff")),
    chromium(),
  ]);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await instance?.stop();
}, 60_000);

interface Look {
  readonly locale: "fr" | "en";
  readonly theme?: "light" | "dark";
  readonly phone?: boolean;
  /** Where the device is; Lyon unless said. */
  readonly zone?: string;
  /** Its clock can be wound on. */
  readonly windable?: boolean;
}
const faults: string[] = [];
const findings: string[] = [];
const wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** A browser of its own, signed in. */
async function open(who: Person | Account, { locale, theme = "light", phone = false, zone = "Europe/Paris", windable = false }: Look) {
  const context: BrowserContext = await browser.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 1000 },
    hasTouch: phone,
    colorScheme: theme,
    locale: locale === "fr" ? "fr-FR" : "en-GB",
    timezoneId: zone,
    reducedMotion: "reduce",
  });
  await context.addInitScript(`localStorage.setItem("es.locale", "${locale}"); localStorage.setItem("es.theme", "${theme}")`);
  await context.addInitScript(keepAnnouncements);
  const data = { email: who.email, password: "password" in who ? who.password : password };
  expect((await context.request.post(`${instance.url}/api/auth/login`, { data })).status()).toBe(200);
  const page = await context.newPage();
  if (windable) await page.clock.install();
  page.on("pageerror", (error) => faults.push(`${page.url()} ${error.message}`));
  page.on("console", (message) => {
    if (/Content.Security.Policy|Refused to|TypeError|ReferenceError/i.test(message.text())) faults.push(`${page.url()} ${message.text()}`);
  });
  return { page, close: () => context.close() };
}
const go = (page: Page, path: string) => page.goto(instance.url + path);
const timesOf = ({ doctorId, r20 }: Practice) => `/doctors/${doctorId}?reason=${r20}`;

/** Scans what is on screen; the findings of all states are judged at the end. */
async function scan(page: Page, state: string): Promise<void> {
  // The whole page in view: a sticky bar over a half-scrolled control is no finding.
  const size = page.viewportSize() ?? { width: 1440, height: 1000 };
  await page.setViewportSize({ ...size, height: (await page.evaluate<number>("document.documentElement.scrollHeight")) + 200 });
  const { violations } = await new AxeBuilder({ page }).withTags(wcag).setLegacyMode().analyze();
  findings.push(...violations.map(({ id, nodes }) => `${state}: ${id} ${nodes[0]?.html.slice(0, 160)}`));
  if ((await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")) > 0) findings.push(`${state} scrolls sideways`);
  await page.setViewportSize(size);
}
const seconds = 1_000;
/** A time as the French screens write it: `9 h 20`, `10 h`. */
const inFrench = (time: string) => {
  const [hour, minute] = time.split(":").map(Number);
  return new RegExp(`${hour}\\sh${minute ? `\\s${minute}` : "(?!\\s\\d)"}`);
};

describe.skipIf(!chromiumPath)("booking on screen", () => {
  test("2. by keys alone: hold, go back, lose the time to somebody else, confirm too late, take another, let it run out, book it; all of it announced", async () => {
    // Wednesdays only: both see the same day at once.
    const practice = await newDoctor(instance, admin, "Lapatience", { schedule: { windows: [{ day: 3, from: "09:00", to: "12:00" }] } });
    const [keys, rival] = [await newPatient(instance, "Clavier"), await newPatient(instance, "Vivement")];
    const [{ page, close }, other] = [
      await open(keys, { locale: "fr", windable: true }),
      await open(rival, { locale: "en", theme: "dark" }),
    ];
    const half = inFrench("09:20");
    const gone = (of: Page, hasText: RegExp | string) => of.locator(".slots .slot[data-gone]", { hasText });
    const free = (of: Page, hasText: RegExp | string) => of.locator(".slots .slot:not([data-gone])", { hasText });
    const heldTimes = async () => {
      const { items } = await desk.call(listHeld, { query: { doctorIds: practice.doctorId } });
      return items.map(({ start }) => start);
    };
    const onStep = async () => {
      await page.getByRole("heading", { level: 1, name: "Vérifiez, puis confirmez" }).waitFor();
      await page.locator(".hold [role=timer]").waitFor();
    };
    await go(other.page, timesOf(practice));
    await free(other.page, "09:20").waitFor();

    await go(page, timesOf(practice));
    await free(page, half).waitFor();
    await tabTo(page, inFrench("09:00"));
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await tabTo(page, /^Continuer$/);
    await page.keyboard.press("Enter");
    await onStep();
    // The new step is read from its heading: that has the focus, and the step's number stands above it.
    expect([await page.evaluate("document.activeElement.tagName"), await page.title()]).toEqual([
      "H1",
      "Vérifiez, puis confirmez · EpiSanté",
    ]);
    expect(await page.locator(".stepno").textContent()).toBe("Étape 3 sur 3");
    expect(await page.locator(".hold [role=timer] .sr").textContent()).toMatch(/^Il reste [45] min/);
    expect(await heldTimes()).toEqual([lyon(wednesday, "09:20")]);
    await gone(other.page, "09:20").waitFor({ timeout: 5 * seconds });
    expect(await announced(other.page)).toContain("09:20 is no longer free. The other times are up to date.");
    await scan(page, "held");

    await tabTo(page, /^Horaires$/, { key: "Shift+Tab" });
    await page.keyboard.press("Enter");
    await page.locator(".slots .slot[aria-pressed='true']", { hasText: half }).waitFor();
    expect(await gone(page, half).count()).toBe(0);
    await free(other.page, "09:20").waitFor({ timeout: 5 * seconds });
    expect(await heldTimes()).toEqual([]);
    await tabTo(page, /^Continuer$/);
    await page.keyboard.press("Enter");
    await onStep();
    await gone(other.page, "09:20").waitFor({ timeout: 5 * seconds });

    // The page does not know that its time is over, as after a sleep: whoever comes first has it.
    await setClock(instance, { advanceSeconds: 301 });
    await free(other.page, "09:20").waitFor({ timeout: 5 * seconds });
    await free(other.page, "09:20").click();
    await other.page.getByRole("button", { name: "Continue" }).click();
    await other.page.getByRole("button", { name: "Confirm the appointment" }).click();
    await other.page.getByRole("heading", { level: 1, name: /Appointment confirmed/ }).waitFor();
    await scan(other.page, "confirmed");

    const answered = page.waitForResponse((response) => response.url().endsWith("/api/appointments"));
    await tabTo(page, /^Confirmer le rendez-vous$/);
    await page.keyboard.press("Enter");
    const late = await answered;
    expect([late.status(), ((await late.json()) as { code: string }).code]).toEqual([409, "hold-expired"]);
    const expired = "Le créneau n’est plus gardé pour vous. Vos informations sont conservées.";
    await page.locator(".hold", { hasText: expired }).waitFor();
    await until(
      () => announced(page),
      (texts) => texts.includes(expired),
      "the late answer is announced",
      2 * seconds,
    );
    expect(await focused(page)).toContain("Confirmer le rendez-vous");
    const kept = await page.getByRole("region", { name: "Votre rendez-vous" }).textContent();
    for (const part of [half, /Consultation/, new RegExp(practice.familyName)]) expect(kept).toMatch(part);
    await scan(page, "expired");

    await tabTo(page, /^Vérifier s’il est encore libre$/, { key: "Shift+Tab" });
    await page.keyboard.press("Enter");
    const taken = page.getByTestId("slot-taken");
    await taken.waitFor();
    await until(
      () => focused(page),
      (name) => name.includes("vient d’être pris"),
      "the refusal has the focus",
      2 * seconds,
    );
    expect(await taken.getByRole("button").count()).toBe(3);
    await scan(page, "taken");
    await page.keyboard.press("Tab");
    const [, hour = "", minute = "00"] = /(\d+)\sh(?:\s(\d\d))?/.exec(await focused(page)) ?? [];
    const another = `${hour.padStart(2, "0")}:${minute}`;
    await page.keyboard.press("Enter");
    await taken.waitFor({ state: "detached" });
    await onStep();
    expect(await page.getByRole("region", { name: "Votre rendez-vous" }).textContent()).toMatch(inFrench(another));
    await until(
      () => focused(page),
      (name) => name.includes("Vérifiez, puis confirmez"),
      "the step is read anew",
      2 * seconds,
    );

    // The countdown speaks twice and at its end; what was chosen stays.
    for (const step of [200, 60, 45]) {
      await setClock(instance, { advanceSeconds: step });
      await page.clock.fastForward(step * seconds);
      await Bun.sleep(400);
    }
    await page.locator(".hold", { hasText: expired }).waitFor();
    await until(
      () => announced(page),
      (texts) => texts.filter((text) => text === expired).length === 2,
      "the end of the hold is announced",
      2 * seconds,
    );
    const spoken = await announced(page);
    expect(spoken).toContain("Encore 2 minutes pour confirmer.");
    expect(spoken).toContain("Encore 1 minute pour confirmer. Garder 5 minutes de plus ?");
    await tabTo(page, /^Vérifier s’il est encore libre$/, { most: 80 });
    await page.keyboard.press("Enter");
    await page.locator(".hold [role=timer]").waitFor();
    await tabTo(page, /^Confirmer le rendez-vous$/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Rendez-vous confirmé" }).waitFor();
    expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");

    expect(await heldTimes()).toEqual([]);
    const agenda = await desk.call(listAppointments, {
      query: { doctorId: practice.doctorId, from: lyon(wednesday, "00:00"), to: lyon(addDays(wednesday, 1), "00:00") },
    });
    const booked = [
      [lyon(wednesday, "09:20"), rival.patientId],
      [lyon(wednesday, another), keys.patientId],
    ];
    expect(agenda.items.map(({ start, patientId }) => [start, patientId] as string[]).sort()).toEqual(booked.sort());
    await close();
    await other.close();
  }, 120_000);

  test("on a phone in French, far away where it is another day: a time of the clinic's day by touch, confirmed, moved, not cancelled without a yes", async () => {
    const practice = await newDoctor(instance, admin, "Lapoche", { r20: { cancelHours: 4, moveHours: 24 } });
    const { page, close } = await open(await newPatient(instance, "Telephone"), {
      locale: "fr",
      phone: true,
      theme: "dark",
      zone: "Pacific/Auckland",
    });
    await go(page, timesOf(practice));
    // Said with the whole date and how many times are free, not as a bare number.
    const words = new Intl.DateTimeFormat("fr-FR", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
    const day = page.getByRole("button", { name: new RegExp(`${words.format(new Date(wednesday))}.*, \\d libres`, "i") });
    await day.tap();
    await page.locator(".slots .slot", { hasText: inFrench("10:00") }).tap();
    await scan(page, "times on a phone");
    await page.getByRole("button", { name: "Continuer" }).tap();
    await page.locator(".hold [role=timer]").waitFor();
    await scan(page, "held on a phone");
    await page.getByRole("button", { name: "Confirmer le rendez-vous" }).tap();
    await page.getByRole("heading", { level: 1, name: "Rendez-vous confirmé" }).waitFor();
    await page.locator("a[href$='/move']").first().tap();
    await day.tap();
    await page.locator(".slots .slot", { hasText: inFrench("11:00") }).tap();
    await scan(page, "moving on a phone");
    await page.locator(".bar button").tap();
    await page.waitForURL(/\/appointments\/apt_[0-9a-f]+$/);
    await page.getByText(inFrench("11:00")).first().waitFor();
    await scan(page, "moved on a phone");
    await page
      .getByRole("button", { name: /^Annuler/ })
      .first()
      .tap();
    await page.getByRole("dialog").waitFor();
    await scan(page, "a question on a phone");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const query = { doctorId: practice.doctorId, from: lyon(monday, "00:00"), to: lyon(addDays(monday, 7), "00:00") };
    expect((await desk.call(listAppointments, { query })).items.map(({ status, start }) => [status, start])).toEqual([
      ["booked", lyon(wednesday, "11:00")],
    ]);
    await close();
  }, 90_000);

  test("8. a link that ends while the relative's page is open: the next step shows nothing of the relative any more, and says so", async () => {
    const practice = await newDoctor(instance, admin, "Ledepart");
    const mother = await newPatient(instance, "Lien");
    const child = { givenName: "Armelle", familyName: "Lien", birthDate: "2019-09-01" };
    const { id } = await mother.caller.call(requestRelative, { body: { ...child, basis: "parent", scopes: ["book"] } });
    const { patient } = await desk.call(verifyProxy, { params: { id }, body: { basis: "parent", seen: "livret de famille" } });
    const patientId = patient?.id;
    if (!patientId) throw new Error("the child has no file");
    const visit: Appointment[] = [];
    await until(
      async () => visit.push(await take(mother.caller, practice, lyon(wednesday, "09:00"), { patientId }).catch(() => null as never)),
      () => visit.at(-1) !== null,
      "the link at the agenda",
    );
    const { page, close } = await open(mother, { locale: "en" });
    await go(page, "/appointments");
    await page.getByLabel("Act for").selectOption({ label: "Armelle Lien" });
    const link = page.locator(`a[href^='/appointments/${visit.at(-1)?.id}']`).first();
    await link.waitFor();
    await scan(page, "acting for a relative");
    await desk.call(endProxy, { params: { id } });
    await link.click();
    await page.getByText("You can no longer act for Armelle Lien", { exact: false }).waitFor({ timeout: 5 * seconds });
    expect(await page.locator("main").textContent()).not.toMatch(/Armelle|Ledepart|09:00/);
    await page.goBack();
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await page.locator("main").textContent()).not.toMatch(/Armelle|Ledepart|09:00/);
    await close();
  }, 60_000);

  test("the pages around a booking, in both languages, themes and widths", async () => {
    const patient = accountOf(instance, "patient");
    const pages = ["/account/relatives", "/appointments/calendar", "/waitlist", "/appointments?tab=waitlist"];
    const settings = ["absences", "closures", "missed-visits"].map((name) => `/console/settings/${name}`);
    for (const look of [
      { locale: "fr", theme: "light", phone: true },
      { locale: "en", theme: "dark", phone: false },
    ] as const) {
      for (const [who, paths] of [
        [patient, pages],
        [accountOf(instance, "staff"), settings],
      ] as const) {
        const { page, close } = await open(who, look);
        for (const path of paths) {
          await go(page, path);
          await page.locator("h1").first().waitFor();
          await page.waitForLoadState("networkidle").catch(() => undefined);
          await scan(page, `${path} ${look.locale} ${look.theme}`);
        }
        await close();
      }
    }
  }, 120_000);

  test("no state of all these has an accessibility finding, and no page a fault", () => {
    expect(findings).toEqual([]);
    expect(faults).toEqual([]);
  });
});
