import { callersEnvironment, launcherConfig } from "./config.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/** What to run where the browser tests find no Chromium. */
export const chromiumHint = "sudo apt-get install -y chromium   (or set EPISANTE_CHROMIUM to a Chromium or Chrome)";

/** Chromium on this machine, or null. */
export function findChromium(): string | null {
  const chosen = launcherConfig().EPISANTE_CHROMIUM;
  return chosen ?? names.map((name) => Bun.which(name)).find((path) => path !== null) ?? null;
}

/** Chromium on this machine; as root on Debian it is installed when absent. Null when there is none: browser tests are skipped. */
export async function ensureChromium(say: (text: string) => void): Promise<string | null> {
  const found = findChromium();
  if (found || process.getuid?.() !== 0 || !Bun.which("apt-get")) return found;
  say("Installing Chromium for the browser tests (apt-get)…");
  const quiet = { stdout: "ignore", stderr: "ignore", env: callersEnvironment({ DEBIAN_FRONTEND: "noninteractive" }) } as const;
  await Bun.spawn(["apt-get", "update", "-q"], quiet).exited;
  await Bun.spawn(["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"], quiet).exited;
  return findChromium();
}
