import { type Frame, maxEnvelopeBytes, partitionOf } from "@episante/contracts/envelope";
import { fitting, type Queued, writeEnvelope } from "../domain/batching.ts";

/** `committed`: on disk. `busy`: not taken, too much is waiting. `failed`: the stream did not confirm it; the device must send again. */
export type CommitOutcome = "committed" | "busy" | "failed";

/** Writes one envelope to the stream; resolves when the server says that it is on disk. The id stays the same over retries. */
export type Publish = (partition: number, envelope: string, messageId: string) => Promise<void>;

export interface Committer {
  /** Queues a frame for its patient's partition; `decided` is called once, when its envelope is. Frames decided together are told in one go. */
  take(frame: Frame, decided: (outcome: CommitOutcome) => void): void;
  /** The same, as a promise. */
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
  readonly decided: (outcome: CommitOutcome) => void;
}

export interface CommitterOptions {
  readonly partitions: number;
  readonly publish: Publish;
  readonly newMessageId: () => string;
  /** Accepted but not yet on disk, over all partitions. */
  readonly maxUnflushedBytes: number;
  /** How long one envelope is retried before its frames are given back. */
  readonly giveUpAfterMs: number;
  /** How many partitions may have an attempt at the server at once; all, unless said. */
  readonly atOnce?: number;
  /** An attempt that takes longer no longer keeps others from theirs. */
  readonly slowAfterMs?: number;
  readonly sleep: (ms: number) => Promise<unknown>;
  readonly now: () => number;
  readonly onFailedAttempt?: (partition: number, error: unknown) => void;
  /** An envelope is on disk. `ms`: since its first attempt. */
  readonly onCommitted?: (envelope: { readonly frames: number; readonly bytes: number; readonly ms: number }) => void;
}

/**
 * Group commit: one commit in flight per partition; frames that arrive meanwhile form the next envelope. There is no timer, so an idle
 * partition commits at once and a busy one batches by itself. With `atOnce` partitions also take turns: they are one stream, whose server
 * syncs one message after the other, so more of them would only wait there, closed, and not here, where frames can still join them.
 */
export function makeCommitter(options: CommitterOptions): Committer {
  const queues: Waiting[][] = Array.from({ length: options.partitions }, () => []);
  const running = new Map<number, Promise<void>>();
  const listeners = new Set<(isUnderPressure: boolean) => void>();
  const turns = makeTurns(options.atOnce ?? options.partitions);
  let unflushedBytes = 0;
  let pressed = false;

  const count = (bytes: number) => {
    unflushedBytes += bytes;
    const next = pressed ? unflushedBytes > options.maxUnflushedBytes / 4 : unflushedBytes > options.maxUnflushedBytes / 2;
    if (next === pressed) return;
    pressed = next;
    for (const listener of listeners) listener(pressed);
  };

  /** One attempt. Called with a turn, which ends with the attempt, or before when the attempt is slow. */
  async function attempt(partition: number, envelope: string, messageId: string): Promise<void> {
    const leave = turns.leaveOnce();
    const slow = setTimeout(leave, options.slowAfterMs ?? 100);
    try {
      await options.publish(partition, envelope, messageId);
    } finally {
      clearTimeout(slow);
      leave();
    }
  }

  /** Called with a turn, ends without one. */
  async function commit(partition: number, items: readonly Waiting[]): Promise<CommitOutcome> {
    const envelope = writeEnvelope(items);
    const messageId = options.newMessageId();
    const startedMs = options.now();
    const deadlineMs = startedMs + options.giveUpAfterMs;
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1_000)) {
      try {
        await attempt(partition, envelope, messageId);
        options.onCommitted?.({ frames: items.length, bytes: Buffer.byteLength(envelope), ms: options.now() - startedMs });
        return "committed";
      } catch (error) {
        options.onFailedAttempt?.(partition, error);
        if (options.now() + waitMs >= deadlineMs) return "failed";
        await options.sleep(waitMs);
        await turns.enter();
      }
    }
  }

  async function drain(partition: number, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const free = turns.enter();
      if (free) await free;
      const items = queue.splice(0, fitting(queue, maxEnvelopeBytes));
      const outcome = await commit(partition, items);
      let bytes = 0;
      for (const item of items) bytes += item.bytes;
      count(-bytes);
      for (const { decided } of items) tell(decided, outcome);
    }
    running.delete(partition);
  }

  const take: Committer["take"] = (frame, decided) => {
    const json = JSON.stringify(frame);
    const bytes = Buffer.byteLength(json);
    if (unflushedBytes + bytes > options.maxUnflushedBytes) return decided("busy");
    const partition = partitionOf(frame.patientId, options.partitions);
    const queue = queues[partition] ?? [];
    queue.push({ json, bytes, decided });
    count(bytes);
    if (!running.has(partition)) running.set(partition, drain(partition, queue));
  };

  return {
    take,
    submit: (frame) => new Promise((resolve) => take(frame, resolve)),
    isUnderPressure: () => pressed,
    onPressure: (listener) => void listeners.add(listener),
    unflushedBytes: () => unflushedBytes,
    async flush() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}

/** A listener that throws must not keep the outcome from the others; the error surfaces as an unhandled rejection. */
function tell(decided: (outcome: CommitOutcome) => void, outcome: CommitOutcome): void {
  try {
    decided(outcome);
  } catch (error) {
    void Promise.reject(error);
  }
}

/** Lets so many in at once, the others in the order in which they asked. */
function makeTurns(atOnce: number) {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  };
  return {
    /** Null: it is your turn now. Else resolves when it is. */
    enter(): Promise<void> | null {
      if (free === 0) return new Promise((resolve) => waiting.push(resolve));
      free -= 1;
      return null;
    },
    /** Ends this turn, however often it is called. */
    leaveOnce(): () => void {
      let isIn = true;
      return () => {
        if (isIn) leave();
        isIn = false;
      };
    },
  };
}
