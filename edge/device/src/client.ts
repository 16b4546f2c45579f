import { randomBytes } from "node:crypto";
import type { Batch } from "@episante/contracts/reading";
import { type Gap, openGaps } from "./gaps.ts";
import type { LinkTarget } from "./links/link.ts";
import { memoryOutbox, type Outbox, openOutbox } from "./outbox.ts";
import { startUplink, type UplinkOptions, type UplinkState } from "./uplink.ts";

export interface DeviceOptions extends LinkTarget, Pick<UplinkOptions, "door" | "order" | "traceparentOf" | "onSettled" | "onState"> {
  /** Folder of the disk outbox. Without it batches wait in memory only, for sources that can be read again. */
  readonly folder?: string;
  /** Most that may wait on disk, 64 MiB unless told. */
  readonly maxOutboxBytes?: number;
  /** Told with each batch that the full outbox turned away: the gap so far. */
  readonly onGap?: (gap: Gap) => void;
}

export type Reading = Batch["readings"][number];

/** A device as its sensors see it: hand over readings, they arrive. */
export interface DeviceClient {
  /**
   * Keeps readings until the server has them on disk; resolves true once they cannot be lost here. False: the outbox is full, these readings are not kept
   * and counted in `gaps`. What was kept before is never given up for newer readings: `true` was a promise.
   */
  send(readings: readonly Reading[], more?: Pick<Batch, "status" | "sentAt">): Promise<boolean>;
  /** What was measured and could not be kept, oldest first; survives a restart where there is a folder. */
  gaps(): readonly Gap[];
  /** Batches the server has not acknowledged. */
  waiting(): number;
  state(): UplinkState;
  /** Resolves true when nothing waits, false when the time is over or the token is refused. @param timeoutMs longest wait */
  drained(timeoutMs: number): Promise<boolean>;
  /** Stops sending; what waits in a disk outbox goes out at the next start. */
  close(): Promise<void>;
}

/** Opens a device. Each start is a new boot; what earlier boots left goes out beside what is measured now. */
export async function openDevice(options: DeviceOptions): Promise<DeviceClient> {
  const outbox: Outbox = options.folder ? await openOutbox(options.folder, options.maxOutboxBytes) : memoryOutbox();
  const gaps = await openGaps(options.folder);
  const boot = randomBytes(8).toString("hex");
  let seq = 0;
  const uplink = startUplink({ ...options, outbox });
  return {
    async send(readings, more = {}) {
      // Refused before a number is spent: gaps in the numbers would stay open at the server.
      if (outbox.isFull()) {
        const gap = gaps.add(readings);
        if (gap) options.onGap?.(gap);
        return false;
      }
      gaps.end();
      const batch = { boot, seq: seq++, readings, ...more };
      await outbox.append(batch);
      uplink.wake(batch);
      return true;
    },
    gaps: gaps.all,
    waiting: () => outbox.size(),
    state: uplink.state,
    async drained(timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      while (outbox.size() > 0) {
        if (performance.now() > deadline || uplink.state() === "rejected") return false;
        await Bun.sleep(10);
      }
      return true;
    },
    async close() {
      await uplink.close();
      await outbox.close();
      await gaps.close();
    },
  };
}
