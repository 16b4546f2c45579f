import { type Refusal, refuse } from "@episante/contracts/problem";
import { tokenBuckets } from "./domain/token-buckets.ts";

/** Endpoints where guessing pays: only failures count, per address. */
const guessable = new Set(["auth.login", "ingest.pair", "auth.accept-invitation"]);

export interface Limits {
  /** Refuses a request whose caller has used up its share. */
  check(request: { endpointId: string | null; ip: string; sessionHash: string | null }): Refusal | null;
  /** Says how a guessable request ended: a success does not count. */
  settle(request: { endpointId: string | null; ip: string }, status: number): void;
}

/** Shares per address and per session, in real time. */
export function makeLimits(now: () => number = Date.now): Limits {
  const guesses = tokenBuckets({ burst: 20, perSecond: 1 / 6 });
  const registrations = tokenBuckets({ burst: 60, perSecond: 1 / 6 });
  const perSession = tokenBuckets({ burst: 300, perSecond: 50 });
  const perAddress = tokenBuckets({ burst: 600, perSecond: 100 });
  const verdict = (waitSeconds: number): Refusal | null =>
    waitSeconds > 0 ? refuse("too-many-requests", { extra: { retryAfterSeconds: Math.ceil(waitSeconds) } }) : null;
  return {
    check({ endpointId, ip, sessionHash }) {
      const general = sessionHash ? perSession.take(sessionHash, now()) : perAddress.take(ip, now());
      if (general > 0) return verdict(general);
      if (endpointId && guessable.has(endpointId)) return verdict(guesses.take(`${endpointId} ${ip}`, now()));
      if (endpointId === "auth.register") return verdict(registrations.take(ip, now()));
      return null;
    },
    settle({ endpointId, ip }, status) {
      if (endpointId && guessable.has(endpointId) && (status < 400 || status >= 500)) guesses.giveBack(`${endpointId} ${ip}`);
    },
  };
}
