import { z } from "zod";
import { instantSchema } from "./time.ts";

/** Test clock, answered by the gateway with `up --test-clock` only; without it the path does not exist. */
export const testClockBodySchema = z.union([
  z.strictObject({ at: instantSchema }),
  z.strictObject({
    advanceSeconds: z
      .number()
      .min(0)
      .max(366 * 86400),
  }),
  z.strictObject({ freeze: z.boolean() }),
]);
export const testClockStateSchema = z.object({
  /** Business time = real time + offset, or `frozenAtMs` while frozen. */
  offsetMs: z.number(),
  frozenAtMs: z.number().optional(),
});
export type TestClockState = z.infer<typeof testClockStateSchema>;
export const testClockPath = "/api/_test/clock";
/** KV bucket and key that every process watches for the test clock. */
export const testClockBucket = "clock";
export const testClockKey = "state";
/** Heartbeat of a mirrored owner, core NATS `beat.<service>`, each second: stream position of its last event of each type. */
export const beatSchema = z.object({ service: z.string(), positions: z.record(z.string(), z.number()) });
