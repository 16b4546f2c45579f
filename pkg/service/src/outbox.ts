import { type EventData, type EventType, events, subjectOf } from "@episante/contracts/events";
import type { Actor } from "@episante/contracts/session";
import { headers, type MsgHdrs } from "@nats-io/transport-node";
import { sql } from "drizzle-orm";
import type { Clock } from "./clock.ts";
import type { Database, Tx } from "./db.ts";
import { newId } from "./ids.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { JetStreamClient } from "./nats.ts";
import { isTracing, type Span, startSpan } from "./trace.ts";

/**
 * Adds an event to the outbox of the current transaction: published after the commit, at least once, with its id as de-duplication key.
 * @param traceparent what caused it, where one transaction serves several traces
 */
export type Emit = <T extends EventType>(type: T, data: EventData<T>, traceparent?: string) => Promise<void>;

/** A message on its way to the outbox. */
export interface OutboxMessage {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly payload: string;
}

/** Makes `emit` for one transaction. @param clock business time @param cause `traceparent` of what the transaction is done for */
export function emitter(tx: Tx, actor: Actor, clock: Pick<Clock, "now">, cause?: string): Emit {
  return emitterInto((message) => enqueue(tx, [message]), actor, clock, cause);
}

/** Makes an `emit` that hands its messages over, for whoever writes them all at once before the commit. */
export function emitterInto(
  put: (message: OutboxMessage) => Promise<void> | void,
  actor: Actor,
  clock: Pick<Clock, "now">,
  cause?: string,
): Emit {
  return async (type, data, traceparent = cause) => {
    // The time of emitting, not of the transaction's start: who waited for a lock speaks after the one that held it.
    const nowMs = clock.now();
    const id = newId("evt", nowMs);
    const definition = events[type];
    const parsed = definition.data.parse(data) as EventData<typeof type>;
    const event = {
      id,
      type,
      version: definition.version,
      at: new Date(nowMs).toISOString(),
      actor: actorOfEvent(actor),
      ...(traceparent ? { traceparent } : {}),
      data: parsed,
    };
    await put({ id, type, subject: subjectOf(type, parsed), payload: JSON.stringify(event) });
  };
}

function actorOfEvent(actor: Actor): { kind: string; id?: string } {
  switch (actor.kind) {
    case "user":
      return { kind: "user", id: actor.accountId };
    case "device":
      return { kind: "device", id: actor.deviceId };
    case "service":
      return { kind: "service", id: actor.service };
    case "system":
      return { kind: "system", id: actor.job };
    case "anonymous":
      return { kind: "anonymous" };
  }
}

/** Adds messages to the outbox of the current transaction, in this order. */
export async function enqueue(tx: Tx, messages: readonly OutboxMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const column = (key: keyof OutboxMessage) => sql`${sql.param(messages.map((message) => message[key]))}::text[]`;
  // One text however many there are: it is prepared once, and others may follow it without waiting.
  await tx.execute(sql`
    insert into outbox (id, type, subject, payload)
    select id, type, subject, payload from unnest(${column("id")}, ${column("type")}, ${column("subject")}, ${column("payload")})
      with ordinality as m(id, type, subject, payload, place) order by place`);
}

export interface Outbox {
  /** Tells the relay that something was committed. */
  wake(): void;
  /** Resolves when everything committed before the call is published. */
  flush(): Promise<void>;
  /** Stream position of the last published event of each type. */
  positions(): Record<string, number>;
  stop(): Promise<void>;
}

/** How much waits in the outbox, and for how long: also when the broker is away and nothing gets out. */
export async function measureOutbox(db: Database, metrics: Pick<Metrics, "outboxPending" | "outboxOldestSeconds">): Promise<void> {
  const [row] = await db.drizzle.execute(
    sql`select count(*) as pending, coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as oldest from outbox`,
  );
  metrics.outboxPending.set(Number(row?.pending ?? 0));
  metrics.outboxOldestSeconds.set(Math.max(0, Number(row?.oldest ?? 0)));
}

const batchSize = 200;
const pollMs = 1_000;
/** Between two rounds of the relay: what is committed meanwhile leaves together. The first event after silence leaves at once. */
const gatherMs = 25;
/** The same behind a round of several: they come in a stream, and each round costs broker, disk and database more than its messages. */
const gatherManyMs = 120;
const many = 6;
/**
 * From so many messages for one stream on, an atomic batch is cheaper for broker and disk than as many publishes under way at once: it
 * syncs once, but stages on disk, which alone costs as much as some twenty messages (docs/decisions/0027).
 */
