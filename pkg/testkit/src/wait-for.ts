/** Waits until a check is true (or answers a value) and returns what it answered. @throws Error after the time-out */
export async function waitFor<T>(
  check: () => Promise<T> | T,
  { timeoutMs = 10_000, everyMs = 25, what = "the condition" } = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const result = await check();
    if (result) return result;
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
