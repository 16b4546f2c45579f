import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, Page, Request } from "playwright-core";
import { chromium, chromiumPath, eventually, type Instance, startInstance } from "./instance.ts";
import { tabTo } from "./keyboard.ts";

/*
 * A patient in a real browser against the whole product: finds a doctor, books with the keyboard alone, loses a race,
 * cancels, and reads the confirmation in the capture inbox; then every main page is scanned in both themes and languages.
 */
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

type Look = { locale: "fr" | "en"; theme: "light" | "dark"; width: 390 | 1440 };
const faults: string[] = [];

async function visitor(look: Partial<Look> = {}, run: (page: Page, context: BrowserContext) => Promise<void> = async () => undefined) {
  const { locale = "en", theme = "light", width = 1440 } = look;
  const context = await browser.newContext({
    viewport: { width, height: width === 390 ? 844 : 1000 },
    colorScheme: theme,
    locale: locale === "fr" ? "fr-FR" : "en-GB",
    timezoneId: "Europe/Paris",
    reducedMotion: "reduce",
  });
  await context.addInitScript(`localStorage.setItem("es.locale", "${locale}")`);
  const page = await context.newPage();
  follow(page);
  page.on("pageerror", (error) => faults.push(`${page.url()} ${error.message}`));
  page.on("console", (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) faults.push(`${page.url()} ${message.text()}`);
  });
  try {
    await run(page, context);
  } finally {
    await context.close();
  }
}

const patient = (index: number) => {
  const found = instance.demo.accounts.filter((account) => account.role === "patient")[index];
  if (!found) throw new Error("the demo clinic has too few patients");
  return found;
};

async function signIn(page: Page, account: { email: string; password: string }): Promise<void> {
  await page.goto(`${instance.url}/sign-in?next=/appointments`);
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "My appointments" }).waitFor();
}

/** Cookies of accounts already signed in: hashing a password once for each person is enough. */
const sessions = new Map<string, Awaited<ReturnType<BrowserContext["cookies"]>>>();
async function remember(context: BrowserContext, { email, password }: { email: string; password: string }): Promise<void> {
  const known = sessions.get(email);
  if (known) return context.addCookies(known);
  const answer = await context.request.post(`${instance.url}/api/auth/login`, { data: { email, password } });
  expect(answer.status()).toBeLessThan(300);
  sessions.set(email, await context.cookies());
}

/** From a doctor's times to the step where a time is held. */
async function holdFirst(page: Page, doctorId: string): Promise<void> {
  await page.goto(`${instance.url}/doctors/${doctorId}`);
  await page.locator(".slots .slot").first().click();
  await page.locator(".bar button").click();
  await page.locator(".hold [role=timer]").waitFor();
}

/** Requests of a page that have no answer yet, and how many there were at all. */
const traffic = new WeakMap<Page, { open: Set<Request>; count: number }>();
function follow(page: Page): void {
  const seen = { open: new Set<Request>(), count: 0 };
  traffic.set(page, seen);
  page.on("request", (request) => {
    seen.open.add(request);
    seen.count += 1;
  });
  const end = (request: Request) => seen.open.delete(request);
  page.on("requestfinished", end);
  page.on("requestfailed", end);
}

/** Waits until a page shows its heading, every request is answered, and two frames later none has followed. */
async function settled(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  const seen = traffic.get(page);
  await eventually(
    async () => {
      const before = seen?.count;
      await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
      return seen?.open.size === 0 && seen.count === before && (await page.locator("[aria-busy=true], .skeleton").count()) === 0;
    },
    15_000,
    `${page.url()} settles`,
  );
}
/** Every text of the page made 40 % longer, as another language might. */
const lengthenWords = `(() => {
  const walker = document.createTreeWalker(document.querySelector(".patient"), NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) text.data = text.data.replace(/[\\p{L}]{2,}/gu, (word) => word + word.slice(0, Math.ceil(word.length * 0.4)));
})()`;
const watchShift = `(() => {
  let sum = 0;
  const observer = new PerformanceObserver(add);
  function add(list) { for (const entry of list.getEntries()) sum += entry.value; }
  observer.observe({ type: "layout-shift", buffered: true });
  globalThis.shiftSoFar = () => { add({ getEntries: () => observer.takeRecords() }); return sum; };
})()`;

const sidewaysScroll = "document.documentElement.scrollWidth - innerWidth";

