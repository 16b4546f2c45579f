import { chromium } from "playwright-core";
import { readFileSync } from "node:fs";
const [,, dataDir, role, outPrefix, ...paths] = process.argv;
const demo = JSON.parse(readFileSync(`${dataDir}/demo.json`, "utf8"));
const account = demo.accounts.find((a) => a.role === role);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync"] });
const combos = (process.env.COMBOS ?? "fr-light-1440,en-dark-390").split(",");
for (const combo of combos) {
  const [locale, theme, width] = combo.split("-");
  const ctx = await browser.newContext({ viewport: { width: +width, height: width < 600 ? 844 : 900 }, colorScheme: theme, locale: locale === "fr" ? "fr-FR" : "en-GB" });
  const page = await ctx.newPage();
  page.on("console", (m) => { if (m.type() === "error") console.log(combo, "console:", m.text()); });
  page.on("pageerror", (e) => console.log(combo, "pageerror:", e.message));
  if (account) {
    const r = await ctx.request.post(`${demo.url}/api/auth/login`, { data: { email: account.email, password: account.password } });
    if (!r.ok()) console.log("login", r.status(), await r.text());
  }
  for (const path of paths) {
    await page.goto(demo.url + path, { waitUntil: "load" });
    await page.waitForTimeout(+(process.env.WAIT ?? 1800));
    const file = `/tmp/shots/${outPrefix}-${combo}${path.replace(/[^a-z0-9]+/gi, "_")}.png`;
    await page.screenshot({ path: file });
    console.log(file);
  }
  await ctx.close();
}
await browser.close();
