import { type Interval, overlaps } from "./calendar.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Between two readings of a calendar. */
const pauseMs = 15 * minuteMs;
/** A calendar that says that nothing changed is read in full all the same now and then: time moves on, and with it what its rules give. */
const unreadMs = 7 * dayMs;
/** Busy times are kept so far ahead: further than patients book, and by more than a week. */
const aheadMs = 400 * dayMs;
/** Most calendars of one doctor, and times of one calendar. */
export const mostFeeds = 5;
export const mostBlocks = 5_000;

/** When to read next, so that calendars read at one moment do not stay together. @param luck from 0 to 1 */
export function nextReading(nowMs: number, luck: number): number {
  return Math.round(nowMs + pauseMs * (0.9 + 0.2 * luck));
}

/** Whether it is enough to hear that nothing changed. */
export function mayBeUnchanged(readMs: number | null, nowMs: number): boolean {
  return readMs !== null && nowMs - readMs < unreadMs;
}

/** The time that is read out of a calendar. */
export function periodToRead(nowMs: number): Interval {
  return { startMs: nowMs - dayMs, endMs: nowMs + aheadMs };
}

/** Busy times in order, those that touch as one, cut to a period. */
export function merged(times: readonly Interval[], period: Interval): Interval[] {
  const found: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of times.filter((one) => overlaps(one, period)).sort((a, b) => a.startMs - b.startMs)) {
    const last = found.at(-1);
    if (last && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else found.push({ startMs, endMs });
  }
  return found.map(({ startMs, endMs }) => ({ startMs: Math.max(startMs, period.startMs), endMs: Math.min(endMs, period.endMs) }));
}

/**
 * True for an address of the public internet. Everything that a machine could reach of itself or of its own network is none (IANA's registries of
 * special-purpose addresses, RFC 6890): nobody may use the clinic's machine to ask there. @param address as resolved, IPv4 or IPv6
 */
export function isPublicAddress(address: string): boolean {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) {
    const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    return !closed.some(([from, bits]) => Math.floor(value / 2 ** (32 - bits)) === Math.floor(from / 2 ** (32 - bits)));
  }
  // 2000::/3 is what is given out; of it not the tunnels, which end anywhere, nor what is for documentation.
  const [first = "", second = ""] = address.toLowerCase().split(":");
  const [high, low] = [Number.parseInt(first || "0", 16), Number.parseInt(second || "0", 16)];
  if (!/^[0-9a-f:]+$/i.test(address) || !(high >= 0x2000 && high <= 0x3fff)) return false;
  return high !== 0x2002 && high !== 0x3fff && !(high === 0x2001 && (low < 0x0200 || low === 0x0db8));
}

const v4 = (a: number, b = 0, c = 0) => ((a * 256 + b) * 256 + c) * 256;
const closed: readonly (readonly [number, bits: number])[] = [
  [v4(0), 8],
  [v4(10), 8],
  [v4(100, 64), 10],
  [v4(127), 8],
  [v4(169, 254), 16],
  [v4(172, 16), 12],
  [v4(192, 0, 0), 24],
  [v4(192, 0, 2), 24],
  [v4(192, 88, 99), 24],
  [v4(192, 168), 16],
  [v4(198, 18), 15],
  [v4(198, 51, 100), 24],
  [v4(203, 0, 113), 24],
  [v4(224), 3],
];

/**
 * The address to read, or null for one that is not: `webcal` means https, a user name or password has no place in it.
 * @param allowsLocal also `http`: for tests on this machine
 */
export function calendarUrl(text: string, allowsLocal: boolean): URL | null {
  const url = URL.parse(text.replace(/^webcals?:\/\//i, "https://"));
  if (url?.username !== "" || url.password !== "") return null;
  if (url.protocol !== "https:" && !(allowsLocal && url.protocol === "http:")) return null;
  url.hash = "";
  return url;
}
