/** At most `max` refused attempts in any `windowMs`. */
export interface Limit {
  readonly max: number;
  readonly windowMs: number;
}

/** Refused sign-ins: per account and address, and per address over all accounts. */
export const loginLimits = {
  pair: { max: 10, windowMs: 5 * 60_000 },
  ip: { max: 30, windowMs: 60_000 },
} as const satisfies Record<string, Limit>;
/** Registrations answered `email-taken`: what an address may learn about who has an account. */
export const registerLimit: Limit = { max: 10, windowMs: 5 * 60_000 };
/** Wrong invitation secrets per address. */
export const invitationLimit: Limit = { max: 30, windowMs: 60_000 };

/**
 * Seconds to wait before another attempt, or null when one is allowed now.
 * @param refusedAtMs instants of earlier refused attempts, any order
 */
export function waitSeconds(refusedAtMs: readonly number[], limit: Limit, nowMs: number): number | null {
  const recent = refusedAtMs.filter((at) => at > nowMs - limit.windowMs).sort((a, b) => b - a);
  const blocking = recent[limit.max - 1];
  return blocking === undefined ? null : Math.max(1, Math.ceil((blocking + limit.windowMs - nowMs) / 1000));
}

/**
 * What an address is counted as: IPv4 as it is (also when mapped into IPv6), IPv6 by its /64, since one host owns a whole /64.
 * A missing or unreadable address shares one key, so that it is limited rather than free.
 */
export function ipKey(ip: string | undefined): string {
  const address = ip?.trim().toLowerCase().split("%")[0] ?? "";
  const mapped = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})$/.exec(address)?.[1];
  if (mapped) return mapped;
  if (!/^[0-9a-f:]+$/.test(address) || !address.includes(":")) return "unknown";
  const [head = "", tail, extra] = address.split("::");
  if (extra !== undefined) return "unknown";
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...new Array<string>(gap).fill("0"), ...right];
  if (groups.length !== 8 || groups.some((group) => group.length === 0 || group.length > 4)) return "unknown";
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
