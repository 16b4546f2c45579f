import { Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import type { DeviceBucket } from "./deps.ts";

/** Opens the KV bucket `devices`, which the migrate step made. */
export async function openDeviceBucket(nats: NatsConnection): Promise<DeviceBucket> {
  const bucket = await new Kvm(nats).open("devices");
  return {
    async put(entry) {
      await bucket.put(entry.deviceId, JSON.stringify(entry));
    },
    async remove(deviceId) {
      await bucket.delete(deviceId);
    },
    async find(deviceId) {
      const stored = await bucket.get(deviceId);
      return stored && stored.operation === "PUT" ? { text: stored.string(), createdAtMs: stored.created.getTime() } : null;
    },
    async list() {
      const ids: string[] = [];
      for await (const key of await bucket.keys()) ids.push(key);
      return ids;
    },
  };
}
