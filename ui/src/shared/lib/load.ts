import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import type { CallProblem, CallResult } from "./call.ts";

export interface Load<T> {
  /** The last good answer; kept, dimmed by the screen, while a newer one is fetched. */
  value: Accessor<T | undefined>;
  problem: Accessor<CallProblem | undefined>;
  /** True while a request runs. */
  pending: Accessor<boolean>;
  /** True 200 ms after a request without any earlier value began: then, and only then, a skeleton is drawn. */
  waiting: Accessor<boolean>;
  reload: () => Promise<void>;
  set: (value: T) => void;
}

/**
 * Loads when `source` changes (undefined = nothing to load). A late answer to an earlier source is dropped.
 * `keep` false forgets the old value at a change of source: for another patient, or another doctor.
 */
export function createLoad<S, T>(
  source: Accessor<S | undefined>,
  fetcher: (source: S, signal: AbortSignal) => Promise<CallResult<T>>,
  options: { keep?: boolean } = {},
): Load<T> {
  const [value, setValue] = createSignal<T | undefined>();
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [pending, setPending] = createSignal(false);
  const [waiting, setWaiting] = createSignal(false);
  let controller: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function run(wanted: S): Promise<void> {
    controller?.abort();
    clearTimeout(timer);
    const mine = new AbortController();
    controller = mine;
    setPending(true);
    timer = setTimeout(() => setWaiting(value() === undefined), 200);
    try {
      const result = await fetcher(wanted, mine.signal);
      if (mine.signal.aborted) return;
      if (result.ok) setValue(() => result.value);
      setProblem(result.ok ? undefined : result.problem);
    } catch (error) {
      if (!mine.signal.aborted) throw error;
      return;
    }
    clearTimeout(timer);
    setWaiting(false);
    setPending(false);
  }

  createEffect(
    on(source, (wanted) => {
      if (options.keep === false) setValue(undefined);
      setProblem(undefined);
      if (wanted === undefined) {
        controller?.abort();
        setPending(false);
        setWaiting(false);
        return;
      }
      void run(wanted);
    }),
  );
  onCleanup(() => {
    controller?.abort();
    clearTimeout(timer);
  });
  return {
    value,
    problem,
    pending,
    waiting,
    set: (next) => setValue(() => next),
    reload: async () => {
      const wanted = source();
      if (wanted !== undefined) await run(wanted);
    },
  };
}

/** Runs `tick` every `ms` while the page is visible, and at once when it becomes visible again. Ends with its owner. */
export function createInterval(tick: () => void, ms: number): void {
  const timer = setInterval(() => document.visibilityState === "visible" && tick(), ms);
  const wake = () => document.visibilityState === "visible" && tick();
  document.addEventListener("visibilitychange", wake);
  onCleanup(() => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", wake);
  });
}
