import { isRefusal, type Refusal } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import type { ActionDeps, ActionMeta } from "./action.ts";
import { auditMessage } from "./audit.ts";
import { type Grant, isRetryable, setContext, type Tx } from "./db.ts";
import { enqueue } from "./outbox.ts";

/** Somebody who asks, with the facts of the request. */
export interface Caller {
  readonly actor: Actor;
  readonly meta: Pick<ActionMeta, "traceId">;
}

interface SharedContext<D, I> {
  readonly input: I;
  readonly deps: D;
  readonly tx: Tx;
  readonly now: number;
}

/** The parts of a read that many ask for at the same moment. */
export interface SharedReadDefinition<D extends ActionDeps, I, R> {
  /** Audit code. */
  readonly name: string;
  /** As an action's `access`, for all askers at once: one grant or refusal for each, in their order. */
  readonly access: (context: SharedContext<D, I> & { readonly actors: readonly Actor[] }) => Promise<readonly (Grant | Refusal)[]>;
  /** Runs once for each different grant, under that grant's row-level security. */
  readonly run: (context: SharedContext<D, I> & { readonly grant: Grant }) => Promise<R>;
}

type AuditRecord = Parameters<typeof auditMessage>[0];
export type SharedRead<D, I, R> = (deps: D, callers: readonly Caller[], input: I) => Promise<(R | Refusal)[]>;

/**
 * Builds a read that a hundred screens ask for at once: one transaction decides access for every caller, reads once for each different
 * grant, and leaves one audit record per session that was shown protected rows, or was refused. Otherwise as `defineAction`.
 */
export function defineSharedRead<D extends ActionDeps, I, R>(definition: SharedReadDefinition<D, I, R>): SharedRead<D, I, R> {
  return async (deps, callers, input) => {
    for (let attempt = 1; ; attempt++) {
      try {
        const results = await deps.db.drizzle.transaction((tx) => answer(definition, deps, callers, input, tx));
        deps.outbox.wake();
        for (const result of results)
          deps.metrics.actions.inc({ action: definition.name, outcome: isRefusal(result) ? result.refused : "ok" });
        return results;
      } catch (error) {
        if (!isRetryable(error) || attempt >= 4) throw error;
      }
    }
  };
}

async function answer<D extends ActionDeps, I, R>(
  definition: SharedReadDefinition<D, I, R>,
  deps: D,
  callers: readonly Caller[],
  input: I,
  tx: Tx,
): Promise<(R | Refusal)[]> {
  const now = deps.clock.now();
  const context = { input, deps, tx, now };
  const grants = await definition.access({ ...context, actors: callers.map(({ actor }) => actor) });
  const answers = new Map<string, R>();
  const entries = new Map<string, AuditRecord>();
  const results: (R | Refusal)[] = [];
  for (const [index, { actor, meta }] of callers.entries()) {
    const granted = grants[index];
    if (!granted) throw new Error(`${definition.name} decided access for ${grants.length} of ${callers.length} callers`);
    const key = JSON.stringify(granted);
    const record = { service: deps.service, code: definition.name, actor, traceId: meta.traceId, nowMs: now };
    if (isRefusal(granted)) {
      results.push(granted);
      entries.set(`${sessionOf(actor)} ${key}`, { ...record, outcome: "denied", reason: granted.refused, notes: [] });
      continue;
    }
    let found = answers.get(key);
    if (found === undefined) {
      await setContext(tx, granted);
      found = await definition.run({ ...context, grant: granted });
      answers.set(key, found);
    }
    results.push(found);
    if (granted.kind === "public") continue;
    const notes =
      granted.kind === "patients" ? [{ patientIds: granted.ids }] : granted.kind === "clinics" ? [{ clinicIds: granted.ids }] : [];
    entries.set(`${sessionOf(actor)} ${key}`, { ...record, outcome: "ok", notes });
  }
  await enqueue(tx, [...entries.values()].map(auditMessage));
  return results;
}

/** Two screens of one session are one reader. */
function sessionOf(actor: Actor): string {
  return actor.kind === "user" ? `${actor.accountId} ${actor.sessionHash}` : JSON.stringify(actor);
}
