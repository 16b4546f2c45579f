import { isRetryable, isUnreachable } from "./db.ts";

/** Commands written together: what gathers while one group is being written forms the next. */
export interface Groups<C, O> {
  /** Queues a command; resolves with its own outcome when its group is committed. @throws what its writing failed with, never another's fault */
  submit(command: C): Promise<O>;
}

export interface GroupsOptions<C, O> {
  /** Writes commands; each is written or not, and writing it again must be harmless. @returns one outcome per command, in their order */
  readonly write: (commands: readonly C[]) => Promise<readonly O[]>;
  /** Most commands of one group. */
  readonly atMost?: number;
  /**
   * Whose locks a command takes: those of the same owner are never written at the same time. With it, a second group is written beside
   * the first when so many wait that both are large; without it one at a time.
   */
  readonly ownerOf?: (command: C) => string;
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
/** Least size of a group that is written beside another one: what a group costs besides its commands must stay small. */
const worthASecond = 24;

/**
 * Group commit: one group in flight (two when very many wait), no timer. An idle process writes at once (after one turn of its event loop),
 * a busy one groups by itself. A group that fails is written again when the database says so or was lost; repeating must be harmless, also when the commit
 * succeeded and only its answer was lost. A group that fails for another reason is taken apart, so that the command at fault fails alone.
 */
export function makeGroups<C, O>({ write, atMost = 64, ownerOf = () => "", onWritten }: GroupsOptions<C, O>): Groups<C, O> {
  const lanes = [0, 1].map(() => ({ queue: [] as Waiting<C, O>[], isWriting: false }));

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

  /** Writes what one lane has, or all lanes together, and looks again. */
  async function drain(own: typeof lanes): Promise<void> {
    for (const lane of own) lane.isWriting = true;
    const group: Waiting<C, O>[] = [];
    // The shorter queue first, or it could wait for ever behind a long one.
    for (const { queue } of [...own].sort((a, b) => a.queue.length - b.queue.length)) group.push(...queue.splice(0, atMost - group.length));
    await settle(group);
    for (const lane of own) lane.isWriting = false;
    look();
  }

  let isLooking = false;
  /** Looks after one turn of the event loop: those whose answers just left, and all that this turn brings, still join. */
  function look(): void {
    if (isLooking) return;
    isLooking = true;
    setImmediate(() => {
      isLooking = false;
      const idle = lanes.filter(({ isWriting }) => !isWriting);
      const full = idle.filter(({ queue }) => queue.length >= worthASecond);
      if (full.length === lanes.length || idle.length < lanes.length) for (const lane of full) void drain([lane]);
      else if (idle.some(({ queue }) => queue.length > 0)) void drain(lanes);
    });
  }

  return {
    submit: (command) =>
      new Promise((resolve, reject) => {
        lanes[Bun.hash.crc32(ownerOf(command)) % lanes.length]?.queue.push({ command, resolve, reject });
        look();
      }),
  };
}
