import { type EventOf, type EventType, eventSchema, events, subjectOf } from "@episante/contracts/events";
import { parseTraceparent } from "@episante/contracts/traceparent";
import { AckPolicy, type Consumer, type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { sql } from "drizzle-orm";
import type { ActionDeps } from "./action.ts";
import { makeBatches } from "./batches.ts";
import { grant, isOutOfRoom, isUnreachable, setContext, type Tx } from "./db.ts";
import type { Metrics } from "./metrics.ts";
import { askingJetStreamOf, endOnReconnect, type JetStreamClient, type NatsConnection } from "./nats.ts";
import { type Emit, emitterInto, enqueue, type OutboxMessage } from "./outbox.ts";
import { inSpan, type Span, startSpan } from "./trace.ts";

export interface ConsumerContext<D, T extends EventType> {
  readonly event: { [K in T]: EventOf<K> }[T];
  /** System context: sees every row. */
  readonly tx: Tx;
  readonly deps: D;
  readonly now: number;
  readonly emit: Emit;
}

/** Several events of one transaction, oldest first. `emit` takes the cause (`traceparent`) of the event it answers. */
export interface GatheredContext<D, T extends EventType> extends Omit<ConsumerContext<D, T>, "event"> {
  readonly events: readonly ConsumerContext<D, T>["event"][];
}

interface ConsumerOptions<D, T extends EventType> {
  readonly name: string;
  readonly on: readonly T[];
  readonly handle: (context: ConsumerContext<D, T>) => Promise<void>;
  /** The same effect for several events in fewer statements; without it `handle` is called for each. */
  readonly handleGathered?: (context: GatheredContext<D, T>) => Promise<void>;
  /** How long events are gathered after the first, for consumers nobody waits for; 0 unless said: what has arrived is taken. */
  readonly gatherMs?: number;
  /** For handlers that ask other services, or hold locks that requests wait for: a transaction for each event. */
  readonly oneByOne?: boolean;
}

/** A durable consumer with an idempotent effect, named `<effect>-on-<cause>`. */
export type ConsumerSpec<D = never> = ConsumerOptions<D, EventType>;

/**
 * Ties a handler to event types. What has arrived is taken in one transaction in system context, in order, the inbox rows included, so
 * that a redelivery has no effect; when that fails, event by event, so that one bad event goes alone.
 */
export function consumer<D extends ActionDeps, T extends EventType>(spec: ConsumerOptions<D, T>): ConsumerSpec<D> {
  return spec as unknown as ConsumerSpec<D>;
}

export interface ConsumeDeps extends ActionDeps {
  readonly nats: NatsConnection;
  readonly js: JetStreamClient;
  readonly metrics: Metrics;
}

const maxDeliveries = 8;
const mostGathered = 100;
const idleMs = 1_000;
/** Between two rounds of one consumer: what arrives meanwhile is taken together. The first event after silence is taken at once. */
const restMs = 20;
/** The same behind a round of several: a stream of events is taken in fewer transactions. */
const restFromManyMs = 120;
const many = 6;
const backoffMs = [200, 500, 1_000, 2_000, 5_000, 10_000, 20_000];

/** Hooks for mirrors: the stream position of each applied event, inside its transaction and after the commit. */
interface PositionHooks {
  readonly inTransaction: (tx: Tx, streamSeq: number) => Promise<void>;
  readonly committed: (streamSeq: number) => void;
}

export interface Running {
  stop(): Promise<void>;
}

/**
 * Starts a durable consumer. Failures are tried again with growing pauses; the eighth goes to the dead letters and the next event is taken.
 */
export async function startConsumer<D extends ConsumeDeps>(spec: ConsumerSpec<D>, deps: D, hooks?: PositionHooks): Promise<Running> {
  const first = spec.on[0];
  if (!first) throw new Error(`${spec.name} consumes nothing`);
  const stream = events[first].stream;
  const subjects = stream === "ALERTS" ? ["alerts.>"] : spec.on.map((type) => subjectOf(type, {} as never));
  const durable = `${deps.service}-${spec.name}`;
  let running = true;
  let messages: ConsumerMessages | undefined;

  const loop = (async () => {
    while (running) {
      try {
        const most = spec.oneByOne ? 1 : mostGathered;
        // What is delivered ahead must be handled within the time to acknowledge it: fewer where each takes a transaction.
        const ahead = spec.oneByOne ? 64 : 2 * most;
        const source = await ensureDurable(deps, stream, durable, subjects, ahead);
        messages = await source.consume({ max_messages: ahead });
        // Stopped while it was still starting: there was nothing yet that could be told to stop.
        if (!running) messages.stop();
        const release = endOnReconnect(deps.nats, messages);
        try {
          const batches = makeBatches(messages, most, spec.gatherMs);
          while (running) {
            const batch = await batches.next(idleMs);
            if (!batch) continue;
            await handleBatch(spec, deps, batch, hooks);
            if (!spec.oneByOne)
              await new Promise((resolve) => setTimeout(resolve, batch.length < many || batch.length === most ? restMs : restFromManyMs));
          }
        } finally {
          release();
        }
      } catch (error) {
        if (!running) return;
        deps.log.warn({ consumer: spec.name, err: error }, "consumer interrupted, starting again");
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  })();
  return {
    async stop() {
      running = false;
      messages?.stop();
      await loop;
    },
  };
}

async function ensureDurable(deps: ConsumeDeps, stream: string, durable: string, subjects: string[], ahead: number): Promise<Consumer> {
  const js = askingJetStreamOf(deps.nats);
  const manager = await js.jetstreamManager(false);
  await manager.consumers.add(stream, {
    durable_name: durable,
    filter_subjects: subjects,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    // What was on its way when the broker died comes again after this long; handlers are idempotent.
    ack_wait: 10 * 1e9,
    max_ack_pending: ahead,
  });
  return js.consumers.get(stream, durable);
}

async function handleBatch<D extends ConsumeDeps>(
  spec: ConsumerSpec<D>,
  deps: D,
  batch: readonly JsMsg[],
  hooks?: PositionHooks,
): Promise<void> {
  if (batch.length > 1 && (await handleGathered(spec, deps, batch, hooks))) return;
  for (const message of batch) await handleMessage(spec, deps, message, hooks);
}

/** Takes all in one transaction. @returns false when they have to be taken one by one */
async function handleGathered<D extends ConsumeDeps>(
  spec: ConsumerSpec<D>,
  deps: D,
  batch: readonly JsMsg[],
  hooks?: PositionHooks,
): Promise<boolean> {
  const last = batch.at(-1);
  if (!last) return true;
  const spans: Span[] = [];
  const end = (error?: unknown) => {
    for (const span of spans) span.end(error);
  };
  try {
    const taken = batch.flatMap((message) => {
      const { event, parent } = eventOf(message);
      if (!spec.on.includes(event.type)) return [];
      const span = startSpan({ name: `consume ${spec.name}`, kind: "consumer", parent: parent ?? null });
      if (span) spans.push(span);
      return [causedBy(event, span?.traceparent ?? parent)];
    });
    if (taken.length > 0) await applyOnce(spec, deps, taken, last.seq, hooks);
    end();
  } catch (error) {
    end(error);
    if (isUnreachable(error) || isOutOfRoom(error)) for (const message of batch) waitForDatabase(spec, deps, message, error);
    else deps.log.info({ consumer: spec.name, count: batch.length, err: error }, "events failed together, taking them one by one");
    return isUnreachable(error) || isOutOfRoom(error);
  }
  for (const message of batch) message.ack();
  noteHandled(spec, deps, last, batch.length);
  return true;
}

function noteHandled<D extends ConsumeDeps>(spec: ConsumerSpec<D>, deps: D, last: JsMsg, count: number): void {
  deps.metrics.handled.inc({ consumer: spec.name }, count);
  deps.metrics.consumerLag.set({ consumer: spec.name }, last.info.pending);
  deps.outbox.wake();
}

/** No event is to blame, however often it comes: it waits until the database takes it. */
function waitForDatabase<D extends ConsumeDeps>(spec: ConsumerSpec<D>, deps: D, message: JsMsg, error: unknown): void {
  const deliveries = message.info.deliveryCount;
  deps.log.warn({ consumer: spec.name, count: deliveries, err: error }, "database cannot take the event, trying again");
  message.nak(backoffMs[Math.min(deliveries, 5) - 1] ?? 5_000);
}

async function handleMessage<D extends ConsumeDeps>(spec: ConsumerSpec<D>, deps: D, message: JsMsg, hooks?: PositionHooks): Promise<void> {
  let traceId: string | undefined;
  try {
    const { event, parent } = eventOf(message);
    traceId = parseTraceparent(parent)?.traceId;
    if (spec.on.includes(event.type)) {
      await inSpan({ name: `consume ${spec.name}`, kind: "consumer", parent }, (span) =>
        applyOnce(spec, deps, [causedBy(event, span.traceparent)], message.seq, hooks),
      );
    }
    message.ack();
    noteHandled(spec, deps, message, 1);
  } catch (error) {
    const deliveries = message.info.deliveryCount;
    if (isUnreachable(error) || isOutOfRoom(error)) return waitForDatabase(spec, deps, message, error);
    if (deliveries >= maxDeliveries || error instanceof SyntaxError) {
      deps.log.error({ consumer: spec.name, traceId, err: error }, "event given up on");
      await deadLetter(deps, spec.name, message, error);
      message.term();
    } else {
      deps.log.warn({ consumer: spec.name, count: deliveries, traceId, err: error }, "event failed, trying again");
      message.nak(backoffMs[deliveries - 1] ?? 20_000);
    }
  }
}

/** An event, and the `traceparent` of what published it. */
function eventOf(message: JsMsg): { event: EventOf<EventType>; parent: string | undefined } {
  const envelope = eventSchema.parse(JSON.parse(message.string()));
  const definition = events[envelope.type as EventType];
  if (!definition) throw new SyntaxError("unknown event type");
  const event = { ...envelope, data: definition.data.parse(envelope.data) } as EventOf<EventType>;
  return { event, parent: message.headers?.get("traceparent") || event.traceparent };
}

/** The event as a handler sees it: what it emits hangs below this span. */
function causedBy(event: EventOf<EventType>, traceparent: string | undefined): EventOf<EventType> {
  return traceparent ? { ...event, traceparent } : event;
}

async function applyOnce<D extends ConsumeDeps>(
  spec: ConsumerSpec<D>,
  deps: D,
  taken: readonly EventOf<EventType>[],
  streamSeq: number,
  hooks?: PositionHooks,
): Promise<void> {
  await deps.db.drizzle.transaction(async (tx) => {
    const byId = new Map(taken.map((event) => [event.id, event]));
    const [inserted] = await Promise.all([
      tx.execute(sql`
        insert into inbox (consumer, event_id) select ${spec.name}, id from unnest(${sql.param([...byId.keys()])}::text[]) as id
        on conflict do nothing returning event_id`),
      hooks?.inTransaction(tx, streamSeq),
      setContext(tx, grant.system(spec.name)),
    ]);
    const isNew = new Set(inserted.map((row) => String(row.event_id)));
    const fresh = [...byId.values()].filter(({ id }) => isNew.has(id));
    if (fresh.length === 0) return;
    const messages: OutboxMessage[] = [];
    const emitFor = (cause?: string) =>
      emitterInto((message) => void messages.push(message), { kind: "system", job: spec.name }, deps.clock, cause);
    const shared = { tx, deps, now: deps.clock.now() };
    if (spec.handleGathered) await spec.handleGathered({ ...shared, events: fresh as never, emit: emitFor() });
    else for (const event of fresh) await spec.handle({ ...shared, event: event as never, emit: emitFor(event.traceparent) });
    await enqueue(tx, messages);
  });
  hooks?.committed(streamSeq);
}

/** Keeps a message that could not be handled, with the reason and where it came from, for the administrator's screen. */
export async function deadLetter(
  deps: Pick<ConsumeDeps, "js" | "service" | "metrics">,
  reader: string,
  message: JsMsg,
  error: unknown,
): Promise<void> {
  const { headers } = await import("@nats-io/transport-node");
  const described = headers();
  described.set("Dlq-Reason", error instanceof Error ? error.name : "error");
  described.set("Dlq-Subject", message.subject);
  described.set("Dlq-Stream-Seq", String(message.seq));
  await deps.js.publish(`dlq.${deps.service}.${reader}`, message.data, {
    headers: described,
    msgID: `${deps.service}.${reader}.${message.info.stream}.${message.seq}`,
  });
  deps.metrics.deadLetters.inc({ reader });
}
