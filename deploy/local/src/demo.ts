import { type Demo, demoSchema } from "@episante/setup/demo";
import { readJson } from "@episante/setup/files";
import type { DataFolder } from "./paths.ts";

/** The demo clinic of a data folder, or null when there is none. */
export function readDemo(folder: DataFolder): Demo | null {
  return readJson(folder.demoFile, demoSchema);
}
