import type { Bench } from "./harness.ts";

/** Every bench, loaded only when it runs. */
export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  ingest: async () => (await import("./ingest.ts")).ingest,
  alert: async () => (await import("./alert.ts")).alert,
};
