import { isRefusal, type Refusal } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import type { ActionDeps, ActionMeta } from "./action.ts";
import { accessMessages, auditMessage } from "./audit.ts";
import { type Grant, isRetryable, setContext, type Tx } from "./db.ts";
import { enqueue, type OutboxMessage } from "./outbox.ts";
import { pipelined } from "./pipelined.ts";

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
  /** Runs once for each different grant, under that grant's row-level security. Its first statement follows the context without waiting for it. */
  readonly run: (context: SharedContext<D, I> & { readonly grant: Grant }) => Promise<R>;
}

export type SharedRead<D, I, R> = (deps: D, callers: readonly Caller[], input: I) => Promise<(R | Refusal)[]>;

/**
 * Builds a read that a hundred screens ask for at once: one transaction decides access for every caller, reads once for each different
 * grant, and leaves one audit record per session that was shown protected rows, or was refused. Otherwise as `defineAction`.
 */
export function defineSharedRead<D extends ActionDeps, I, R>(definition: SharedReadDefinition<D, I, R>): SharedRead<D, I, R> {
  return async (deps, callers, input) => {
    for (let attempt = 1; ; attempt++) {
      try {
        // The relay is not woken: the audit records go out with what it publishes next, within a second, and the screens come first.
        const results = await deps.db.drizzle.transaction((tx) => answer(definition, deps, callers, input, tx));
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
  const granted = new Map<string, Grant>();
  const keys = callers.map((_, index) => {
    const given = grants[index];
    if (!given) throw new Error(`${definition.name} decided access for ${grants.length} of ${callers.length} callers`);
    if (isRefusal(given)) return given;
    const key = JSON.stringify(given);
    granted.set(key, given);
    return key;
  });
  const records = sharedReadRecords({ service: deps.service, code: definition.name, callers, grants, nowMs: now });
  const read = async () => {
    const answers = new Map<string, R>();
    for (const [key, given] of granted) {
      const [, found] = await pipelined([setContext(tx, given), definition.run({ ...context, grant: given })]);
      answers.set(key, found);
    }
    return answers;
  };
  const [answers] = await pipelined([read(), enqueue(tx, records)]);
  return keys.map((key) => (isRefusal(key) ? key : (answers.get(key) as R)));
}

/** The audit records of what was decided for callers that are answered together: one per session and decision, none for `public`. */
export function sharedReadRecords(shared: {
  readonly service: string;
  readonly code: string;
  readonly callers: readonly Caller[];
  /** One for each caller, in their order. */
  readonly grants: readonly (Grant | Refusal)[];
  readonly nowMs: number;
}): OutboxMessage[] {
  const { service, code, callers, grants, nowMs } = shared;
  const entries = new Map<string, OutboxMessage[]>();
  for (const [index, { actor, meta }] of callers.entries()) {
    const given = grants[index];
    if (!given) continue;
    const key = `${sessionOf(actor)} ${JSON.stringify(given)}`;
    if (entries.has(key)) continue;
    const facts = { service, code, actor, traceId: meta.traceId, nowMs, notes: [] };
    if (isRefusal(given)) entries.set(key, [auditMessage({ ...facts, outcome: "denied", reason: given.refused })]);
    else if (given.kind !== "public") entries.set(key, accessMessages(facts, given));
  }
  return [...entries.values()].flat();
}

/** Two screens of one session are one reader. */
function sessionOf(actor: Actor): string {
  return actor.kind === "user" ? `${actor.accountId} ${actor.sessionHash}` : JSON.stringify(actor);
}