describe.skipIf(!chromiumPath)("a patient books", () => {
  test("with the keyboard only: search, choose, register inside the flow, confirm, read the mail", async () => {
    await visitor({}, async (page) => {
      await page.goto(instance.url);
      await page.locator(".daycol .slot").first().waitFor();
      await tabTo(page, /Skip to content/);
      await tabTo(page, /Doctor or speciality/);
      await page.keyboard.type("dermatologist");
      await page.getByRole("heading", { name: /^\d+ doctors?$/ }).waitFor();
      await page.waitForURL(/q=dermatologist/);
      await page.locator(".result").filter({ hasNotText: "Dermatologist" }).first().waitFor({ state: "detached" });
      await tabTo(page, /See all times/, { most: 80 });
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/doctors\//);
      const day = page.locator(".day[aria-pressed='true']");
      await day.waitFor();
      expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");

      // Days by arrows, times by arrows, Enter chooses; nothing is held by choosing.
      await tabTo(page, /\d+ free/);
      const before = await day.textContent();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowLeft");
      expect(await day.textContent()).toBe(before);
      const times = page.locator(".slots .slot");
      // Late in the day its first day may have one time left.
      for (let days = 0; days < 7 && (await times.count()) < 2; days++) {
        await page.keyboard.press("ArrowRight");
        await times.first().waitFor();
      }
      await tabTo(page, /\d\d:\d\d/);
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      const chosen = page.locator(".slots .slot[aria-pressed='true']");
      expect(await chosen.count()).toBe(1);
      expect(await times.nth(1).getAttribute("aria-pressed")).toBe("true");
      const time = (await chosen.locator(".t").textContent()) ?? "";
      await tabTo(page, /^Continue$/);
      await page.keyboard.press("Enter");

      // No account yet: the choice stays on screen while one is made.
      await page.getByRole("heading", { level: 1, name: "Sign in to keep this time" }).waitFor();
      expect(await page.locator(".visit").textContent()).toContain(time);
      await tabTo(page, /I have an account/);
      await page.keyboard.press("ArrowRight");
      const email = `nadia.${Date.now()}@patients.example`;
      for (const [label, value] of [
        [/First name/, "Nadia"],
        [/Family name/, "Keller"],
        [/^ ?Day/, "9"],
        [/^ ?Month/, "11"],
        [/^ ?Year/, "1958"],
        [/Email/, email],
        [/Choose a password/, "four easy words here"],
      ] as const) {
        await tabTo(page, label);
        await page.keyboard.type(value);
      }
      await page.keyboard.press("Enter");

      // The hold is taken by itself; its extension is the first stop of the step.
      await page.getByRole("heading", { level: 1, name: "Check, then confirm" }).waitFor();
      await page.locator(".hold [role=timer]").waitFor();
      await tabTo(page, /Confirm the appointment/);
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: /Appointment confirmed/ }).waitFor();
      expect(await page.locator(".visit").textContent()).toContain(time);
      await page.getByText("Sent", { exact: true }).waitFor({ timeout: 30_000 });

      await page.goto(`${instance.url}/mail`);
      const mail = page.getByTestId("captured-mail").first();
      await mail.waitFor({ timeout: 30_000 });
      expect(await mail.textContent()).toContain(email);
      expect(await mail.textContent()).toContain(time);
      expect(await mail.getByRole("heading").textContent()).not.toMatch(/dermatolog/i);
    });
  }, 120_000);

  test("a double click books once, and the loser of a race gets three free times with the form kept", async () => {
    await visitor({}, async (winner) => {
      await visitor({}, async (loser) => {
        await remember(winner.context(), patient(0));
        await remember(loser.context(), patient(1));
        const doctorId = instance.demo.doctors[2]?.id;
        for (const page of [winner, loser]) {
          await page.goto(`${instance.url}/doctors/${doctorId}`);
          await page.locator(".slots .slot").first().click();
        }
        await winner.getByRole("button", { name: "Continue" }).click();
        const confirm = winner.getByRole("button", { name: "Confirm the appointment" });
        await winner.locator(".hold [role=timer]").waitFor();
        const posts: string[] = [];
        winner.on("request", (request) => {
          if (request.method() === "POST" && request.url().endsWith("/api/appointments")) posts.push(request.url());
        });
        await confirm.dblclick();
        await winner.getByRole("heading", { level: 1, name: /Appointment confirmed/ }).waitFor();
        expect(posts).toHaveLength(1);

        await loser.getByRole("button", { name: "Continue" }).click();
        const taken = loser.getByTestId("slot-taken");
        await taken.waitFor();
        expect(await taken.textContent()).toContain("This time has just been taken. Here are the three closest:");
        expect(await taken.getByRole("button").count()).toBe(3);
        await taken.getByRole("button").first().click();
        await loser.getByRole("heading", { level: 1, name: "Check, then confirm" }).waitFor();
        await loser.locator(".hold [role=timer]").waitFor();
      });
    });
  }, 120_000);

  test("going back gives the time free again, and a reload under a hold keeps it", async () => {
    await visitor({}, async (page) => {
      await remember(page.context(), patient(2));
      await page.goto(`${instance.url}/doctors/${instance.demo.doctors[3]?.id}`);
      await page.locator(".slots .slot").first().click();
      await page.getByRole("button", { name: "Continue" }).click();
      await page.locator(".hold [role=timer]").waitFor();
      await page.reload();
      await page.locator(".hold [role=timer]").waitFor();
      const released = page.waitForRequest((request) => request.method() === "DELETE" && request.url().includes("/holds/"));
      await page.getByRole("link", { name: "Times" }).click();
      await released;
      await page.locator(".slots .slot[aria-pressed='true']").waitFor();
    });
  }, 60_000);

  test("a visit is cancelled only after a question, and the list says so", async () => {
    await visitor({}, async (page) => {
      await remember(page.context(), patient(0));
      await page.goto(`${instance.url}/appointments`);
      const rows = page.locator("section[aria-labelledby=upcoming] li");
      await rows.first().waitFor();
      const count = await rows.count();
      await page
        .getByRole("button", { name: /^Cancel/ })
        .last()
        .click();
      const question = page.getByRole("dialog");
      await question.waitFor();
      expect(await question.textContent()).toContain("Cancel the appointment on");
      await page.keyboard.press("Escape");
      await question.waitFor({ state: "detached" });
      expect(await rows.count()).toBe(count);
      await page
        .getByRole("button", { name: /^Cancel/ })
        .last()
        .click();
      await question.getByRole("button", { name: "Cancel the appointment" }).click();
      await page.locator("section[aria-labelledby=past] li").filter({ hasText: "cancelled" }).first().waitFor();
      expect(await rows.count()).toBe(count - 1);
    });
  }, 60_000);

  test("after signing out, going back shows nothing of the account", async () => {
    await visitor({}, async (page) => {
      const account = patient(0);
      await signIn(page, account);
      await page.goto(`${instance.url}/account`);
      await page.getByText(account.email).waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("link", { name: "Sign in" }).waitFor();
      await page.goBack();
      await page.getByRole("heading", { name: "Sign in" }).first().waitFor();
      expect(await page.locator("body").textContent()).not.toContain(account.email);
    });
  }, 60_000);
});

