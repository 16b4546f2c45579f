import { createHash } from "node:crypto";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { sql } from "drizzle-orm";
import { type AuditNote, accessMessages, auditMessage, notesOf } from "./audit.ts";
import type { Clock } from "./clock.ts";
import { type Database, type Grant, isRetryable, setContext, type Tx } from "./db.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { type Emit, emitterInto, enqueue, type Outbox, type OutboxMessage } from "./outbox.ts";
import { inSpan } from "./trace.ts";

/** What every action needs; a service's own deps extend it. */
export interface ActionDeps {
  readonly service: string;
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly outbox: Pick<Outbox, "wake" | "flush">;
  readonly metrics: Pick<Metrics, "actions">;
}

/** Facts of the request an action may need. */
export interface ActionMeta {
  readonly traceId: string;
  readonly traceparent?: string;
  readonly idempotencyKey?: string;
  readonly headers: Headers;
  /** Client address, from the gateway only. */
  readonly ip?: string;
}

interface AccessContext<D, I> {
  readonly actor: Actor;
  readonly input: I;
  readonly deps: D;
  /** No row-level-security context yet: sees unprotected tables only (mirrors, settings). */
  readonly tx: Tx;
  readonly now: number;
  /** Adds to the audit record; in `access`, names whom a denied request was about. */
  readonly audit: (note: AuditNote) => void;
}
interface RunContext<D, I> extends AccessContext<D, I> {
  readonly grant: Grant;
  readonly emit: Emit;
  readonly meta: ActionMeta;
}

/** The parts of a verb. There is no other way to get a transaction for a user's request. */
export interface ActionDefinition<D extends ActionDeps, I, R> {
  /** Audit code; the endpoint's id. */
  readonly name: string;
  /** Default-deny: grants what the transaction may see, or refuses. */
  readonly access: (context: AccessContext<D, I>) => Grant | Refusal | Promise<Grant | Refusal>;
  readonly run: (context: RunContext<D, I>) => Promise<R | Refusal>;
  /** With `Idempotency-Key`: a repeat with the same input gets the stored answer, another input `idempotency-mismatch`. */
  readonly idempotent?: boolean;
  /** Answer only after the events are published, for facts that others decide by (memberships, relationships). */
  readonly settle?: boolean;
}

export type Action<D, I, R> = (deps: D, actor: Actor, input: I, meta: ActionMeta) => Promise<R | Refusal>;

/** Thrown to roll a refused transaction back. */
class Refused extends Error {
  constructor(
    readonly refusal: Refusal,
    readonly outcome: "denied" | "refused",
    readonly notes: readonly AuditNote[],
    readonly isAudited: boolean,
  ) {
    super(refusal.refused);
  }
}

/**
 * Builds a verb: one transaction { access → row-level-security context → run → audit record → events }. A refusal rolls it back and
 * leaves an audit record of its own (`denied` by access, `refused` by run). Deadlocks and serialisation conflicts are tried again.
 */
export function defineAction<D extends ActionDeps, I, R>(definition: ActionDefinition<D, I, R>): Action<D, I, R> {
  return (deps, actor, input, meta) =>
    inSpan({ name: `action ${definition.name}`, parent: meta.traceparent }, async (span) => {
      const traced = span.traceparent ? { ...meta, traceparent: span.traceparent } : meta;
      const result = await perform(definition, deps, actor, input, traced);
      span.set({ "episante.outcome": isRefusal(result) ? result.refused : "ok" });
      return result;
    });
}

async function perform<D extends ActionDeps, I, R>(
  definition: ActionDefinition<D, I, R>,
  deps: D,
  actor: Actor,
  input: I,
  meta: ActionMeta,
): Promise<R | Refusal> {
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await deps.db.drizzle.transaction((tx) => attemptOnce(definition, deps, actor, input, meta, tx));
      deps.outbox.wake();
      deps.metrics.actions.inc({ action: definition.name, outcome: "ok" });
      if (definition.settle) await deps.outbox.flush();
      return result;
    } catch (error) {
      if (error instanceof Refused) {
        deps.metrics.actions.inc({ action: definition.name, outcome: error.refusal.refused });
        if (error.isAudited) await auditRefusal(definition.name, deps, actor, meta, error);
        return error.refusal;
      }
      if (!isRetryable(error) || attempt >= 4) throw error;
    }
  }
}

