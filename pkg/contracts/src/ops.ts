import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { instantSchema } from "./time.ts";

const count = z.number().int().min(0);
const seconds = z.number().min(0);

/**
 * What a service says of itself at `/statusz`, on its internal port only. Everything is counted there and then; times are real time,
 * never the test clock. Holds no address, no secret and nothing about people.
 */
export const serviceStatusSchema = z.object({
  version: z.string().max(40),
  startedAt: instantSchema,
  /** Reasons why not ready; empty when ready. */
  reasons: z.array(z.string().max(300)).max(20),
  memoryBytes: count,
  /** Events committed but not yet published, and how long the oldest has waited. */
  outbox: z.object({ pending: count, oldestSeconds: seconds }),
  /** Each partition of each ordered reader. `lag`: messages it still had before it at its last batch. `quietSeconds`: since its loop last finished a turn. */
  readers: z.array(z.object({ reader: z.string().max(60), partition: count, lag: count, quietSeconds: seconds })).max(256),
  /** Copies of another service's facts; requests are refused while one is not fresh. */
  mirrors: z.array(z.object({ owner: z.string().max(40), fresh: z.boolean(), heardSecondsAgo: seconds.optional() })).max(40),
  /** The service's database; null when it did not answer in time. */
  database: z.object({ version: z.string().max(40), startedAt: instantSchema, bytes: count }).nullable(),
});
export type ServiceStatus = z.output<typeof serviceStatusSchema>;

export const opsLevels = ["critical", "warning", "notice"] as const;
/** What may need somebody. `name` says of what: a process, a reader, a volume. `value` is a number the sentence needs. */
export const attentionCodes = [
  "process-down",
  "process-not-ready",
  "database-down",
  "broker-down",
  "broker-not-durable",
  "reader-still",
  "reader-behind",
  "consumer-still",
  "mirror-stale",
  "outbox-waiting",
  "disk-low",
  "disk-full",
  "disk-unknown",
  "backup-never",
  "backup-old",
  "backup-failed",
  "backup-unreadable",
  "certificate-expired",
  "certificate-expiring",
  "certificate-wrong-name",
  "certificate-unreachable",
  "test-clock",
  "demo",
] as const;
export type AttentionCode = (typeof attentionCodes)[number];
export const attentionSchema = z.object({
  code: z.enum(attentionCodes),
  level: z.enum(opsLevels),
  name: z.string().optional(),
  value: z.number().optional(),
});
export type Attention = z.output<typeof attentionSchema>;

/** Why a process is not ready. A closed list: what services say in words may name addresses and folders. */
export const notReadyReasons = [
  "stopping",
  "database",
  "nats",
  "sessions",
  "devices",
  "durability",
  "store-unreachable",
  "store-refused",
  "store-full",
  "other",
] as const;
export type NotReadyReason = (typeof notReadyReasons)[number];
export const processStates = ["ready", "not-ready", "down"] as const;
export const readerStates = ["current", "catching-up", "still"] as const;
/** `unknown`: the service that would know does not answer. */
export const databaseStates = ["up", "down", "unknown"] as const;
export const diskStates = ["enough", "low", "full", "unknown"] as const;
export const backupStates = ["never", "done", "old", "failed", "unreadable"] as const;
/** `none`: no certificate is served by this installation as far as it knows. */
export const certificateStates = ["none", "unreachable", "valid", "expiring", "expired", "wrong-name"] as const;

export const opsSchema = z.object({
  /** When this was gathered, real time. */
  at: instantSchema,
  /** Worst first. Empty: nothing known needs anybody. */
  attention: z.array(attentionSchema),
  installation: z.object({
    version: z.string(),
    mode: z.enum(["production", "demo", "test"]),
    testClock: z.boolean(),
    grafanaUrl: z.url().optional(),
  }),
  processes: z.array(
    z.object({
      name: z.string(),
      state: z.enum(processStates),
      reasons: z.array(z.enum(notReadyReasons)),
      version: z.string().optional(),
      startedAt: instantSchema.optional(),
      memoryBytes: count.optional(),
      outboxPending: count.optional(),
    }),
  ),
  /** Named after the service they belong to. */
  databases: z.array(
    z.object({
      service: z.string(),
      state: z.enum(databaseStates),
      version: z.string().optional(),
      startedAt: instantSchema.optional(),
      bytes: count.optional(),
    }),
  ),
  broker: z.object({
    up: z.boolean(),
    version: z.string().optional(),
    startedAt: instantSchema.optional(),
    memoryBytes: count.optional(),
    /** True when it writes to disk before it confirms (`sync_always`). */
    isDurable: z.boolean().optional(),
    streams: z.array(z.object({ name: z.string(), messages: count, bytes: count })),
  }),
  /** Ordered readers of the readings, by service and partition. */
  readers: z.array(
    z.object({
      service: z.string(),
      reader: z.string(),
      partition: count,
      lag: count,
      state: z.enum(readerStates),
      quietSeconds: seconds,
    }),
  ),
  /** Durable consumers of events: how many there are, and those that have not handled everything. */
  consumers: z.object({
    total: count,
    behind: z.array(z.object({ name: z.string(), stream: z.string(), lag: count, state: z.enum(readerStates) })),
  }),
  mirrors: z.array(z.object({ service: z.string(), owner: z.string(), fresh: z.boolean(), heardSecondsAgo: seconds.optional() })),
  disks: z.array(z.object({ name: z.string(), freeBytes: count, totalBytes: count, state: z.enum(diskStates) })),
  backup: z.object({ state: z.enum(backupStates), at: instantSchema.optional(), bytes: count.optional() }),
  certificate: z.object({
    state: z.enum(certificateStates),
    issuer: z.string().optional(),
    name: z.string().optional(),
    expiresAt: instantSchema.optional(),
    /** False: not issued by an authority that this machine trusts, as with an installation's own authority. */
    isPublic: z.boolean().optional(),
  }),
});
export type Ops = z.output<typeof opsSchema>;

/** Never fails as a whole because one part is down: what cannot be asked is said to be down. */
export const getOps = defineEndpoint({
  id: "gateway.ops",
  service: "gateway",
  method: "GET",
  path: "/api/ops",
  summary: "State of the installation: processes, lag, disk, backup, certificate",
  policy: { kind: "roles", roles: ["admin"] },
  response: opsSchema,
  problems: ["mirror-stale", "too-many-requests"],
});
export const opsEndpoints = [getOps] as const;
