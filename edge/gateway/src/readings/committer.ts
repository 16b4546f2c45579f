import { type Frame, maxEnvelopeBytes, partitionOf } from "@episante/contracts/envelope";
import { fitting, type Queued, writeEnvelope } from "../domain/batching.ts";

/** `committed`: on disk. `busy`: not taken, too much is waiting. `failed`: the stream did not confirm it; the device must send again. */
export type CommitOutcome = "committed" | "busy" | "failed";

/** Writes one envelope to the stream; resolves when the server says that it is on disk. The id stays the same over retries. */
export type Publish = (partition: number, envelope: string, messageId: string) => Promise<void>;

export interface Committer {
  /** Queues a frame for its patient's partition; resolves when its envelope is decided. */
  submit(frame: Frame): Promise<CommitOutcome>;
  /** True while devices should hold back. */
  isUnderPressure(): boolean;
  /** Called when pressure begins (true) and ends (false). */
  onPressure(listener: (isUnderPressure: boolean) => void): void;
  unflushedBytes(): number;
  /** Resolves when nothing waits any more. */
  flush(): Promise<void>;
}

interface Waiting extends Queued {
  readonly resolve: (outcome: CommitOutcome) => void;
}

export interface CommitterOptions {
  readonly partitions: number;
  readonly publish: Publish;
  readonly newMessageId: () => string;
  /** Accepted but not yet on disk, over all partitions. */
  readonly maxUnflushedBytes: number;
  /** How long one envelope is retried before its frames are given back. */
  readonly giveUpAfterMs: number;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly now: () => number;
  readonly onFailedAttempt?: (partition: number, error: unknown) => void;
  /** An envelope is on disk. `ms`: since its first attempt. */
  readonly onCommitted?: (envelope: { readonly frames: number; readonly bytes: number; readonly ms: number }) => void;
}

/**
 * Group commit: one commit in flight per partition; frames that arrive meanwhile form the next envelope. There is no timer, so an idle
 * partition commits at once and a busy one batches by itself.
 */
export function makeCommitter(options: CommitterOptions): Committer {
  const queues: Waiting[][] = Array.from({ length: options.partitions }, () => []);
  const running = new Map<number, Promise<void>>();
  const listeners = new Set<(isUnderPressure: boolean) => void>();
  let unflushedBytes = 0;
  let pressed = false;

  const count = (bytes: number) => {
    unflushedBytes += bytes;
    const next = pressed ? unflushedBytes > options.maxUnflushedBytes / 4 : unflushedBytes > options.maxUnflushedBytes / 2;
    if (next === pressed) return;
    pressed = next;
    for (const listener of listeners) listener(pressed);
  };

  async function commit(partition: number, items: readonly Waiting[]): Promise<CommitOutcome> {
    const envelope = writeEnvelope(items);
    const messageId = options.newMessageId();
    const startedMs = options.now();
    const deadlineMs = startedMs + options.giveUpAfterMs;
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1_000)) {
      try {
        await options.publish(partition, envelope, messageId);
        options.onCommitted?.({ frames: items.length, bytes: Buffer.byteLength(envelope), ms: options.now() - startedMs });
        return "committed";
      } catch (error) {
        options.onFailedAttempt?.(partition, error);
        if (options.now() + waitMs >= deadlineMs) return "failed";
        await options.sleep(waitMs);
      }
    }
  }

  async function drain(partition: number, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const items = queue.splice(0, fitting(queue, maxEnvelopeBytes));
      const outcome = await commit(partition, items);
      count(-items.reduce((sum, item) => sum + item.bytes, 0));
      for (const item of items) item.resolve(outcome);
    }
    running.delete(partition);
  }

  return {
    submit(frame) {
      const json = JSON.stringify(frame);
      const bytes = Buffer.byteLength(json);
      if (unflushedBytes + bytes > options.maxUnflushedBytes) return Promise.resolve("busy");
      const partition = partitionOf(frame.patientId, options.partitions);
      const queue = queues[partition] ?? [];
      const { promise, resolve } = Promise.withResolvers<CommitOutcome>();
      queue.push({ json, bytes, resolve });
      count(bytes);
      if (!running.has(partition)) running.set(partition, drain(partition, queue));
      return promise;
    },
    isUnderPressure: () => pressed,
    onPressure: (listener) => void listeners.add(listener),
    unflushedBytes: () => unflushedBytes,
    async flush() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
