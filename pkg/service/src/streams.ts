import { events, eventTypes } from "@episante/contracts/events";
import { type ServiceName, serviceNames } from "@episante/contracts/session";
import { testClockBucket } from "@episante/contracts/system";
import { DiscardPolicy, jetstreamManager, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";

const day = 24 * 3600 * 1e9;
/** The product's streams: subjects and how long messages are kept. */
export const streams = {
  READINGS: { subjects: ["readings.*"], maxAgeNs: 3 * day },
  EVENTS: { subjects: ["events.>"], maxAgeNs: 30 * day },
  ALERTS: { subjects: ["alerts.>"], maxAgeNs: 30 * day },
  AUDIT: { subjects: ["audit.*"], maxAgeNs: 90 * day },
  DLQ: { subjects: ["dlq.>"], maxAgeNs: 30 * day },
} as const;
export type StreamName = keyof typeof streams;
/** KV buckets: device registry and sessions as the gateway mirrors them, and the test clock. */
export const buckets = ["devices", "sessions", testClockBucket] as const;

/**
 * Creates or updates every stream and bucket. Run once, with admin rights, before services start. Streams are on file and
 * never persist asynchronously: an acknowledgement means that the message is on disk.
 */
export async function ensureStreams(nats: NatsConnection, replicas = 1): Promise<void> {
  const manager = await jetstreamManager(nats, { timeout: 10_000 });
  for (const [name, { subjects, maxAgeNs }] of Object.entries(streams)) {
    const wanted = {
      subjects: [...subjects],
      max_age: maxAgeNs,
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      num_replicas: replicas,
      duplicate_window: 120 * 1e9,
      max_msg_size: 1024 * 1024,
      allow_direct: true,
      // What the outbox has gathered is stored in one commit.
      allow_atomic: true,
    };
    const exists = await manager.streams.info(name).then(
      () => true,
      () => false,
    );
    if (exists) await manager.streams.update(name, wanted);
    else await manager.streams.add({ name, ...wanted });
  }
  const kv = new Kvm(nats);
  for (const bucket of buckets) await kv.create(bucket, { history: 1, replicas });
}

interface Access {
  readonly read: readonly StreamName[];
  readonly bucketsRead: readonly string[];
  readonly bucketsWrite: readonly string[];
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}
const none: Access = { read: [], bucketsRead: [], bucketsWrite: [], publish: [], subscribe: [] };
/** What each process needs beyond publishing the events it owns. */
const access: Record<ServiceName, Access> = {
  gateway: {
    ...none,
    bucketsRead: ["sessions", "devices"],
    bucketsWrite: [testClockBucket],
    publish: ["readings.*", "_INBOX.>"],
    subscribe: ["dev.*.readings"],
  },
  auth: { ...none, read: ["EVENTS"], bucketsRead: ["sessions"], bucketsWrite: ["sessions"], publish: ["beat.auth"] },
  patient: { ...none, read: ["EVENTS"], publish: ["beat.patient"], subscribe: ["beat.*"] },
  doctor: { ...none, read: ["EVENTS"], subscribe: ["beat.*"] },
  appointment: { ...none, read: ["EVENTS"], subscribe: ["beat.*"] },
  notification: { ...none, read: ["EVENTS", "ALERTS"], subscribe: ["beat.*"] },
  ingest: {
    ...none,
    read: ["EVENTS", "READINGS"],
    publish: ["$SYS._INBOX.>"],
    bucketsRead: ["devices"],
    bucketsWrite: ["devices"],
    subscribe: ["beat.*", "$SYS.REQ.USER.AUTH"],
  },
  alert: { ...none, read: ["EVENTS", "READINGS"], subscribe: ["beat.*"] },
  audit: {
    ...none,
    read: ["EVENTS", "AUDIT", "DLQ"],
    publish: ["events.>", "alerts.>", "readings.*", "audit.*"],
    subscribe: ["beat.*"],
  },
  pipeline: { ...none, read: ["EVENTS", "READINGS", "ALERTS"], subscribe: ["beat.*"] },
};

/** Allow-lists of a process's NATS user, generated from the registry. There are no deny rules. */
export function natsPermissions(service: ServiceName): { publish: string[]; subscribe: string[] } {
  const { read, bucketsRead, bucketsWrite, publish, subscribe } = access[service];
  const readBuckets = [...new Set([...bucketsRead, testClockBucket, ...bucketsWrite])].map((bucket) => `KV_${bucket}`);
  const readable = [...read, ...readBuckets];
  const owned = eventTypes.filter((type) => events[type].owner === service);
  const ownedSubjects = owned.map((type) => (events[type].stream === "EVENTS" ? `events.${type}.v${events[type].version}` : "alerts.*.*"));
  return {
    publish: [
      ...new Set([
        ...publish,
        ...ownedSubjects,
        `audit.${service}`,
        `dlq.${service}.>`,
        "$JS.API.INFO",
        ...[...readable, "READINGS"].flatMap((stream) => [`$JS.API.STREAM.INFO.${stream}`]),
        ...readable.flatMap((stream) => [
          `$JS.API.CONSUMER.CREATE.${stream}`,
          `$JS.API.CONSUMER.CREATE.${stream}.>`,
          `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.>`,
          `$JS.API.CONSUMER.INFO.${stream}.>`,
          `$JS.API.CONSUMER.MSG.NEXT.${stream}.>`,
          `$JS.API.CONSUMER.DELETE.${stream}.>`,
          `$JS.API.DIRECT.GET.${stream}`,
          `$JS.API.DIRECT.GET.${stream}.>`,
          `$JS.API.STREAM.MSG.GET.${stream}`,
          `$JS.ACK.${stream}.>`,
          `$JS.FC.${stream}.>`,
        ]),
        ...bucketsWrite.map((bucket) => `$KV.${bucket}.>`),
      ]),
    ],
    subscribe: [...new Set([`_INBOX_${service}.>`, ...subscribe])],
  };
}

/** All process names, for generating users. */
export const natsUsers: readonly ServiceName[] = serviceNames;
