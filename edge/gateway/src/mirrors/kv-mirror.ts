import type { Log } from "@episante/service/log";
import type { NatsConnection } from "@episante/service/nats";
import { jetstream } from "@nats-io/jetstream";
import { type KV, Kvm, type KvWatchEntry } from "@nats-io/kv";
import type { z } from "zod";
import { tokenBuckets } from "../domain/token-buckets.ts";

/** A value of a bucket with the revision it was written at. */
export interface Mirrored<T> {
  readonly value: T;
  readonly revision: number;
}

/** A KV bucket held in memory, and the honesty about whether it is up to date. */
export interface KvMirror<T> {
  /** What memory knows; undefined when it knows nothing of the key. */
  peek(key: string): Mirrored<T> | undefined;
  /** As `peek`, asking the bucket itself for a key not known yet. `unavailable` when the bucket cannot be asked. */
  find(key: string): Promise<Mirrored<T> | null | "unavailable">;
  /** False when no proof of being up to date was had for 5 s: decisions must not rest on it. */
  isFresh(): boolean;
  /** Called with each key that changed; null when it was deleted. */
  onChange(listener: (key: string, entry: Mirrored<T> | null) => void): void;
  close(): void;
}

const freshMs = 5_000;
const checkEveryMs = 1_000;
/** Short, because a question that a dying broker swallowed is only known by its silence: two of them fit into `freshMs`. */
const askMs = 1_500;
/** A watch that has not caught up for this long is opened again. */
const lagMs = 3_000;
const negativeMs = 1_000;

/**
 * Mirrors a bucket by watching it. A watch can die without a word, so once a second the bucket's last sequence is compared with what was applied.
 * Returns once the first snapshot is in.
 */
export async function mirrorBucket<T>(options: {
  nats: NatsConnection;
  bucket: string;
  schema: z.ZodType<T>;
  log: Log;
}): Promise<KvMirror<T>> {
  const { nats, bucket, schema, log } = options;
  const kv = await new Kvm(jetstream(nats, { timeout: askMs })).open(bucket);
  const entries = new Map<string, Mirrored<T>>();
  const absentUntil = new Map<string, number>();
  const listeners = new Set<(key: string, entry: Mirrored<T> | null) => void>();
  const lookups = tokenBuckets({ burst: 200, perSecond: 100 });
  let freshAtMs = 0;
  let closed = false;

  const put = (key: string, entry: Mirrored<T> | null) => {
    const known = entries.get(key);
    if (entry ? known && known.revision >= entry.revision : !known) return;
    if (entry) entries.set(key, entry);
    else entries.delete(key);
    absentUntil.delete(key);
    for (const listener of listeners) listener(key, entry);
  };
  const parse = (entry: { json(): unknown; revision: number }): Mirrored<T> | null => {
    try {
      const parsed = schema.safeParse(entry.json());
      return parsed.success ? { value: parsed.data, revision: entry.revision } : null;
    } catch {
      return null;
    }
  };
  const apply = (entry: KvWatchEntry) => put(entry.key, entry.operation === "PUT" ? parse(entry) : null);

  let watch = await openWatch(kv, entries, apply, put);
  let laggingSinceMs: number | null = null;
  async function check(): Promise<void> {
    const lastSeq = (await kv.status()).streamInfo.state.last_seq;
    const nowMs = Date.now();
    if (watch.appliedSeq() >= lastSeq) {
      freshAtMs = nowMs;
      laggingSinceMs = null;
      return;
    }
    laggingSinceMs ??= nowMs;
    if (nowMs - laggingSinceMs < lagMs) return;
    log.warn({ reason: bucket }, "bucket watch fell behind, opening it again");
    laggingSinceMs = null;
    watch.stop();
    watch = await openWatch(kv, entries, apply, put);
  }
  let checking = false;
  const timer = setInterval(async () => {
    if (checking) return;
    checking = true;
    await check().catch(() => {});
    checking = false;
  }, checkEveryMs);
  await check();

  return {
    peek: (key) => entries.get(key),
    async find(key) {
      const known = entries.get(key);
      if (known) return known;
      const nowMs = Date.now();
      if ((absentUntil.get(key) ?? 0) > nowMs || lookups.take(bucket, nowMs) > 0) return null;
      try {
        const entry = await kv.get(key);
        const found = entry && entry.operation === "PUT" ? parse(entry) : null;
        if (found) put(key, found);
        else remember(absentUntil, key, nowMs + negativeMs);
        return found;
      } catch {
        return "unavailable";
      }
    },
    isFresh: () => !closed && Date.now() - freshAtMs < freshMs,
    onChange: (listener) => void listeners.add(listener),
    close() {
      closed = true;
      clearInterval(timer);
      watch.stop();
    },
  };
}

/** Opens a watch and waits for its snapshot; keys the snapshot does not hold are gone. */
async function openWatch<T>(
  kv: KV,
  entries: Map<string, Mirrored<T>>,
  apply: (entry: KvWatchEntry) => void,
  put: (key: string, entry: null) => void,
): Promise<{ appliedSeq(): number; stop(): void }> {
  const { state } = (await kv.status()).streamInfo;
  const iterator = await kv.watch();
  let appliedSeq = 0;
  const seen = new Set<string>();
  const snapshot = Promise.withResolvers<void>();
  const finish = () => {
    for (const key of entries.keys()) if (!seen.has(key)) put(key, null);
    appliedSeq = Math.max(appliedSeq, state.last_seq);
    snapshot.resolve();
  };
  let complete = state.messages === 0;
  if (complete) finish();
  void (async () => {
    for await (const entry of iterator) {
      apply(entry);
      appliedSeq = Math.max(appliedSeq, entry.revision);
      if (complete) continue;
      seen.add(entry.key);
      if (entry.delta === 0) {
        complete = true;
        finish();
      }
    }
  })();
  await Promise.race([snapshot.promise, Bun.sleep(lagMs)]);
  return { appliedSeq: () => appliedSeq, stop: () => iterator.stop() };
}

function remember(absentUntil: Map<string, number>, key: string, untilMs: number): void {
  if (absentUntil.size >= 5_000) absentUntil.clear();
  absentUntil.set(key, untilMs);
}
