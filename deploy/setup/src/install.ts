import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Failure } from "./failure.ts";
import { readJson, writePrivate } from "./files.ts";
import type { InstallKind } from "./layout.ts";

const schema = z.object({ kind: z.enum(["demo", "production"]) });

/**
 * Says what an installation is, for good: the first start decides.
 * @param asked null keeps what it is; a new one becomes a real clinic
 * @throws Failure when a real clinic is asked to become a demo, or the file cannot be understood
 */
export function installKind(folder: string, asked: "demo" | null): InstallKind {
  const file = join(folder, "install.json");
  const known = readJson(file, schema);
  if (!known && existsSync(file)) throw new Failure(`${file} cannot be read: restore it from a backup. Nothing was changed.`);
  if (known && asked && known.kind !== asked) {
    throw new Failure(
      "This installation holds a real clinic; the demo needs one of its own: docker compose -p episante-demo --profile demo up -d (stop this one first, or set other ports with EPISANTE_HTTP_PORT and EPISANTE_HTTPS_PORT).",
    );
  }
  if (known) return known.kind;
  const kind = asked ?? "production";
  writePrivate(file, JSON.stringify({ kind }));
  return kind;
}
