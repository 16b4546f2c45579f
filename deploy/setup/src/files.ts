import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { z } from "zod";

/** Writes a file only its owner can read, in one step: a reader sees the old content or the new, never a part. */
export function writePrivate(path: string, content: string): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    writeFileSync(draft, content, { mode: 0o600, flush: true });
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** The parsed content of a JSON file, or null when it is absent, broken or of another shape. */
export function readJson<S extends z.ZodType>(path: string, schema: S): z.output<S> | null {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
