import { type Refusal, refuse } from "@episante/contracts/problem";
import { grant, type Tx } from "@episante/service/db";
import type { AuthDeps } from "../deps.ts";
import { type Limit, waitSeconds } from "../domain/limits.ts";
import { type AttemptKeys, insertAttempt, listRefusedAttempts, lockAddress, markSucceeded } from "../storage/attempts.ts";

export interface AttemptLimits {
  readonly ip: Limit;
  readonly pair?: Limit;
}

/** Answer to somebody who must wait. */
export function tooMany(retryAfterSeconds: number): Refusal {
  return refuse("too-many-requests", { extra: { retryAfterSeconds } });
}

/**
 * Runs a task behind the hashing gate and counts it against the limits unless it says `succeeded`. An attempt is saved as refused before the
 * task starts, so a crash or a burst never makes more attempts than the limit; a limited one is not run at all, whatever it would bring.
 * Without its tables it throws: the limit fails closed.
 */
export async function limitAttempts<T>(
  deps: AuthDeps,
  keys: AttemptKeys,
  limits: AttemptLimits,
  task: () => Promise<{ readonly result: T; readonly succeeded: boolean }>,
): Promise<T | Refusal> {
  const system = grant.system("auth.limit-attempts");
  // Looked at before queueing too, so that a flood does not fill the queue.
  const early = await deps.db.transaction(system, (tx) => findWait(deps, tx, keys, limits));
  if (early !== null) return tooMany(early);
  const outcome = await deps.hashing.run(async () => {
    const reserved = await deps.db.transaction(system, async (tx) => {
      await lockAddress(tx, keys);
      const wait = await findWait(deps, tx, keys, limits);
      return wait === null ? { id: await insertAttempt(tx, keys, new Date(deps.realNow())) } : tooMany(wait);
    });
    if (!("id" in reserved)) return reserved;
    const { result, succeeded } = await task();
    if (succeeded) await deps.db.transaction(system, (tx) => markSucceeded(tx, reserved.id));
    return result;
  });
  return outcome === "busy" ? tooMany(5) : (outcome as T | Refusal);
}

async function findWait(deps: AuthDeps, tx: Tx, keys: AttemptKeys, limits: AttemptLimits): Promise<number | null> {
  const now = deps.realNow();
  const byIp = waitSeconds(await listRefusedAttempts(tx, keys, "ip", limits.ip.max), limits.ip, now);
  if (byIp !== null || !limits.pair) return byIp;
  return waitSeconds(await listRefusedAttempts(tx, keys, "pair", limits.pair.max), limits.pair, now);
}
