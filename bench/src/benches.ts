import type { Bench } from "./harness.ts";

/** Every bench, loaded only when it runs. */
export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  ingest: async () => (await import("./ingest.ts")).ingest,
  alert: async () => (await import("./alert.ts")).alert,
  booking: async () => (await import("./booking.ts")).booking,
  directory: async () => (await import("./directory.ts")).directory,
  slots: async () => (await import("./slots.ts")).slots,
  etl: async () => (await import("./etl.ts")).etl,
  start: async () => (await import("./start.ts")).start,
  readings: async () => (await import("./readings.ts")).readings,
  page: async () => (await import("./page.ts")).page,
};
