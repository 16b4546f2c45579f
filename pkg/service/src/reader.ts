import { type Envelope, envelopeSchema, type Frame } from "@episante/contracts/envelope";
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { sql } from "drizzle-orm";
import { makeBatches } from "./batches.ts";
import { type ConsumeDeps, deadLetter, type Running } from "./consume.ts";
import { contextColumns, grant, type Tx } from "./db.ts";
import { askingJetStreamOf, endOnReconnect } from "./nats.ts";
import { type Emit, emitter } from "./outbox.ts";
import { handedOver, pipelined } from "./pipelined.ts";
import { aboveText, noSequences, readSequences, see } from "./sequences.ts";
import { isTracing, type Span, startSpan } from "./trace.ts";

export interface ReaderMessage {
  readonly seq: number;
  readonly envelope: Envelope;
  readonly sizeBytes: number;
}
export interface ReaderContext<D> {
  /** System context. Rows, checkpoint and epoch check are one transaction. */
  readonly tx: Tx;
  readonly partition: number;
  readonly messages: readonly ReaderMessage[];
  readonly deps: D;
  readonly now: number;
  readonly emit: Emit;
  /** `isTimeDue` was asked and true, and the log held nothing more: what had to come before `now` is here, or has come already. */
  readonly isTimeDue?: boolean;
  /**
   * Sends the commit behind every statement asked for so far, without waiting for their answers. For handlers somebody waits for: call it
   * once, and write nothing after it. Others just return. @throws Error when one of those statements failed, so that nothing was written
   */
  readonly commit: () => Promise<void>;
}

/** What `urgentOf` is asked about, before there is a transaction. */
export type ArrivedMessages<D> = Pick<ReaderContext<D>, "partition" | "messages" | "deps">;

/** A reader of READINGS: ordered, without acknowledgements, from its own checkpoint. */
export interface ReaderSpec<D = never> {
  readonly name: string;
  /**
   * Longest that messages are gathered for one transaction, ms; 0 unless said. Without `urgentOf` nobody waits for them: then the partitions
   * of this process write one after the other, unless there is a backlog, and leave the machine to what somebody waits for.
   */
  readonly gatherMs?: number;
  /**
   * For readers somebody waits for, with `gatherMs`: the patients whose frames must be committed at once, with all that was gathered of them
   * before; null when none. What was gathered of others goes on waiting, so that an urgent transaction is as small with a thousand patients as
   * with one. Told each message once, in order. It decides only when, never what: `handle` judges everything again in the transaction.
   * Only for a `handle` that knows frames by their marks: a crash brings those of an urgent transaction once more.
   */
  readonly urgentOf?: (arrived: ArrivedMessages<D>) => ReadonlySet<string> | null;
  /**
   * For readers that decide by time too: whether something is due now. Asked about once a second, while the log holds nothing more; when it was due
   * twice running, `handle` is called with what was gathered, which may be nothing. What was on its way at the first time is in the log by then.
   */
  readonly isTimeDue?: (asked: { readonly partition: number; readonly deps: D; readonly now: number }) => boolean;
  /** Its first statements may be under way with the check of the lease; nothing is committed before that is answered. */
  readonly handle: (context: ReaderContext<D>) => Promise<void>;
  /** After the transaction: wake listeners here, never inside `handle`. */
  readonly onCommitted?: (partition: number) => void;
  /** A lease was (re)acquired or a batch rolled back: state kept in memory must be loaded again from the tables. */
  readonly onReset?: (partition: number) => void;
  /** Real time (ms since the epoch) at which the partition's loop last finished a turn; 0 before the first. */
  aliveAt(partition: number): number;
  /**
   * `busyUntil`: real time until which what is not urgent waits for what is, as `performance.now()` counts. `turn`: ends with the last
   * transaction that waits for its turn.
   */
  readonly state: { alive: Map<number, number>; busyUntil: number; turn: Promise<void> };
}

