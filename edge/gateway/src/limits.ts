import { type Refusal, refuse } from "@episante/contracts/problem";
import { tokenBuckets } from "./domain/token-buckets.ts";

/**
 * Endpoints where guessing pays, and the statuses that say that a guess was wrong. Only those count, per address: a malformed body is no guess,
 * and many right passwords at once are none either. The services have exact limits of their own; this one keeps a flood away from them.
 */
const wrongGuess: Readonly<Record<string, readonly number[]>> = {
  "auth.login": [401],
  "auth.step-up": [401],
  "ingest.pair": [404, 409, 422],
  "auth.accept-invitation": [409, 422],
  "appointment.read-link": [404],
  "appointment.answer-link": [404],
};

export interface Limits {
  /** Refuses a request whose caller has used up its share. */
  check(request: { endpointId: string | null; ip: string; sessionHash: string | null }): Refusal | null;
  /** Says how a request ended: a wrong guess counts. */
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
      if (endpointId && Object.hasOwn(wrongGuess, endpointId)) return verdict(guesses.waitSeconds(`${endpointId} ${ip}`, now()));
      if (endpointId === "auth.register") return verdict(registrations.take(ip, now()));
      return null;
    },
    settle({ endpointId, ip }, status) {
      if (endpointId && wrongGuess[endpointId]?.includes(status)) guesses.take(`${endpointId} ${ip}`, now());
    },
  };
}
