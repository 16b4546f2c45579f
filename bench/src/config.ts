/** The caller's environment with additions, for the processes a bench starts. */
export function callersEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string | undefined> {
  return { ...process.env, ...more };
}
