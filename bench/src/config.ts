/** The caller's environment with additions, for the processes a bench starts. */
export function callersEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string | undefined> {
  return { ...process.env, ...more };
}

/** Flags that make a started process write a CPU profile into the folder `EPISANTE_BENCH_PROFILE`; none when it is not set. */
export function profilerFlags(): string[] {
  const folder = process.env.EPISANTE_BENCH_PROFILE;
  return folder ? ["--cpu-prof", "--cpu-prof-dir", folder] : [];
}

/** Chromium on this machine, or null. */
export function chromiumPath(): string | null {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  return process.env.EPISANTE_CHROMIUM ?? names.map((name) => Bun.which(name)).find((path) => path !== null) ?? null;
}
