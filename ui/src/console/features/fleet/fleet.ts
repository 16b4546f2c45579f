import type { Device } from "@episante/contracts/device";

/** What may be wrong with a device, the most urgent first. */
export const concerns = ["silent", "never", "clock", "battery", "unworn", "refused"] as const;
export type Concern = (typeof concerns)[number];

/** Without a batch for this long a device counts as silent: wearables send every few seconds, the worst every minute. Milliseconds. */
export const silentAfterMs = 5 * 60_000;
/** From here a reading that is really new may look older than 2 minutes, and such readings page nobody. Seconds. */
export const clockOffFrom = 60;
/** Percent. */
export const batteryLowTo = 20;

/** What is wrong with a device now, the most urgent first; empty when nothing is. */
export function concernsOf(device: Device, nowMs: number): Concern[] {
  // A recording comes when somebody replays it: its silence means nothing.
  const isQuiet = device.kind !== "replay" && nowMs - Date.parse(device.lastSeenAt ?? device.pairedAt) > silentAfterMs;
  const found: Record<Concern, boolean> = {
    silent: isQuiet && device.lastSeenAt !== undefined,
    never: isQuiet && device.lastSeenAt === undefined,
    clock: Math.abs(device.skewSeconds ?? 0) >= clockOffFrom,
    battery: (device.battery ?? 100) <= batteryLowTo,
    unworn: device.worn === false,
    refused: (device.refusedReadings ?? 0) > 0,
  };
  return concerns.filter((concern) => found[concern]);
}

export interface FleetItem {
  readonly device: Device;
  readonly concerns: readonly Concern[];
}

const rank = ({ concerns: [worst] }: FleetItem) => (worst === undefined ? concerns.length : concerns.indexOf(worst));
const seenMs = ({ device }: FleetItem) => Date.parse(device.lastSeenAt ?? device.pairedAt);

/** Devices that need attention first: by what is wrong, then by how long nothing was heard. Devices without trouble keep a steady order, by pairing. */
export function sortFleet(devices: readonly Device[], nowMs: number): FleetItem[] {
  const items = devices.map((device) => ({ device, concerns: concernsOf(device, nowMs) }));
  return items.toSorted((a, b) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    const byAge = rank(a) === concerns.length ? Date.parse(b.device.pairedAt) - Date.parse(a.device.pairedAt) : seenMs(a) - seenMs(b);
    return byAge || (a.device.id < b.device.id ? 1 : -1);
  });
}

/** A filter of the page: everything, what needs attention, or one kind of trouble. */
export const filters = ["all", "attention", ...concerns] as const;
export type Filter = (typeof filters)[number];

/** Devices a filter and a search let through. @param nameOf the patient's name as shown */
export function filterFleet(
  items: readonly FleetItem[],
  filter: Filter,
  typed: string,
  nameOf: (patientId: string) => string,
): FleetItem[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  return items.filter(({ device, concerns: found }) => {
    if (filter === "attention" && found.length === 0) return false;
    if (filter !== "all" && filter !== "attention" && !found.includes(filter)) return false;
    const text = plain(`${device.model} ${device.serial} ${nameOf(device.patientId)}`);
    return words.every((word) => text.includes(word));
  });
}

/** Small letters without accents. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
