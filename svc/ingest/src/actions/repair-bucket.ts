import { grant } from "@episante/service/db";
import type { IngestDeps } from "../deps.ts";
import { findActiveForUpdate, isKnownDevice, listActive } from "../storage/devices.ts";

/** A new entry may be older than its row's commit: entries of unknown devices younger than this stay. Milliseconds, real time. */
const graceMs = 60_000;

/**
 * Makes the bucket what the registry says: after a crash between the two, or a lost bucket. Each difference is looked at again
 * with the device's row locked, so that a change in progress is never undone.
 */
export async function repairBucket(deps: Pick<IngestDeps, "db" | "bucket">): Promise<number> {
  const { db, bucket } = deps;
  const system = grant.system("repair-bucket");
  const active = await db.transaction(system, listActive);
  const wanted = new Map(active.map((entry) => [entry.deviceId as string, JSON.stringify(entry)]));
  let repaired = 0;
  for (const id of new Set([...wanted.keys(), ...(await bucket.list())])) {
    if ((await bucket.find(id))?.text === wanted.get(id)) continue;
    await db.transaction(system, async (tx) => {
      const entry = await findActiveForUpdate(tx, id);
      const stored = await bucket.find(id);
      if (entry && stored?.text !== JSON.stringify(entry)) await bucket.put(entry);
      else if (!entry && stored && ((await isKnownDevice(tx, id)) || Date.now() - stored.createdAtMs > graceMs)) await bucket.remove(id);
      else return;
      repaired++;
    });
  }
  return repaired;
}
