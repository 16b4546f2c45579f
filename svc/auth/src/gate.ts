/** Lets at most `parallel` tasks run and `waiting` more queue up; a task beyond that is not run at all. */
export interface Gate {
  run<T>(task: () => Promise<T>): Promise<T | "busy">;
}

/** Makes a gate. Password hashing takes 64 MiB and a core each: without it, a flood of sign-ins would starve everything else. */
export function makeGate({ parallel, waiting }: { parallel: number; waiting: number }): Gate {
  let running = 0;
  const queue: (() => void)[] = [];
  return {
    async run(task) {
      if (running >= parallel) {
        if (queue.length >= waiting) return "busy";
        await new Promise<void>((resolve) => queue.push(resolve));
      } else running++;
      try {
        return await task();
      } finally {
        // The place passes straight to the next in the queue, so a newcomer cannot overtake.
        const next = queue.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