/** Ties a handler to the readings log. */
export function reader<D extends ConsumeDeps>(spec: {
  name: string;
  gatherMs?: number;
  urgentOf?: NonNullable<ReaderSpec<D>["urgentOf"]>;
  isTimeDue?: ReaderSpec<D>["isTimeDue"];
  handle: (context: ReaderContext<D>) => Promise<void>;
  onCommitted?: (partition: number) => void;
  onReset?: (partition: number) => void;
}): ReaderSpec<D> {
  const alive = new Map<number, number>();
  const { isTimeDue, ...rest } = spec;
  return {
    ...rest,
    ...(isTimeDue ? { isTimeDue } : {}),
    state: { alive, busyUntil: 0, turn: Promise.resolve() },
    aliveAt: (partition) => alive.get(partition) ?? 0,
  };
}

const maxBatch = 200;
/** How long a partition stays with an instance that says nothing more. With a look each `waitMs` another has taken it over within 5 s. */
export const leaseSeconds = 4;
const waitMs = 250;
const renewMs = 1_000;
const relayAfterMs = 20;
/** Longest that one urgent batch keeps others of this process from beginning. */
const mostBusyMs = 100;

/** Another instance took the partition over: whatever this one still holds must not be written. */
export class LeaseLostError extends Error {
  override name = "LeaseLostError";
}

