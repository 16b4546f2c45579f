import { type SessionEntry, sessionEntrySchema } from "@episante/contracts/session";
import { JetStreamApiError } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import type { SessionBucket } from "./deps.ts";

/** JetStream's answer when the key changed since the revision that was given (`wrong last sequence`). */
const wrongLastSequence = 10071;

/** Opens the KV bucket `sessions`, which the migrate step made. */
export async function openSessionBucket(nats: NatsConnection): Promise<SessionBucket> {
  const bucket = await new Kvm(nats).open("sessions");
  return {
    async find(secretHash) {
      const stored = await bucket.get(secretHash);
      if (!stored) return null;
      return { entry: stored.operation === "PUT" ? parseEntry(stored.string()) : null, revision: stored.revision };
    },
    async replace(secretHash, entry, revision) {
      try {
        if (!entry) {
          await bucket.delete(secretHash, revision === undefined ? {} : { previousSeq: revision });
        } else await bucket.put(secretHash, JSON.stringify(entry), { previousSeq: revision ?? 0 });
        return true;
      } catch (error) {
        if (error instanceof JetStreamApiError && error.code === wrongLastSequence) return false;
        throw error;
      }
    },
    async list() {
      const hashes: string[] = [];
      for await (const key of await bucket.keys()) hashes.push(key);
      return hashes;
    },
  };
}

/** An entry of an older version reads as none, and so is written anew. */
function parseEntry(text: string): SessionEntry | null {
  try {
    return sessionEntrySchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
