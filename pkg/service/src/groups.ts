import { isRetryable, isUnreachable } from "./db.ts";

/** Commands written together: what gathers while one group is being written forms the next. */
export interface Groups<C, O> {
  /** Queues a command; resolves with its own outcome when its group is committed. @throws what its writing failed with, never another's fault */
  submit(command: C): Promise<O>;
}

export interface GroupsOptions<C, O> {
  /** Writes commands in one transaction, all or none of it. @returns one outcome per command, in their order */
  readonly write: (commands: readonly C[]) => Promise<readonly O[]>;
  /** Most commands of one group. */
  readonly atMost?: number;
  /** Told of every group that was written. */
  readonly onWritten?: (size: number) => void;
}

interface Waiting<C, O> {
  readonly command: C;
  readonly resolve: (outcome: O) => void;
  readonly reject: (error: unknown) => void;
}

const mostAttempts = 4;
const pauseMs = 100;

/**
 * Group commit: one transaction in flight, no timer. An idle process writes at once (after one turn of its event loop), a busy one groups
 * by itself. A group that fails is written again when the database says so or was lost; repeating must be harmless, also when the commit
 * succeeded and only its answer was lost. A group that fails for another reason is taken apart, so that the command at fault fails alone.
 */
export function makeGroups<C, O>({ write, atMost = 64, onWritten }: GroupsOptions<C, O>): Groups<C, O> {
  const queue: Waiting<C, O>[] = [];
  let isWriting = false;

  async function attempt(group: readonly Waiting<C, O>[]): Promise<readonly O[]> {
    for (let count = 1; ; count++) {
      try {
        const outcomes = await write(group.map(({ command }) => command));
        if (outcomes.length !== group.length) throw new Error(`${outcomes.length} outcomes for ${group.length} commands`);
        return outcomes;
      } catch (error) {
        const isLost = isUnreachable(error);
        if (!(isLost || isRetryable(error)) || count >= mostAttempts) throw error;
        if (isLost) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  async function settle(group: readonly Waiting<C, O>[]): Promise<void> {
    try {
      const outcomes = await attempt(group);
      onWritten?.(group.length);
      group.forEach(({ resolve }, index) => void resolve(outcomes[index] as O));
    } catch (error) {
      if (group.length === 1 || isUnreachable(error)) for (const { reject } of group) reject(error);
      else for (const one of group) await settle([one]);
    }
  }

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      // Those whose answers just left, and all that this turn brings, still join.
      await new Promise((resolve) => setImmediate(resolve));
      await settle(queue.splice(0, atMost));
    }
    isWriting = false;
  }

  return {
    submit: (command) =>
      new Promise((resolve, reject) => {
        queue.push({ command, resolve, reject });
        if (isWriting) return;
        isWriting = true;
        void drain();
      }),
  };
}
