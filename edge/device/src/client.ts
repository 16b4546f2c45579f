import { randomBytes } from "node:crypto";
import type { Batch } from "@episante/contracts/reading";
import { memoryOutbox, type Outbox, openOutbox } from "./outbox.ts";
import { type Settlement, startUplink, type UplinkState } from "./uplink.ts";

export interface DeviceOptions {
  /** The server's address, for example `http://localhost:8080`. */
  readonly url: string;
  readonly token: string;
  /** Folder of the disk outbox. Without it batches wait in memory only, for sources that can be read again. */
  readonly folder?: string;
  readonly maxOutboxBytes?: number;
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string;
  /** W3C trace context to send along with a batch. */
  readonly traceparentOf?: (batch: Batch) => string | undefined;
  readonly onSettled?: (batch: Batch, settlement: Settlement) => void;
  readonly onState?: (state: UplinkState) => void;
}

export type Reading = Batch["readings"][number];

/** A device as its sensors see it: hand over readings, they arrive. */
export interface DeviceClient {
  /** Keeps readings until the server has them on disk; resolves true once they cannot be lost here, false when the outbox is full. */
  send(readings: readonly Reading[], more?: Pick<Batch, "status" | "sentAt">): Promise<boolean>;
  /** Batches the server has not acknowledged. */
  waiting(): number;
  state(): UplinkState;
  /** Resolves true when nothing waits, false when the time is over or the token is refused. @param timeoutMs longest wait */
  drained(timeoutMs: number): Promise<boolean>;
  /** Stops sending; what waits in a disk outbox goes out at the next start. */
  close(): Promise<void>;
}

/** Opens a device. Each start is a new boot; batches of earlier boots go out first. */
export async function openDevice(options: DeviceOptions): Promise<DeviceClient> {
  const outbox: Outbox = options.folder ? await openOutbox(options.folder, options.maxOutboxBytes) : memoryOutbox();
  const boot = randomBytes(8).toString("hex");
  let seq = 0;
  const uplink = startUplink({ ...options, outbox });
  return {
    async send(readings, more = {}) {
      // Refused before a number is spent: gaps in the numbers would stay open at the server.
      if (outbox.isFull()) return false;
      await outbox.append({ boot, seq: seq++, readings, ...more });
      uplink.wake();
      return true;
    },
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
    },
  };
}