export const atomicFrom = 32;
/** Short, because a request that a dying broker swallowed is only known by its silence; a repeat is dropped by its id. */
const publishTimeoutMs = 1_000;

interface Parcel {
  readonly subject: string;
  readonly payload: string;
  readonly span: Span | null;
  /** Made anew for each try: the client writes a message's place in its batch into them. */
  readonly headers: () => MsgHdrs;
}

type Row = Record<string, unknown>;

/** Most audit records in one message, and most bytes: a stream takes a megabyte. */
const mostRecords = 100;
const mostBytes = 256 * 1024;

/** What leaves as one message: each event, and audit records together, because a message costs the broker a sync and its reader an answer. */
export function inMessages<R extends Row>(rows: readonly R[]): R[][] {
  const messages: R[][] = [];
  let records: R[] = [];
  let bytes = 0;
  for (const row of rows) {
    const length = String(row.payload).length;
    if (row.type !== "audit") messages.push([row]);
    else if (records.length > 0 && records.length < mostRecords && bytes + length < mostBytes) {
      records.push(row);
      bytes += length;
    } else {
      records = [row];
      bytes = length;
      messages.push(records);
    }
  }
  return messages;
}

/** Several audit records are a list. Its id names both ends and how many: a repeat with others among them must not be taken for the same. */
function parcelOf(rows: readonly Row[]): Parcel {
  const [first, last] = [rows[0] ?? {}, rows.at(-1)];
  if (rows.length === 1) return eventParcel(first);
  const makeHeaders = () => {
    const made = headers();
    made.set("Nats-Msg-Id", `${first.id} ${last?.id} ${rows.length}`);
    return made;
  };
  return { subject: String(first.subject), payload: `[${rows.map(({ payload }) => payload).join(",")}]`, span: null, headers: makeHeaders };
}

/** Events carry their trace in their body, for who stores them, and in the W3C header, where tools look for it. */
function eventParcel(row: Row): Parcel {
  const payload = String(row.payload);
  const parent = isTracing() ? (JSON.parse(payload) as { traceparent?: string }).traceparent : undefined;
  const span = parent ? startSpan({ name: `publish ${row.type}`, kind: "producer", parent }) : null;
  const traceparent = span?.traceparent ?? parent;
  const makeHeaders = () => {
    const made = headers();
    made.set("Nats-Msg-Id", String(row.id));
    if (traceparent) made.set("traceparent", traceparent);
    return made;
  };
  return { subject: String(row.subject), payload, span, headers: makeHeaders };
}

/** Publishes rows in their order. @returns each row's position in its stream */
async function publishRows(js: JetStreamClient, log: Log, rows: readonly Row[]): Promise<number[]> {
  const messages = inMessages(rows);
  const parcels = messages.map(parcelOf);
  const seqs = new Map<Row, number>();
  const rowsOf = new Map(parcels.map((parcel, index) => [parcel, messages[index] ?? []]));
  try {
    // Each stream owns the subjects that begin with one word.
    const byStream = Map.groupBy(parcels, ({ subject }) => subject.slice(0, subject.indexOf(".")));
    const sent = [...byStream.values()].map(async (ofOne) => {
      const taken = await publishToOne(js, log, ofOne);
      ofOne.forEach((parcel, index) => {
        for (const row of rowsOf.get(parcel) ?? []) seqs.set(row, taken[index] ?? 0);
      });
    });
    await Promise.all(sent);
    for (const { span } of parcels) span?.end();
  } catch (error) {
    for (const { span } of parcels) span?.end(error);
    throw error;
  }
  return rows.map((row) => seqs.get(row) ?? 0);
}

async function publishToOne(js: JetStreamClient, log: Log, parcels: readonly Parcel[]): Promise<number[]> {
  if (parcels.length >= atomicFrom) {
    try {
      return await publishTogether(js, parcels);
    } catch (error) {
      // The broker takes none of a batch that holds a message it has already, as after a lost answer; alone, such a one is only passed by.
      log.info({ count: parcels.length, err: error }, "batch not taken, publishing one by one");
    }
  }
  const acks = await Promise.all(
    parcels.map(({ subject, payload, headers }) => js.publish(subject, payload, { headers: headers(), timeout: publishTimeoutMs })),
  );
  return acks.map(({ seq }) => seq);
}

