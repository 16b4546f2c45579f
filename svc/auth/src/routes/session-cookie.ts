import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, sessionCookie } from "@episante/contracts/session";
import type { ActionMeta } from "@episante/service/action";
import type { Browser } from "../actions/open-session.ts";
import { isSecureContext } from "../domain/secure-context.ts";
import { sha256 } from "../secrets.ts";

const attributes = "Path=/; Secure; HttpOnly; SameSite=Strict";

/** Header that gives the browser its session: gone when the browser closes, never readable by scripts. */
export function setSession(secret: string): Record<string, string> {
  return { "set-cookie": `${sessionCookie}=${secret}; ${attributes}` };
}

/** Headers that make the browser forget the session and what it kept of the site. */
export const clearSession: Record<string, string> = {
  "set-cookie": `${sessionCookie}=; Max-Age=0; ${attributes}`,
  "clear-site-data": '"cache", "cookies", "storage"',
};

/** `https-required` on a bare http address other than this machine, as the gateway saw it. */
export function refuseInsecure({ headers }: ActionMeta): Refusal | null {
  const host = headers.get("x-forwarded-host") ?? headers.get("host") ?? undefined;
  return isSecureContext(headers.get("x-forwarded-proto") ?? undefined, host) ? null : refuse("https-required");
}

/** The browser that signs in: its name, and the sessions it came with (as a cookie, or known to the gateway already). */
export function browserOf(actor: Actor, { headers }: ActionMeta): Browser {
  const cookies = (headers.get("cookie") ?? "").split(";").map((cookie) => cookie.trim());
  const secrets = cookies
    .filter((cookie) => cookie.startsWith(`${sessionCookie}=`))
    .map((cookie) => cookie.slice(sessionCookie.length + 1));
  const hashes = secrets.slice(0, 4).map(sha256);
  return {
    userAgent: headers.get("user-agent") ?? "",
    earlierSessions: [...new Set(actor.kind === "user" ? [...hashes, actor.sessionHash] : hashes)],
  };
}
