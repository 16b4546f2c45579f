import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { type ProblemCode, problemSchema } from "./problem.ts";
import { instantSchema } from "./time.ts";

export const maxReadingsPerBatch = 1000;
export const maxBatchBytes = 256 * 1024;
/** A reading dated further ahead of receipt than this is refused; further back is refused as impossible. Milliseconds. */
export const maxAheadMs = 5 * 60_000;
export const earliestReadingMs = Date.UTC(2015, 0, 1);

/** Shape of a batch before single readings are judged: one bad reading is refused alone, a bad frame is refused whole. */
export const batchFrameSchema = z.strictObject({
  boot: z.string().regex(/^[A-Za-z0-9_-]{1,40}$/),
  seq: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  readings: z.array(z.unknown()),
  status: z.strictObject({ battery: z.number().min(0).max(100).optional(), worn: z.boolean().optional() }).optional(),
  sentAt: instantSchema.optional(),
  /** W3C trace context of the sender; ignored when it is none. Where the door has headers, the header of this name does the same. */
  traceparent: z.string().optional(),
});
export type BatchFrame = z.infer<typeof batchFrameSchema>;
/** A number in the signal's canonical unit, or the word that stands for it (`signals.ts`): responsiveness, inhaled oxygen, glucose beyond a monitor's range. */
const toldValue = z.union([z.number(), z.string().max(20)]);
/** One reading as sent: LOINC code, number or listed word, UCUM unit (a word needs none), device time. */
export const readingInputSchema = z.strictObject({
  code: z.string().max(20),
  value: toldValue,
  unit: z.string().max(20).optional(),
  at: instantSchema,
});
export interface Batch {
  readonly boot: string;
  readonly seq: number;
  readonly readings: readonly z.input<typeof readingInputSchema>[];
  readonly status?: BatchFrame["status"];
  readonly sentAt?: string;
  readonly traceparent?: string;
}

export const refusedItemSchema = z.object({ index: z.number().int(), code: z.string() });
export type RefusedItem = { index: number; code: ProblemCode };
/** Frames the gateway sends on the device socket and as NATS replies. */
export type ServerFrame =
  | { boot: string; ack: number }
  | { boot: string; nack: number; problem: z.infer<typeof problemSchema> }
  | { boot: string; refused: number; items: RefusedItem[] }
  | { credit: number };
export const serverFrameSchema = z.union([
  z.object({ boot: z.string(), ack: z.number() }),
  z.object({ boot: z.string(), nack: z.number(), problem: problemSchema }),
  z.object({ boot: z.string(), refused: z.number(), items: z.array(refusedItemSchema) }),
  z.object({ credit: z.number() }),
]);

/** 202 after fsync. The gateway answers it itself; same rules as the socket. */
export const postReadings = defineEndpoint({
  id: "gateway.post-readings",
  service: "gateway",
  method: "POST",
  path: "/api/devices/readings",
  summary: "Send one batch of readings",
  policy: { kind: "device" },
  status: 202,
  maxBodyBytes: maxBatchBytes,
  body: batchFrameSchema,
  response: z.object({ acked: z.number(), refused: z.array(refusedItemSchema) }),
  problems: ["empty-batch", "batch-too-large", "back-pressure"],
});

export const resolutions = ["raw", "1m", "1h"] as const;
const range = { patientId: idSchema("pat"), code: z.string().max(20), from: instantSchema, to: instantSchema };
/**
 * One raw reading. A correction is another value for the same (device, code, at): it is the current one, and what it replaced is kept. Only with
 * `versions=true` each version stands for itself, with who sent it when; `boot` and `seq` name its batch, unless it was stored long ago.
 */
