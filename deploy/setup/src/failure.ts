/** Something the person at the keyboard can act on: shown as its message alone, without a stack. */
export class Failure extends Error {
  override name = "Failure";
}

/** Wrong words on the command line: exit status 2. */
export class UsageFault extends Failure {
  override name = "UsageFault";
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
