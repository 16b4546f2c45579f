import { z } from "zod";
import { flags, signalNames } from "./signals.ts";

/**
 * One message of stream READINGS: what the gateway committed at once for one partition.
 * Frames were already parsed, refused readings removed and units converted: readers never judge again.
 */
export const frameSchema = z.object({
  deviceId: z.string(),
  patientId: z.string(),
  clinicId: z.string(),
  kind: z.string(),
  boot: z.string(),
  seq: z.number(),
  /** Receive time, ms: the gateway's business clock, or the batch's `sentAt` for devices of kind `replay`. Lateness, timers and rules use it. */
  receivedAtMs: z.number(),
  battery: z.number().optional(),
  worn: z.boolean().optional(),
  /**
   * The device's clock minus the gateway's at receipt, ms: from the batch's `sentAt`, else from its newest reading, refused ones too. Absent when it
   * cannot be told: a backlog looks like a clock that is behind. Never used to correct a time.
   */
  skewMs: z.number().optional(),
  /** Single readings of the batch that were refused. */
  refused: z.number().optional(),
  /** Trace of the batch this frame was, when it is recorded: envelopes gather frames of many traces. */
  traceparent: z.string().optional(),
  /** `[LOINC code, signal, canonical value, device time ms, flag?]`; what has a flag of `withheldFlags` is stored, never evaluated. Words stand as numbers. */
  readings: z.array(
    z.union([
      z.tuple([z.string(), z.enum(signalNames), z.number(), z.number()]),
      z.tuple([z.string(), z.enum(signalNames), z.number(), z.number(), z.enum(flags)]),
    ]),
  ),
});
export type Frame = z.infer<typeof frameSchema>;
export const envelopeSchema = z.object({ v: z.literal(1), frames: z.array(frameSchema) });
export type Envelope = z.infer<typeof envelopeSchema>;

/** Largest envelope in bytes. */
export const maxEnvelopeBytes = 256 * 1024;

/** Partition of a patient: FNV-1a (32 bit) of the id modulo the fixed number of partitions. Subject: `readings.<partition>`. */
export function partitionOf(patientId: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < patientId.length; index++) {
    hash ^= patientId.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return hash % partitions;
}
