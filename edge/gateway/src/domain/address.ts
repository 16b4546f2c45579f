/** Tests whether an IP address is one of the proxies whose forwarding headers may be believed. */
export type ProxyTest = (ip: string) => boolean;

/** @param list comma-separated addresses or IPv4 ranges (`172.16.0.0/12`); empty trusts nobody */
export function trustedProxies(list: string): ProxyTest {
  const entries = list
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);
  const exact = new Set(entries.filter((entry) => !entry.includes("/")));
  const ranges = entries.filter((entry) => entry.includes("/")).map(parseRange);
  return (ip) => {
    const plain = ip.startsWith("::ffff:") ? ip.slice(7) : ip;
    if (exact.has(plain)) return true;
    const number = toNumber(plain);
    return number !== null && ranges.some(({ base, mask }) => (number & mask) >>> 0 === base);
  };
}

function parseRange(text: string): { base: number; mask: number } {
  const [address = "", bits = ""] = text.split("/");
  const number = toNumber(address);
  const length = Number(bits);
  if (number === null || !Number.isInteger(length) || length < 0 || length > 32)
    throw new Error("TRUSTED_PROXIES holds a range that is not IPv4");
  const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
  return { base: (number & mask) >>> 0, mask };
}

function toNumber(ip: string): number | null {
  const parts = ip.split(".");
  if (parts.length !== 4) return null;
  let number = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return null;
    number = number * 256 + Number(part);
  }
  return number >>> 0;
}

/** Address and scheme of the client: the socket's, unless a trusted proxy tells otherwise (its own, last entry). */
export function clientOf(headers: Headers, socketIp: string, isTrusted: ProxyTest): { ip: string; proto: "http" | "https"; host: string } {
  const host = headers.get("host") ?? "";
  if (!isTrusted(socketIp)) return { ip: socketIp, proto: "http", host };
  const forwarded = headers.get("x-forwarded-for")?.split(",").at(-1)?.trim();
  const proto = headers.get("x-forwarded-proto")?.split(",").at(-1)?.trim() === "https" ? "https" : "http";
  return { ip: forwarded || socketIp, proto, host: headers.get("x-forwarded-host")?.split(",").at(-1)?.trim() || host };
}
