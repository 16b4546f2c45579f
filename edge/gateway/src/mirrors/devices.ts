import { createHash, timingSafeEqual } from "node:crypto";
import type { DeviceEntry } from "@episante/contracts/device";
import { type Refusal, refuse } from "@episante/contracts/problem";
import type { KvMirror } from "./kv-mirror.ts";

const tokenPattern = /^(dev_[0-9a-f]{32})\.[A-Za-z0-9_-]{43}$/;
export const deviceIdPattern = /^dev_[0-9a-f]{32}$/;

export type DeviceCheck = { readonly device: DeviceEntry } | Refusal;

/** Checks device credentials against the mirrored registry. A revoked device is no longer in it. */
export interface Devices {
  /** The device a token belongs to. */
  byToken(token: string): Promise<DeviceCheck>;
  /** The device with this id, whose right to speak was checked elsewhere (NATS login). */
  byId(deviceId: string): Promise<DeviceCheck>;
  /** The entry as it stands now, for a socket opened earlier with `tokenHash`; refused once revoked or rotated. */
  still(deviceId: string, tokenHash: string): DeviceCheck;
  /** Called with a device id when it was revoked or its token replaced. */
  onRevoked(listener: (deviceId: string, currentHash: string | null) => void): void;
}

/** Device registry on top of the mirrored bucket. */
export function makeDevices(mirror: KvMirror<DeviceEntry>): Devices {
  const find = async (deviceId: string): Promise<DeviceCheck> => {
    if (!mirror.isFresh()) return refuse("mirror-stale");
    const found = await mirror.find(deviceId);
    if (found === "unavailable") return refuse("mirror-stale");
    return found ? { device: found.value } : refuse("invalid-token");
  };
  return {
    async byToken(token) {
      const deviceId = tokenPattern.exec(token)?.[1];
      if (!deviceId) return refuse("invalid-token");
      const found = await find(deviceId);
      if ("refused" in found) return found;
      const given = createHash("sha256").update(token).digest();
      const kept = Buffer.from(found.device.tokenHash, "hex");
      return kept.length === given.length && timingSafeEqual(kept, given) ? found : refuse("invalid-token");
    },
    byId: (deviceId) => (deviceIdPattern.test(deviceId) ? find(deviceId) : Promise.resolve(refuse("invalid-token"))),
    still(deviceId, tokenHash) {
      if (!mirror.isFresh()) return refuse("mirror-stale");
      const found = mirror.peek(deviceId);
      return found && found.value.tokenHash === tokenHash ? { device: found.value } : refuse("invalid-token");
    },
    onRevoked: (listener) => mirror.onChange((deviceId, entry) => listener(deviceId, entry?.value.tokenHash ?? null)),
  };
}
