import { existsSync, writeFileSync } from "node:fs";

/** True when a step that is done once has not been done. */
export function isMissing(mark: string): boolean {
  return !existsSync(mark);
}

/** Notes that it was done. */
export function markOnce(mark: string): void {
  writeFileSync(mark, "", { mode: 0o600 });
}