describe.skipIf(!chromiumPath)("pages of the patient app", () => {
  /** Paths of every page; `held` books a step further first. Each is scanned at least once, each look at least twice. */
  const paths = () => {
    const doctor = instance.demo.doctors[1];
    return {
      search: "/",
      nothing: "/?q=zzzz",
      doctor: `/doctors/${doctor?.id}`,
      identify: `/book?${new URLSearchParams({ doctorId: doctor?.id ?? "", reasonId: doctor?.reasons[0]?.id ?? "", start: "2030-01-07T08:00:00Z" })}`,
      signIn: "/sign-in",
      register: "/sign-in?new=1",
      nowhere: "/nowhere",
      appointments: "/appointments",
      appointment: visitPath,
      vitals: "/vitals",
      devices: "/devices",
      account: "/account",
      mail: "/mail",
    };
  };
  type PageName = keyof ReturnType<typeof paths> | "held";
  let visitPath = "";
  const looks: [Look, PageName[]][] = [
    [{ locale: "fr", theme: "light", width: 390 }, ["search", "held"]],
    [{ locale: "fr", theme: "dark", width: 390 }, ["register", "appointment"]],
    [{ locale: "en", theme: "light", width: 390 }, ["doctor", "account"]],
    [{ locale: "en", theme: "dark", width: 390 }, ["nothing", "appointments"]],
    [{ locale: "fr", theme: "light", width: 1440 }, ["identify", "mail"]],
    [{ locale: "fr", theme: "dark", width: 1440 }, ["doctor", "vitals"]],
    [{ locale: "en", theme: "light", width: 1440 }, ["nowhere", "signIn", "devices"]],
    [{ locale: "en", theme: "dark", width: 1440 }, ["search", "held"]],
  ];
  const withSession = new Set<PageName>(["held", "appointments", "appointment", "vitals", "devices", "account", "mail"]);

  async function open(page: Page, name: PageName): Promise<void> {
    if (name === "held") await holdFirst(page, instance.demo.doctors[4]?.id ?? "");
    else await page.goto(instance.url + paths()[name]);
    await settled(page);
  }

  test("every page is scanned, and every look at least twice", async () => {
    const scanned: string[] = [...new Set(looks.flatMap(([, names]) => names))];
    expect(scanned.sort()).toEqual([...Object.keys(paths()), "held"].sort());
    expect(looks.every(([, names]) => names.length >= 2)).toBe(true);
    await visitor({}, async (page) => {
      await remember(page.context(), patient(3));
      await page.goto(`${instance.url}/appointments`);
      visitPath = (await page.locator("a[href^='/appointments/apt_']").first().getAttribute("href")) ?? "";
      expect(visitPath).not.toBe("");
    });
  });

  for (const [look, names] of looks) {
    test(`no accessibility finding, no sideways scroll: ${look.locale}, ${look.theme}, ${look.width} px: ${names.join(", ")}`, async () => {
      await visitor(look, async (page, context) => {
        const findings: string[] = [];
        for (const name of [...names].sort((a, b) => Number(withSession.has(a)) - Number(withSession.has(b)))) {
          if (withSession.has(name)) await remember(context, patient(3));
          await open(page, name);
          // The whole page in view: a sticky bar over a half-scrolled control is no finding.
          const height = await page.evaluate<number>("document.documentElement.scrollHeight");
          await page.setViewportSize({ width: look.width, height: height + 200 });
          const result = await new AxeBuilder({ page })
            .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
            .setLegacyMode()
            .analyze();
          findings.push(...result.violations.map((found) => `${name} ${found.id} ${found.nodes[0]?.html.slice(0, 160)}`));
          const sideways = await page.evaluate<number>(sidewaysScroll);
          if (sideways > 0) findings.push(`${name} scrolls sideways by ${sideways} px`);
          await page.setViewportSize({ width: look.width, height: 900 });
        }
        expect(findings).toEqual([]);
      });
    }, 60_000);
  }

  test("reflow at 320 px with text at 200 % and 40 % longer words", async () => {
    await visitor({ locale: "fr", width: 390 }, async (page, context) => {
      await remember(context, patient(3));
      await page.setViewportSize({ width: 320, height: 800 });
      const wide: string[] = [];
      for (const name of ["search", "doctor", "held", "appointments", "appointment", "vitals", "devices", "account"] as const) {
        await open(page, name);
        await page.evaluate('document.documentElement.style.setProperty("font-size", "200%")');
        if ((await page.evaluate<number>(sidewaysScroll)) > 0) wide.push(`${name} at 200 %`);
        await page.evaluate('document.documentElement.style.removeProperty("font-size")');
        await page.evaluate(lengthenWords);
        if ((await page.evaluate<number>(sidewaysScroll)) > 0) wide.push(`${name} with longer words`);
      }
      expect(wide).toEqual([]);
    });
  }, 60_000);

  test("nothing moves when the answers arrive late: layout shift at most 0.02 a page", async () => {
    const late: string[] = [];
    for (const width of [390, 1440] as const) {
      await visitor({ width }, async (page, context) => {
        await remember(context, patient(3));
        await page.addInitScript(watchShift);
        await context.route("**/api/**", async (route) => {
          await Bun.sleep(300);
          await route.continue().catch(() => undefined);
        });
        for (const name of ["search", "doctor", "appointments", "appointment", "account"] as const) {
          await open(page, name);
          const shift = await page.evaluate<number>("shiftSoFar()");
          if (shift > 0.02) late.push(`${name} at ${width} px: ${shift.toFixed(3)}`);
        }
      });
    }
    expect(late).toEqual([]);
  }, 60_000);

  test("run under the production content policy without a violation or an exception", () => {
    expect(faults).toEqual([]);
  });
});