/** All or none, in one commit of the stream. @throws Error when the broker refused, or did not answer: then it is open whether it has them */
async function publishTogether(js: JetStreamClient, parcels: readonly Parcel[]): Promise<number[]> {
  const options = ({ headers }: Parcel) => ({ headers: headers(), timeout: publishTimeoutMs });
  const [first, ...others] = parcels;
  const last = others.pop();
  if (!first || !last) throw new Error("a batch has two messages or more");
  const batch = await js.startBatch(first.subject, first.payload, options(first));
  for (const parcel of others) batch.add(parcel.subject, parcel.payload, { ...options(parcel), ack: false });
  const { seq } = await batch.commit(last.subject, last.payload, options(last));
  return parcels.map((_, index) => seq - (parcels.length - 1 - index));
}

/**
 * Publishes the outbox in order. Woken by commits in this process, polls as a fall-back; with several instances one relays at a time.
 * Rows are deleted in the transaction that holds the lock, after the stream's acknowledgement.
 */
export async function startOutbox({
  db,
  js,
  log,
  metrics,
}: {
  db: Database;
  js: JetStreamClient;
  log: Log;
  metrics: Metrics;
}): Promise<Outbox> {
  const positions: Record<string, number> = {};
  for (const row of await db.drizzle.execute(sql`select type, stream_seq from outbox_positions`))
    positions[String(row.type)] = Number(row.stream_seq);
  let running = true;
  let wanted = true;
  let wakeUp: () => void = () => {};
  let waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  /** Ends early when woken and there is a reason to go on. */
  async function rest(ms: number, isWanted: () => boolean): Promise<void> {
    if (!running || isWanted()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeUp = () => {
        if (running && !isWanted()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function relayBatch(): Promise<number> {
    const types = await db.drizzle.transaction(async (tx) => {
      const [lock] = await tx.execute(sql`select pg_try_advisory_xact_lock(hashtext('episante.outbox')) as held`);
      if (!lock?.held) return [];
      const rows = await tx.execute(sql`select seq, id, type, subject, payload from outbox order by seq limit ${batchSize}`);
      if (rows.length === 0) return [];
      const seqs = await publishRows(js, log, rows);
      const latest = new Map<string, number>();
      rows.forEach((row, index) => {
        latest.set(String(row.type), Math.max(latest.get(String(row.type)) ?? 0, seqs[index] ?? 0));
      });
      const told = [...latest].filter(([type]) => type in events).map(([type, seq]) => ({ type, seq }));
      await Promise.all([
        tx.execute(
          sql`delete from outbox where seq = any(string_to_array(${rows.map((row) => String(row.seq)).join(",")}, ',')::bigint[])`,
        ),
        tx.execute(sql`
          insert into outbox_positions (type, stream_seq)
          select type, seq from jsonb_to_recordset(${JSON.stringify(told)}::text::jsonb) as t (type text, seq bigint)
          on conflict (type) do update set stream_seq = greatest(outbox_positions.stream_seq, excluded.stream_seq)`),
      ]);
      for (const { type, seq } of told) positions[type] = Math.max(positions[type] ?? 0, seq);
      return rows.map((row) => String(row.type));
    });
    for (const type of types) metrics.published.inc({ type });
    return types.length;
  }

  const loop = (async () => {
    while (running) {
      wanted = false;
      const flushing = waiting;
      waiting = [];
      let published = 0;
      try {
        published = await relayBatch();
        while (published === batchSize) published = await relayBatch();
        for (const waiter of flushing) waiter.resolve();
      } catch (error) {
        log.warn({ err: error }, "outbox could not be published, trying again");
        for (const waiter of flushing) waiter.reject(error);
        await new Promise((resolve) => setTimeout(resolve, 100));
        continue;
      }
      await rest(published < many ? gatherMs : gatherManyMs, () => waiting.length > 0);
      await rest(pollMs, () => wanted);
    }
  })();

  const wake = () => {
    wanted = true;
    wakeUp();
  };
  return {
    wake,
    flush: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        wake();
      }),
    positions: () => positions,
    async stop() {
      running = false;
      wake();
      await loop;
      for (const waiter of waiting) waiter.reject(new Error("stopping"));
    },
  };
}