const rawSchema = z.object({
  at: instantSchema,
  value: toldValue,
  flag: z.string().optional(),
  code: z.string().optional(),
  deviceId: idSchema("dev").optional(),
  version: z.number().int().optional(),
  superseded: z.literal(true).optional(),
  receivedAt: instantSchema.optional(),
  boot: z.string().optional(),
  seq: z.number().int().optional(),
});
const rollupSchema = z.object({ at: instantSchema, min: z.number(), max: z.number(), mean: z.number(), n: z.number() });
/** `versions=true`, raw only: every version for itself. Roll-ups are of numbers, also of words: of their places in the signal's list. At most 90,000 rows: `raw` a day at 1 Hz, `1m` 62 days, `1h` ten years. A roll-up is of its whole step; the first may begin before `from`. */
export const listReadings = defineEndpoint({
  id: "ingest.list-readings",
  service: "ingest",
  method: "GET",
  path: "/api/readings",
  summary: "Readings of a patient, or their roll-ups",
  policy: { kind: "roles", roles: ["patient", "doctor"] },
  query: z.strictObject({ ...range, resolution: z.enum(resolutions).optional(), versions: z.literal("true").optional() }),
  // Told apart by one field: a year of roll-ups must not be tried as raw readings first.
  response: z.discriminatedUnion("resolution", [
    z.object({ resolution: z.literal("raw"), unit: z.string(), items: z.array(rawSchema) }),
    z.object({ resolution: z.enum(["1m", "1h"]), unit: z.string(), items: z.array(rollupSchema) }),
  ]),
  problems: ["not-found", "care-relationship-required", "unknown-code", "invalid-input"],
});
export const latestReadings = defineEndpoint({
  id: "ingest.latest-readings",
  service: "ingest",
  method: "GET",
  path: "/api/readings/latest",
  summary: "Last reading of each signal",
  policy: { kind: "roles", roles: ["patient", "doctor"] },
  query: z.strictObject({ patientId: idSchema("pat") }),
  response: z.object({
    items: z.array(
      z.object({
        signal: z.string(),
        code: z.string(),
        value: toldValue,
        unit: z.string(),
        at: instantSchema,
        deviceId: idSchema("dev"),
        flag: z.string().optional(),
      }),
    ),
  }),
  problems: ["not-found", "care-relationship-required"],
});
/** Internal, with the caller's own token passed on: history for a backtest. Columns per patient: canonical values in time order. */
export const readingRange = defineEndpoint({
  id: "ingest.reading-range",
  service: "ingest",
  method: "GET",
  path: "/internal/readings/range",
  summary: "Readings of a signal, for a backtest",
  policy: { kind: "roles", roles: ["doctor"] },
  query: z.strictObject({ signal: z.string(), from: instantSchema, to: instantSchema, patientIds: z.string().max(9000).optional() }),
  response: z.object({
    items: z.array(z.object({ patientId: idSchema("pat"), samples: z.array(z.tuple([z.number(), z.number(), z.number()])) })),
  }),
});
/**
 * The comparison of log, store and bronze. `last`: the pass that ended last; `repaired`: readings stored again. `findings`, at most 100, the longest
 * known first: of kind `bronze`, readings of a device that bronze lacks in a range of the log; of kind `sequence`, batches of a device that nobody
 * ever saw, though later ones came. `missing` counts readings and batches; gaps only once they are an hour old.
 */
const reconciliationSchema = z.object({
  dueAt: instantSchema,
  last: z.object({ at: instantSchema, messages: z.number(), readings: z.number(), repaired: z.number() }).optional(),
  missing: z.object({ bronze: z.number(), sequence: z.number() }),
  findings: z.array(
    z.object({
      kind: z.enum(["bronze", "sequence"]),
      deviceId: idSchema("dev"),
      boot: z.string(),
      firstSeq: z.number(),
      lastSeq: z.number(),
      missing: z.number(),
      foundAt: instantSchema,
    }),
  ),
});
export const reconciliation = defineEndpoint({
  id: "ingest.reconciliation",
  service: "ingest",
  method: "GET",
  path: "/api/readings/reconciliation",
  summary: "What is missing of the readings, and what was repaired",
  policy: { kind: "roles", roles: ["admin"] },
  response: reconciliationSchema,
});
/** Compares everything the log still holds; begins within a minute. */
export const orderReconciliation = defineEndpoint({
  id: "ingest.order-reconciliation",
  service: "ingest",
  method: "POST",
  path: "/api/readings/reconciliation",
  summary: "Compare log, store and bronze now",
  policy: { kind: "roles", roles: ["admin"] },
  status: 202,
  response: reconciliationSchema,
});
export const readingEndpoints = [postReadings, listReadings, latestReadings, readingRange, reconciliation, orderReconciliation] as const;
