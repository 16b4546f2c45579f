import { sessionCookie } from "@episante/contracts/session";

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "media-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** Headers of every answer. A page may load only from here; no other site may frame or read it. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(self), payment=(), usb=()",
};

/** Told only over HTTPS (RFC 6797 §7.2). */
export const strictTransport = "max-age=31536000; includeSubDomains";

/** Only these travel to a service; credentials and `x-*` of the client never do. */
const passedOn: readonly string[] = [
  "accept",
  "accept-language",
  "content-type",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "idempotency-key",
  "last-event-id",
  "user-agent",
];
/** Hop-by-hop headers (RFC 9110 §7.6.1) and lengths that this hop decides anew. */
const notReturned: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-length",
  "server",
  "date",
]);

/** What of a client's headers goes on to a service, under this gateway's trace. */
export function passedHeaders(from: Headers, traceparent: string): Headers {
  const headers = new Headers({ "accept-encoding": "identity", traceparent });
  for (const name of passedOn) {
    const value = from.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

/** True when an answer makes the browser forget its session. */
export function endsSession(answer: Headers): boolean {
  return answer.getSetCookie().some((cookie) => cookie.startsWith(`${sessionCookie}=;`));
}

/** What of a service's headers goes on to the client. Only sign-in sets cookies, and what does not say otherwise is not kept by caches. */
export function returnedHeaders(from: Headers, maySetCookies: boolean): Headers {
  const headers = new Headers();
  from.forEach((value, name) => {
    if (!notReturned.has(name) && name !== "set-cookie") headers.append(name, value);
  });
  if (maySetCookies) for (const cookie of from.getSetCookie()) headers.append("set-cookie", cookie);
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  return headers;
}
