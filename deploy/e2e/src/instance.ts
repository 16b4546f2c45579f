import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { roles } from "@episante/contracts/session";
import type { Browser } from "playwright-core";
import { z } from "zod";

const root = resolve(fileURLToPath(new URL("../../..", import.meta.url)));
export const demoSchema = z.object({
  url: z.string(),
  accounts: z.array(
    z.object({
      role: z.enum(roles),
      email: z.string(),
      password: z.string(),
      id: z.string(),
      patientId: z.string().optional(),
      doctorId: z.string().optional(),
    }),
  ),
  clinicId: z.string(),
  doctors: z.array(z.object({ id: z.string(), reasons: z.array(z.object({ id: z.string(), minutes: z.number() })) })),
  devices: z.array(z.object({ id: z.string(), token: z.string(), patientId: z.string(), kind: z.string() })),
});
export type Demo = z.infer<typeof demoSchema>;

export const statusSchema = z.object({
  ready: z.boolean(),
  url: z.string().nullable(),
  processes: z.array(z.object({ name: z.string(), pid: z.number(), port: z.number(), ready: z.boolean(), rssMiB: z.number() })),
});
export type Status = z.infer<typeof statusSchema>;

/** A demo clinic and where it is reached. */
export interface Place {
  readonly url: string;
  readonly demo: Demo;
  /** PEM of its own certificate authority, where it has one. */
  readonly ca?: string;
}

/** A whole product of its own, on a data folder and a port of its own. */
export interface Instance extends Place {
  readonly dir: string;
  readonly port: number;
  status(): Promise<Status>;
  /** Stops everything; `keep` leaves the data folder for another start. */
  stop(options?: { keep?: boolean }): Promise<void>;
}

/** What a run of the launcher said and how it ended. */
export interface Ran {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `./episante` with these words. */
export function episante(...words: string[]): Promise<Ran> {
  return run(words);
}

async function run(words: readonly string[], zone?: string): Promise<Ran> {
  const env = zone === undefined ? process.env : { ...process.env, TZ: zone };
  const ran = Bun.spawn([join(root, "episante"), ...words], { cwd: root, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, status] = await Promise.all([new Response(ran.stdout).text(), new Response(ran.stderr).text(), ran.exited]);
  return { status, out, err };
}

/**
 * Starts `./episante up --detach`. @param words further options, for example `--test-clock` @param zone the machine's own time zone
 * @throws Error with what the launcher said
 */
export async function startInstance(
  words: readonly string[] = [],
  again?: { dir: string; port: number },
  zone?: string,
): Promise<Instance> {
  const dir = again?.dir ?? mkdtempSync(join(tmpdir(), "epi-e2e-"));
  const port = again?.port ?? (await freePort());
  const ran = await run(["up", "--data", dir, "--port", String(port), "--detach", ...words], zone);
  if (ran.status !== 0) {
    await episante("down", "--data", dir);
    if (!again) rmSync(dir, { recursive: true, force: true });
    throw new Error(`./episante up ended with ${ran.status}:\n${ran.out}${ran.err}`);
  }
  const demo = demoSchema.parse(JSON.parse(readFileSync(join(dir, "demo.json"), "utf8")));
  return {
    url: demo.url,
    dir,
    port,
    demo,
    status: () => statusOf(dir),
    stop: async ({ keep = false } = {}) => {
      await episante("down", "--data", dir);
      if (!keep) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** `./episante status --json`. */
export async function statusOf(dir: string): Promise<Status> {
  return statusSchema.parse(JSON.parse((await episante("status", "--data", dir, "--json")).out));
}

/** A port nobody listens on, below the range the system gives to outgoing connections. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 18_000);
    const { promise: isFree, resolve: done } = Promise.withResolvers<boolean>();
    const server = createServer().once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
    if (await isFree) return port;
  }
}

/** Waits until the condition holds. @returns the milliseconds it took */
export async function eventually(condition: () => Promise<boolean> | boolean, timeoutMs: number, what: string): Promise<number> {
  const startedAt = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedAt > timeoutMs) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await Bun.sleep(50);
  }
  return performance.now() - startedAt;
}

/** Chromium for browser tests (`./episante test` names it, or it is on PATH); null skips them. */
export const chromiumPath: string | null =
  process.env.EPISANTE_CHROMIUM ??
  ["chromium", "chromium-browser", "google-chrome"].map((name) => Bun.which(name)).find((path) => path !== null) ??
  null;

/** Starts headless Chromium. As root its sandbox cannot work, so it is off there. @param more further options of its command line */
export async function chromium(more: readonly string[] = []): Promise<Browser> {
  if (!chromiumPath) throw new Error("no Chromium: skip the test with test.skipIf(!chromiumPath)");
  const { chromium: launcher } = await import("playwright-core");
  const args = ["--disable-dev-shm-usage", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), ...more];
  return launcher.launch({ executablePath: chromiumPath, headless: true, args });
}