async function attemptOnce<D extends ActionDeps, I, R>(
  definition: ActionDefinition<D, I, R>,
  deps: D,
  actor: Actor,
  input: I,
  meta: ActionMeta,
  tx: Tx,
): Promise<R> {
  const now = deps.clock.now();
  const notes: AuditNote[] = [{ patientIds: patientsNamedIn(input) }];
  const granted = await definition.access({ actor, input, deps, tx, now, audit: (note) => notes.push(note) });
  if (isRefusal(granted)) throw new Refused(granted, "denied", notes, actor.kind !== "anonymous");
  const isRepeatable = definition.idempotent && meta.idempotencyKey !== undefined;
  const claim = isRepeatable ? claimKey(tx, actorKey(actor), meta.idempotencyKey ?? "", definition.name, input) : null;
  const [stored] = await Promise.all([claim, setContext(tx, granted)]);
  if (isRefusal(stored)) throw new Refused(stored, "refused", [], true);
  if (stored) return stored.answer as R;
  let isWorthARecord = granted.kind !== "public";
  // Written together at the end: an event alone would cost its own round trip.
  const messages: OutboxMessage[] = [];
  const emitEvent = emitterInto((message) => void messages.push(message), actor, deps.clock, meta.traceparent);
  const emit: Emit = (type, data) => {
    isWorthARecord = true;
    return emitEvent(type, data);
  };
  const audit = (note: AuditNote) => {
    isWorthARecord = true;
    notes.push(note);
  };
  const result = await definition.run({ actor, input, deps, tx, now, grant: granted, emit, audit, meta });
  if (isRefusal(result)) throw new Refused(result, "refused", [...notes, ...notesOf(granted)], isWorthARecord);
  if (isWorthARecord) {
    const { traceId } = meta;
    messages.push(...accessMessages({ service: deps.service, code: definition.name, actor, traceId, notes, nowMs: now }, granted));
  }
  const keep = isRepeatable
    ? tx.execute(
        sql`update idempotency set answer = ${JSON.stringify(result)} where actor = ${actorKey(actor)} and key = ${meta.idempotencyKey ?? ""}`,
      )
    : null;
  await Promise.all([keep, enqueue(tx, messages)]);
  return result;
}

/** Leaves the audit record of a refusal, in a transaction of its own. */
export async function auditRefusal(
  code: string,
  deps: ActionDeps,
  actor: Actor,
  meta: ActionMeta,
  error: Pick<Refused, "refusal" | "outcome" | "notes">,
): Promise<void> {
  const record = auditMessage({
    service: deps.service,
    code,
    outcome: error.outcome,
    reason: error.refusal.refused,
    actor,
    traceId: meta.traceId,
    notes: error.notes,
    nowMs: deps.clock.now(),
  });
  await deps.db.drizzle.transaction((tx) => enqueue(tx, [record]));
  deps.outbox.wake();
}

/** Patients a request asks about by id: a denial is recorded for them too, so that they see who tried. */
export function patientsNamedIn(input: unknown): string[] {
  if (typeof input !== "object" || input === null) return [];
  return Object.values(input).filter((value): value is string => typeof value === "string" && /^pat_[0-9a-f]{32}$/.test(value));
}

/** Whose idempotency keys a request uses. */
export function actorKey(actor: Actor): string {
  return actor.kind === "user" ? actor.accountId : actor.kind === "device" ? actor.deviceId : actor.kind;
}

/** What two requests with one key must have in common to be the same request. */
export function inputHashOf(action: string, input: unknown): string {
  return createHash("sha256")
    .update(`${action}\n${JSON.stringify(input)}`)
    .digest("hex");
}

/** The stored answer of a key, `idempotency-mismatch` when it was given for another input, null when there is none. */
export async function findAnswer(
  db: Pick<Database, "drizzle">,
  actor: string,
  key: string,
  inputHash: string,
): Promise<{ answer: unknown } | Refusal | null> {
  const [row] = await db.drizzle.execute(sql`select input_hash, answer from idempotency where actor = ${actor} and key = ${key}`);
  if (!row) return null;
  return row.input_hash === inputHash ? { answer: JSON.parse(String(row.answer)) as unknown } : refuse("idempotency-mismatch");
}

/** Claims a key for this transaction; a parallel claim waits here for the first one's commit. */
async function claimKey(tx: Tx, actor: string, key: string, action: string, input: unknown): Promise<Refusal | { answer: unknown } | null> {
  const inputHash = inputHashOf(action, input);
  const claimed = await tx.execute(
    sql`insert into idempotency (actor, key, action, input_hash) values (${actor}, ${key}, ${action}, ${inputHash}) on conflict do nothing returning key`,
  );
  if (claimed.length > 0) return null;
  const [row] = await tx.execute(sql`select input_hash, answer from idempotency where actor = ${actor} and key = ${key}`);
  if (row?.input_hash !== inputHash) return refuse("idempotency-mismatch");
  return { answer: JSON.parse(String(row.answer)) as unknown };
}
