import { messageOf } from "./failure.ts";

/** Writes one line for the person who reads `docker compose logs`. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs a one-shot step: a failure is shown as its message alone, and the exit status stops what waits for it. */
export async function runStep(step: () => Promise<void>): Promise<never> {
  try {
    await step();
  } catch (error) {
    process.stderr.write(`\n${messageOf(error)}\n\n`);
    process.exit(1);
  }
  process.exit(0);
}
