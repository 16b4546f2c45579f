import { createHash } from "node:crypto";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { type ServiceName, type SessionEntry, sessionCookie } from "@episante/contracts/session";
import type { Signer } from "@episante/service/token";
import type { KvMirror, Mirrored } from "./kv-mirror.ts";

/** An open session, as one request sees it. */
export interface OpenSession {
  /** SHA-256 of the cookie's secret, hex. */
  readonly hash: string;
  readonly entry: Mirrored<SessionEntry>;
}

export interface Sessions {
  /** The session a cookie names: null when there is none (the service then decides about anonymous callers). */
  resolve(cookieHeader: string | null, options: { isUse: boolean }): Promise<OpenSession | null | Refusal>;
  /** A token for the services that a route needs, at most 50 s old. */
  tokenFor(session: OpenSession, audience: readonly ServiceName[]): Promise<string>;
  /** The session's end was just answered: it is none here from now on, before the bucket says so. */
  forget(session: OpenSession): void;
  /** Calls back once when the session ends or its rights change. Returns the unsubscribe function. */
  whenEnded(session: OpenSession, callback: () => void): () => void;
  /** Stops watching; open streams end. */
  close(): void;
}

const tokenMs = 50_000;
const secretPattern = /^[A-Za-z0-9_-]{16,200}$/;

interface Issued {
  readonly revision: number;
  readonly tokens: Map<string, { token: string; untilMs: number }>;
}

/**
 * Sessions from the mirrored bucket. Ends: absolute, idle (counted from the last use this process saw), revoked. All in real time.
 * Long-lived streams do not count as use.
 */
export function makeSessions(mirror: KvMirror<SessionEntry>, signer: Signer, now: () => number = Date.now): Sessions {
  const lastUse = new Map<string, number>();
  const issued = new Map<string, Issued>();
  const watchers = new Map<string, Set<{ actor: string; callback: () => void }>>();
  /** Forgotten, and still in the bucket as far as this process knows. */
  const forgotten = new Set<string>();

  const isOpen = (hash: string, entry: SessionEntry): boolean => {
    const nowMs = now();
    return nowMs < entry.expiresAtMs && nowMs < (lastUse.get(hash) ?? nowMs) + entry.idleSeconds * 1000;
  };
  const end = (hash: string) => {
    issued.delete(hash);
    const waiting = watchers.get(hash);
    watchers.delete(hash);
    for (const watcher of waiting ?? []) watcher.callback();
  };
  mirror.onChange((hash, entry) => {
    if (!entry) {
      lastUse.delete(hash);
      forgotten.delete(hash);
      return end(hash);
    }
    issued.delete(hash);
    const actor = JSON.stringify(entry.value.actor);
    if ([...(watchers.get(hash) ?? [])].some((watcher) => watcher.actor !== actor)) end(hash);
  });
  const timer = setInterval(() => {
    for (const hash of watchers.keys()) {
      const entry = mirror.peek(hash);
      if (!entry || !mirror.isFresh() || !isOpen(hash, entry.value)) end(hash);
    }
  }, 1_000);

  return {
    async resolve(cookieHeader, { isUse }) {
      const secret = cookieValue(cookieHeader);
      if (!secret || !secretPattern.test(secret)) return null;
      if (!mirror.isFresh()) return refuse("mirror-stale");
      const hash = createHash("sha256").update(secret).digest("hex");
      const entry = await mirror.find(hash);
      if (entry === "unavailable") return refuse("mirror-stale");
      if (!entry || forgotten.has(hash) || !isOpen(hash, entry.value)) return null;
      if (isUse || !lastUse.has(hash)) lastUse.set(hash, now());
      return { hash, entry };
    },
    async tokenFor({ hash, entry }, audience) {
      const nowMs = now();
      let known = issued.get(hash);
      if (known?.revision !== entry.revision) {
        known = { revision: entry.revision, tokens: new Map() };
        issued.set(hash, known);
      }
      const key = audience.join();
      const cached = known.tokens.get(key);
      if (cached && cached.untilMs > nowMs) return cached.token;
      const token = await signer.sign(entry.value.actor, audience);
      known.tokens.set(key, { token, untilMs: nowMs + tokenMs });
      return token;
    },
    forget({ hash }) {
      if (mirror.peek(hash)) forgotten.add(hash);
      end(hash);
    },
    whenEnded({ hash, entry }, callback) {
      const waiting = watchers.get(hash) ?? new Set();
      const watcher = { actor: JSON.stringify(entry.value.actor), callback };
      waiting.add(watcher);
      watchers.set(hash, waiting);
      return () => {
        waiting.delete(watcher);
        if (waiting.size === 0 && watchers.get(hash) === waiting) watchers.delete(hash);
      };
    },
    close() {
      clearInterval(timer);
      for (const hash of [...watchers.keys()]) end(hash);
    },
  };
}

/** True when the request carries a session cookie, valid or not. */
export function hasSessionCookie(cookieHeader: string | null): boolean {
  return cookieValue(cookieHeader) !== null;
}

function cookieValue(cookieHeader: string | null): string | null {
  for (const part of cookieHeader?.split(";") ?? []) {
    const [name, value] = part.trim().split("=", 2);
    if (name === sessionCookie && value) return value;
  }
  return null;
}
