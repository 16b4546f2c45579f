import { type EventOf, type EventType, eventSchema, events, subjectOf } from "@episante/contracts/events";
import { parseTraceparent } from "@episante/contracts/traceparent";
import { AckPolicy, type Consumer, type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { sql } from "drizzle-orm";
import type { ActionDeps } from "./action.ts";
import { grant, isOutOfRoom, isUnreachable, setContext, type Tx } from "./db.ts";
import type { Metrics } from "./metrics.ts";
import { askingJetStreamOf, endOnReconnect, type JetStreamClient, type NatsConnection } from "./nats.ts";
import { type Emit, emitter } from "./outbox.ts";
import { inSpan } from "./trace.ts";

export interface ConsumerContext<D, T extends EventType> {
  readonly event: { [K in T]: EventOf<K> }[T];
  /** System context: sees every row. */
  readonly tx: Tx;
  readonly deps: D;
  readonly now: number;
  readonly emit: Emit;
}

/** A durable consumer with an idempotent effect, named `<effect>-on-<cause>`. */
export interface ConsumerSpec<D = never> {
  readonly name: string;
  readonly on: readonly EventType[];
  readonly handle: (context: ConsumerContext<D, EventType>) => Promise<void>;
}

/** Ties a handler to event types: one transaction per event in system context, the inbox row included, so that a redelivery has no effect. */
export function consumer<D extends ActionDeps, T extends EventType>(spec: {
  name: string;
  on: readonly T[];
  handle: (context: ConsumerContext<D, T>) => Promise<void>;
}): ConsumerSpec<D> {
  return spec as unknown as ConsumerSpec<D>;
}

export interface ConsumeDeps extends ActionDeps {
  readonly nats: NatsConnection;
  readonly js: JetStreamClient;
  readonly metrics: Metrics;
}

const maxDeliveries = 8;
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
        const source = await ensureDurable(deps, stream, durable, subjects);
        messages = await source.consume({ max_messages: 64 });
        // Stopped while it was still starting: there was nothing yet that could be told to stop.
        if (!running) messages.stop();
        const release = endOnReconnect(deps.nats, messages);
        try {
          for await (const message of messages) {
            await handleMessage(spec, deps, message, hooks);
            if (!running) break;
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

async function ensureDurable(deps: ConsumeDeps, stream: string, durable: string, subjects: string[]): Promise<Consumer> {
  const js = askingJetStreamOf(deps.nats);
  const manager = await js.jetstreamManager(false);
  await manager.consumers.add(stream, {
    durable_name: durable,
    filter_subjects: subjects,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    // What was on its way when the broker died comes again after this long; handlers are idempotent.
    ack_wait: 10 * 1e9,
    max_ack_pending: 64,
  });
  return js.consumers.get(stream, durable);
}

async function handleMessage<D extends ConsumeDeps>(spec: ConsumerSpec<D>, deps: D, message: JsMsg, hooks?: PositionHooks): Promise<void> {
  let traceId: string | undefined;
  try {
    const event = parseEvent(message);
    const parent = message.headers?.get("traceparent") || event.traceparent;
    traceId = parseTraceparent(parent)?.traceId;
    if (spec.on.includes(event.type)) {
      await inSpan({ name: `consume ${spec.name}`, kind: "consumer", parent }, (span) =>
        applyOnce(spec, deps, span.traceparent ? { ...event, traceparent: span.traceparent } : event, message.seq, hooks),
      );
    }
    message.ack();
    deps.metrics.handled.inc({ consumer: spec.name });
    deps.metrics.consumerLag.set({ consumer: spec.name }, message.info.pending);
    deps.outbox.wake();
  } catch (error) {
    const deliveries = message.info.deliveryCount;
    if (isUnreachable(error) || isOutOfRoom(error)) {
      // No event is to blame, however often it comes: it waits until the database takes it.
      deps.log.warn({ consumer: spec.name, count: deliveries, err: error }, "database cannot take the event, trying again");
      message.nak(backoffMs[Math.min(deliveries, 5) - 1] ?? 5_000);
      return;
    }
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

function parseEvent(message: JsMsg): EventOf<EventType> {
  const envelope = eventSchema.parse(JSON.parse(message.string()));
  const definition = events[envelope.type as EventType];
  if (!definition) throw new SyntaxError("unknown event type");
  return { ...envelope, data: definition.data.parse(envelope.data) } as EventOf<EventType>;
}

async function applyOnce<D extends ConsumeDeps>(
  spec: ConsumerSpec<D>,
  deps: D,
  event: EventOf<EventType>,
  streamSeq: number,
  hooks?: PositionHooks,
): Promise<void> {
  await deps.db.drizzle.transaction(async (tx) => {
    const inserted = await tx.execute(
      sql`insert into inbox (consumer, event_id) values (${spec.name}, ${event.id}) on conflict do nothing returning event_id`,
    );
    await hooks?.inTransaction(tx, streamSeq);
    if (inserted.length === 0) return;
    await setContext(tx, grant.system(spec.name));
    const now = deps.clock.now();
    await spec.handle({
      event: event as never,
      tx,
      deps,
      now,
      emit: emitter(tx, { kind: "system", job: spec.name }, deps.clock, event.traceparent),
    });
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
