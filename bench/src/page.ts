import { type Browser, chromium } from "playwright-core";
import { chromiumPath } from "./config.ts";
import { type Bench, type Measure, measure } from "./harness.ts";
import { prepareInstallation } from "./installation.ts";

/** Served by the gateway itself, without scripts or further files: what a paint costs at the least. */
const barePath = "/api/docs/docs.css";
const apps = [
  { id: "P", name: "patient app", path: "/" },
  { id: "C", name: "console", path: "/console" },
] as const;
const settleMs = 800;

interface Paint {
  readonly firstMs: number;
  readonly largestMs: number;
}

/** First load of both apps in a fresh headless Chromium profile: bytes as served, first and largest contentful paint. */
export const page: Bench = {
  name: "page",
  describe: "first load of both apps in headless Chromium, no throttling, empty cache, against a bare file of the same gateway",
  maxSeconds: 400,
  async run(context) {
    const executablePath = chromiumPath();
    if (!executablePath) throw new Error("no Chromium: install it or set EPISANTE_CHROMIUM");
    const installation = await prepareInstallation(context, "empty");
    context.say("starting the product");
    await installation.up();
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    context.onEnd(() => browser.close());
    context.version("Chromium", browser.version());
    const rounds = await context.interleave({
      bare: () => paint(browser, `${installation.url}${barePath}`),
      patient: () => paint(browser, `${installation.url}/`),
      console: () => paint(browser, `${installation.url}/console`),
    });
    const paints = [rounds.patient, rounds.console];
    const measures: Measure[] = [];
    for (const [index, { id, name, path }] of apps.entries()) {
      const own = paints[index] ?? [];
      const limit = { id: "bare", unit: "ms first paint of a bare file", values: rounds.bare.map(({ firstMs }) => firstMs) };
      measures.push(
        measure({
          id: `${id}1`,
          what: `${name}: first contentful paint`,
          unit: "ms",
          values: own.map(({ firstMs }) => firstMs),
          limit,
          floor: null,
        }),
        measure({
          id: `${id}2`,
          what: `${name}: largest contentful paint`,
          unit: "ms",
          values: own.map(({ largestMs }) => largestMs),
          limit,
          floor: null,
        }),
        await weigh(browser, installation.url, path, { id: `${id}3`, name }),
      );
    }
    return measures;
  },
};

/** Runs in the browser: what it noted of its paints, a moment after the load. */
const readPaints = `new Promise((resolve) => {
  let largestMs = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) largestMs = entry.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => {
    const firstMs = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN;
    resolve({ firstMs, largestMs });
  }, ${settleMs});
})`;

/** Opens a page in a profile of its own and reads what the browser says of its paints. */
async function paint(browser: Browser, url: string): Promise<Paint> {
  const profile = await browser.newContext();
  try {
    const tab = await profile.newPage();
    await tab.goto(url, { waitUntil: "load" });
    return await tab.evaluate<Paint>(readPaints);
  } finally {
    await profile.close();
  }
}

/** Bytes of every file a first load asks for, as the gateway serves them to browsers that take Brotli, gzip, or neither. */
async function weigh(browser: Browser, origin: string, path: string, { id, name }: { id: string; name: string }): Promise<Measure> {
  const profile = await browser.newContext();
  const tab = await profile.newPage();
  const asked = new Set<string>();
  tab.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith("/api/")) asked.add(request.url());
  });
  await tab.goto(`${origin}${path}`, { waitUntil: "load" });
  await tab.waitForTimeout(settleMs);
  await profile.close();
  const kinds = new Map<string, number>();
  const total = { br: 0, gzip: 0, identity: 0 };
  for (const url of asked) {
    for (const encoding of ["br", "gzip", "identity"] as const) {
      const answer = await fetch(url, { headers: { "accept-encoding": encoding }, decompress: false });
      const bytes = (await answer.arrayBuffer()).byteLength;
      total[encoding] += bytes;
      const kind = (answer.headers.get("content-type") ?? "").split(";")[0] ?? "";
      if (encoding === "br") kinds.set(kind, (kinds.get(kind) ?? 0) + bytes);
    }
  }
  const parts = [...kinds].map(([kind, bytes]) => `${kind} ${(bytes / 1024).toFixed(1)}`).join(", ");
  return measure({
    id,
    what: `${name}: bytes of a first load in Brotli, against the same files as they are`,
    unit: "KiB",
    values: [total.br / 1024],
    limit: { id: "plain", unit: "KiB", values: [total.identity / 1024] },
    floor: null,
    note: `${asked.size} files; gzip ${(total.gzip / 1024).toFixed(1)} KiB; in Brotli: ${parts} KiB`,
  });
}