/** Starts one loop per partition. @param instance names this process in leases */
export function startReader<D extends ConsumeDeps>(
  spec: ReaderSpec<D>,
  deps: D,
  { partitions, instance }: { partitions: number; instance: string },
): Running {
  deps.metrics.watchReader({ name: spec.name, turns: spec.state.alive });
  const loops = Array.from({ length: partitions }, (_, partition) => startPartition(spec, deps, partition, instance));
  return {
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

interface Lease {
  readonly epoch: string;
  readonly checkpoint: number;
}

function startPartition<D extends ConsumeDeps>(spec: ReaderSpec<D>, deps: D, partition: number, instance: string): Running {
  let running = true;
  let messages: ConsumerMessages | undefined;
  const js = askingJetStreamOf(deps.nats);
  const loop = (async () => {
    while (running) {
      try {
        const lease = await acquire(deps, spec.name, partition, instance);
        if (!lease) {
          await sleep(waitMs);
          continue;
        }
        spec.onReset?.(partition);
        const consumer = await js.consumers.get("READINGS", {
          filter_subjects: `readings.${partition}`,
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: lease.checkpoint + 1,
          inactive_threshold: 60_000,
        });
        messages = await consumer.consume({ max_messages: 1_000 });
        const release = endOnReconnect(deps.nats, messages);
        await follow(spec, deps, partition, lease, messages, () => running).finally(release);
      } catch (error) {
        messages?.stop();
        if (!running) return;
        if (error instanceof LeaseLostError) {
          // Another instance turns it now: this one has nothing to say about it.
          spec.state.alive.delete(partition);
          deps.metrics.readerLag.remove({ reader: spec.name, partition: String(partition) });
        }
        deps.log.warn({ reader: spec.name, partition, err: error }, "reader interrupted, starting again");
        await sleep(300);
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

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A message of the log; `envelope` is null for one that is none. */
interface Taken {
  readonly message: JsMsg;
  readonly envelope: Envelope | null;
}

async function follow<D extends ConsumeDeps>(
  spec: ReaderSpec<D>,
  deps: D,
  partition: number,
  lease: Lease,
  messages: ConsumerMessages,
  isRunning: () => boolean,
): Promise<void> {
  const { urgentOf, gatherMs = 0 } = spec;
  const batches = makeBatches(messages, maxBatch, urgentOf ? 0 : gatherMs);
  let taken = lease.checkpoint;
  // Read but not committed: when this process dies, the log brings them again from the checkpoint.
  let gathered: Taken[] = [];
  let since = 0;
  const isTimeDue = watchTime(spec, deps, partition);
  while (isRunning()) {
    const batch = await batches.next(gathered.length > 0 ? Math.max(1, dueAt(spec, since) - performance.now()) : renewMs);
    const fresh = (batch ?? []).filter(({ seq }) => seq > taken).map((message) => ({ message, envelope: parseEnvelope(message) }));
    taken = Math.max(taken, batch?.at(-1)?.seq ?? 0);
    if (gathered.length === 0) since = performance.now();
    gathered.push(...fresh);
    const isFull = gathered.length >= maxBatch;
    const urgent = urgentOf && !isFull && fresh.length > 0 ? urgentNow(urgentOf, { partition, messages: readable(fresh), deps }) : null;
    const isDue = isFull || performance.now() >= dueAt(spec, since);
    const isTime = (batch?.at(-1)?.info.pending ?? 0) === 0 && isTimeDue();
    if (urgent) spec.state.busyUntil = performance.now() + mostBusyMs;
    const parts = urgent && !isDue && !isTime ? divide(gathered, urgent) : null;
    if (parts && (await commitUrgent(spec, deps, partition, lease, parts.urgent))) gathered = parts.rest;
    else if (isTime || (gathered.length > 0 && (!urgentOf || isDue || urgent))) {
      const whole = gathered;
      gathered = [];
      const handle = () => handleBatch(spec, deps, partition, lease, whole, isTime);
      await (urgentOf || gatherMs === 0 || isFull ? handle() : inTurn(spec, handle));
    } else if (batch === null && gathered.length === 0) await renew(deps, spec.name, partition, lease);
    if (urgent) spec.state.busyUntil = performance.now() + relayAfterMs;
    spec.state.alive.set(partition, Date.now());
    if (batch) deps.metrics.readerLag.set({ reader: spec.name, partition: String(partition) }, batch.at(-1)?.info.pending ?? 0);
  }
}

/** When messages gathered `since` are due: later, but by half at most, while this process is busy with urgent ones of another partition. */
export function dueAt({ state: { busyUntil }, gatherMs = 0 }: Pick<ReaderSpec, "state" | "gatherMs">, since: number): number {
  return Math.max(since + gatherMs, Math.min(busyUntil, since + 1.5 * gatherMs));
}

/** Runs when those before it have ended, however they ended. */
async function inTurn({ state }: Pick<ReaderSpec, "state">, run: () => Promise<void>): Promise<void> {
  const own = state.turn.then(run);
  state.turn = own.catch(() => {});
  await own;
}

const lookMs = 1_000;

/** Asks at most once a second whether something is due, and says so when it was due twice running. */
function watchTime<D extends ConsumeDeps>({ isTimeDue }: ReaderSpec<D>, deps: D, partition: number): () => boolean {
  if (!isTimeDue) return () => false;
  let lookAt = 0;
  let wasDue = false;
  return () => {
    if (performance.now() < lookAt) return false;
    lookAt = performance.now() + lookMs;
    const isDue = isTimeDue({ partition, deps, now: deps.clock.now() });
    const isAgain = isDue && wasDue;
    wasDue = isDue;
    return isAgain;
  };
}

/** What cannot even be looked at is not held back: the transaction decides whether it goes to the dead letters. */
function urgentNow<D>(urgentOf: NonNullable<ReaderSpec<D>["urgentOf"]>, arrived: ArrivedMessages<D>): ReadonlySet<string> | "all" | null {
  try {
    return urgentOf(arrived);
  } catch {
    return "all";
  }
}

/** The frames of some patients, and what is gathered without them: it stays as long as before, as its messages do. Null when nothing would stay. */
function divide(
  gathered: readonly Taken[],
  patientIds: ReadonlySet<string> | "all",
): { readonly urgent: ReaderMessage[]; readonly rest: Taken[] } | null {
  if (patientIds === "all") return null;
  const only = (isIn: boolean, { frames, ...envelope }: Envelope): Envelope => ({
    ...envelope,
    frames: frames.filter(({ patientId }) => patientIds.has(patientId) === isIn),
  });
  const rest = gathered.map(({ message, envelope }) => ({ message, envelope: envelope && only(false, envelope) }));
  if (rest.every(({ envelope }) => envelope?.frames.length === 0)) return null;
  const urgent = readable(gathered).map((message) => ({ ...message, envelope: only(true, message.envelope) }));
  return { urgent: urgent.filter(({ envelope }) => envelope.frames.length > 0), rest };
}

/**
 * Commits frames out of the midst of what is gathered, so the checkpoint stays where it is: after a crash the log brings them again, and their
 * marks say that they were seen. @returns false when the transaction failed for another reason than the lease or the database
 */
async function commitUrgent<D extends ConsumeDeps>(
  spec: ReaderSpec<D>,
  deps: D,
  partition: number,
  lease: Lease,
  messages: readonly ReaderMessage[],
): Promise<boolean> {
  try {
    await inSpansOfFrames(`read ${spec.name}`, messages, (traced) => commit(spec, deps, partition, lease, traced, 0));
  } catch (error) {
    spec.onReset?.(partition);
    if (error instanceof LeaseLostError || isConnectionFault(error)) throw error;
    deps.log.warn({ reader: spec.name, partition, count: messages.length, err: error }, "urgent batch failed, taking all that is gathered");
    return false;
  }
  wakeRelay(deps);
  return true;
}

/** Whoever waits in this process comes first: the relay and all who consume its events share the machine with them. */
function wakeRelay({ outbox }: Pick<ConsumeDeps, "outbox">): void {
  setTimeout(() => outbox.wake(), relayAfterMs);
}

function readable(taken: readonly Taken[]): ReaderMessage[] {
  return taken.flatMap(({ message, envelope }) => (envelope ? [{ seq: message.seq, envelope, sizeBytes: message.data.length }] : []));
}

/** One transaction for the batch; when it fails, message by message, so that one bad message cannot hold the others back. */
async function handleBatch<D extends ConsumeDeps>(
  spec: ReaderSpec<D>,
  deps: D,
  partition: number,
  lease: Lease,
  taken: readonly Taken[],
  isTimeDue: boolean,
): Promise<void> {
  const batch = taken.map(({ message }) => message);
  for (const { message, envelope } of taken) {
    if (!envelope) await deadLetter(deps, spec.name, message, new SyntaxError("not an envelope"));
  }
  await inSpansOfFrames(`read ${spec.name}`, readable(taken), (traced) =>
    commitBatch(spec, deps, partition, lease, batch, traced, isTimeDue),
  );
  wakeRelay(deps);
}

async function commitBatch<D extends ConsumeDeps>(
  spec: ReaderSpec<D>,
  deps: D,
  partition: number,
  lease: Lease,
  batch: readonly JsMsg[],
  parsed: readonly ReaderMessage[],
  isTimeDue: boolean,
): Promise<void> {
  const last = batch.at(-1)?.seq ?? 0;
  try {
    await commit(spec, deps, partition, lease, parsed, last, isTimeDue);
  } catch (error) {
    spec.onReset?.(partition);
    if (error instanceof LeaseLostError || isConnectionFault(error)) throw error;
    deps.log.warn({ reader: spec.name, partition, count: parsed.length, err: error }, "batch failed, taking messages one by one");
    for (const message of batch) {
      const one = parsed.find((candidate) => candidate.seq === message.seq);
      if (one) await commitAlone(spec, deps, partition, lease, one, message);
    }
    await commit(spec, deps, partition, lease, [], last);
  }
}

/** Most spans for one batch of the log; a reader that has much to catch up with would only overflow the exporter. */
const mostSpans = 500;

/**
 * One span for each recorded frame, over the whole batch: a batch serves many traces, and each shows what was done for it and how long
 * that took. From here on a frame's `traceparent` is this span.
 */
export async function inSpansOfFrames<M extends { readonly envelope: Envelope }, T>(
  name: string,
  messages: readonly M[],
  work: (messages: readonly M[]) => Promise<T>,
): Promise<T> {
  if (!isTracing()) return work(messages);
  const spans: Span[] = [];
  const attributes = { "messaging.destination.name": "READINGS", "messaging.batch.message_count": messages.length };
  const trace = (frame: Frame): Frame => {
    const span =
      frame.traceparent && spans.length < mostSpans
        ? startSpan({
            name,
            kind: "consumer",
            parent: frame.traceparent,
            attributes: { ...attributes, "episante.readings": frame.readings.length },
          })
        : null;
    if (!span?.traceparent) return frame;
    spans.push(span);
    return { ...frame, traceparent: span.traceparent };
  };
  const end = (error?: unknown) => {
    for (const span of spans) span.end(error);
  };
  try {
    const result = await work(
      messages.map((message) => ({ ...message, envelope: { ...message.envelope, frames: message.envelope.frames.map(trace) } })),
    );
    end();
    return result;
  } catch (error) {
    end(error);
    throw error;
  }
}

async function commitAlone<D extends ConsumeDeps>(
  spec: ReaderSpec<D>,
  deps: D,
  partition: number,
  lease: Lease,
  one: ReaderMessage,
  message: JsMsg,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await commit(spec, deps, partition, lease, [one], one.seq);
      return;
    } catch (error) {
      spec.onReset?.(partition);
      if (error instanceof LeaseLostError || isConnectionFault(error)) throw error;
      if (attempt < 2) continue;
      deps.log.error({ reader: spec.name, partition, err: error }, "message given up on");
      await deadLetter(deps, spec.name, message, error);
      return;
    }
  }
}

async function commit<D extends ConsumeDeps>(
  spec: ReaderSpec<D>,
  deps: D,
  partition: number,
  lease: Lease,
  messages: readonly ReaderMessage[],
  checkpoint: number,
  isTimeDue = false,
): Promise<void> {
  const startedAt = performance.now();
  let isCommitted = false;
  const onCommitted = () => {
    measure(spec.name, deps, messages, startedAt);
    if (messages.length > 0 || isTimeDue) spec.onCommitted?.(partition);
  };
  await deps.db.drizzle.transaction(async (tx) => {
    const held = holdLease(tx, spec.name, partition, lease, checkpoint);
    if (messages.length === 0 && !isTimeDue) return held;
    const commitNow = async () => {
      await held;
      await commitBehind(tx);
      isCommitted = true;
    };
    const emit = emitter(tx, { kind: "system", job: spec.name }, deps.clock);
    // Behind the context, but without waiting for its answer.
    const handled = handedOver().then(() =>
      spec.handle({ tx, partition, messages, deps, now: deps.clock.now(), emit, isTimeDue, commit: commitNow }),
    );
    await pipelined([held, handled]);
    if (isCommitted) onCommitted();
  });
  if (!isCommitted) onCommitted();
}

/** Renews the lease, moves its checkpoint and opens the reader's row-level-security context. @throws LeaseLostError */
async function holdLease(tx: Tx, name: string, partition: number, lease: Lease, checkpoint: number): Promise<void> {
  const held = await tx.execute(sql`
    update reader_leases set checkpoint = greatest(checkpoint, ${checkpoint}::bigint), expires_at = now() + ${leaseSeconds} * interval '1 second'
    where reader = ${name} and partition = ${partition} and epoch = ${lease.epoch}::bigint returning ${contextColumns(grant.system(name))}`);
  if (held.length === 0) throw new LeaseLostError();
}

/** Commits behind all that was asked for. The driver ends the transaction by itself later: `and chain` leaves it an empty one. */
async function commitBehind(tx: Tx): Promise<void> {
  await handedOver();
  const { command } = await tx.execute(sql`commit and chain`);
  if (command !== "COMMIT") throw new Error("rolled back: a statement before the commit failed");
}

function measure(name: string, deps: ConsumeDeps, messages: readonly ReaderMessage[], startedAt: number): void {
  const of = { reader: name };
  if (messages.length === 0) return;
  deps.metrics.readerCommit.observe(of, (performance.now() - startedAt) / 1000);
  deps.metrics.readerBatch.observe(of, messages.length);
  const oldestMs = messages.reduce(
    (oldest, { envelope }) => envelope.frames.reduce((min, frame) => Math.min(min, frame.receivedAtMs), oldest),
    Number.POSITIVE_INFINITY,
  );
  if (oldestMs < Number.POSITIVE_INFINITY) deps.metrics.readerDelay.observe(of, Math.max(0, deps.clock.now() - oldestMs) / 1000);
}

async function acquire(deps: ConsumeDeps, name: string, partition: number, instance: string): Promise<Lease | null> {
  const [row] = await deps.db.drizzle.execute(sql`
    insert into reader_leases (reader, partition, owner, epoch, checkpoint, expires_at)
    values (${name}, ${partition}, ${instance}, 1, 0, now() + ${leaseSeconds} * interval '1 second')
    on conflict (reader, partition) do update set owner = excluded.owner, epoch = reader_leases.epoch + 1, expires_at = excluded.expires_at
      where reader_leases.owner = excluded.owner or reader_leases.expires_at < now()
    returning epoch, checkpoint`);
  return row ? { epoch: String(row.epoch), checkpoint: Number(row.checkpoint) } : null;
}

async function renew(deps: ConsumeDeps, name: string, partition: number, lease: Lease): Promise<void> {
  const held = await deps.db.drizzle.execute(sql`
    update reader_leases set expires_at = now() + ${leaseSeconds} * interval '1 second'
    where reader = ${name} and partition = ${partition} and epoch = ${lease.epoch}::bigint returning 1`);
  if (held.length === 0) throw new LeaseLostError();
}

function parseEnvelope(message: JsMsg): Envelope | null {
  try {
    const parsed = envelopeSchema.safeParse(JSON.parse(message.string()));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The database went away or has no room left: no message is to blame. SQLSTATE classes 08, 53, 57 and 58, and the driver's own codes. */
function isConnectionFault(error: unknown): boolean {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const code = String((cause as { code?: unknown })?.code ?? "");
  return (
    /^(08|53|57|58)/.test(code) ||
    code.startsWith("CONNECTION_") ||
    code.startsWith("CONNECT") ||
    code === "ECONNREFUSED" ||
    code === "ECONNRESET"
  );
}

/** The frames not seen before by (device, boot, sequence), recorded in this transaction. Sequences may arrive in any order and any number of times. */
export async function freshFrames(tx: Tx, readerName: string, frames: readonly Frame[]): Promise<Frame[]> {
  const { fresh, save } = await readMarks(tx, readerName, frames);
  await save();
  return fresh;
}

/**
 * As `freshFrames`, for who has more to write at the same time: the frames are recorded by `save`, which must be called in the same transaction.
 */
export async function readMarks(
  tx: Tx,
  readerName: string,
  frames: readonly Frame[],
): Promise<{ readonly fresh: Frame[]; readonly save: () => Promise<void> }> {
  if (frames.length === 0) return { fresh: [], save: async () => {} };
  const keys = [...new Map(frames.map((frame) => [`${frame.deviceId}\n${frame.boot}`, frame])).values()];
  const rows = await tx.execute(sql`
    select m.device_id, m.boot, m.low, m.above::text as above from reader_marks m
    join unnest(${sql.param(keys.map((key) => key.deviceId))}::text[], ${sql.param(keys.map((key) => key.boot))}::text[]) as k(device_id, boot)
      on m.device_id = k.device_id and m.boot = k.boot
    where m.reader = ${readerName} for update of m`);
  const marks = new Map(rows.map((row) => [`${row.device_id}\n${row.boot}`, readSequences(Number(row.low), String(row.above))]));
  const fresh: Frame[] = [];
  for (const frame of frames) {
    const key = `${frame.deviceId}\n${frame.boot}`;
    const mark = marks.get(key) ?? noSequences();
    marks.set(key, mark);
    if (see(mark, frame.seq)) fresh.push(frame);
  }
  const touched = keys.map((key) => ({ key, mark: marks.get(`${key.deviceId}\n${key.boot}`) ?? noSequences() }));
  const save = async () => {
    await tx.execute(sql`
      insert into reader_marks (reader, device_id, boot, low, above)
      select ${readerName}, k.device_id, k.boot, k.low, k.above::bigint[]
      from unnest(${sql.param(touched.map(({ key }) => key.deviceId))}::text[], ${sql.param(touched.map(({ key }) => key.boot))}::text[],
        ${sql.param(touched.map(({ mark }) => String(mark.low)))}::bigint[], ${sql.param(touched.map(({ mark }) => aboveText(mark)))}::text[]) as k(device_id, boot, low, above)
      on conflict (reader, device_id, boot) do update set low = excluded.low, above = excluded.above, touched_at = now()`);
  };
  return { fresh, save };
}
