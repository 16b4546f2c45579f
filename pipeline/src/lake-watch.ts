import type { Log } from "@episante/service/log";
import { type ObjectStore, ObjectStoreError } from "@episante/service/objects";

/** The lake as the stages use it, and whether it works. */
export interface WatchedLake {
  readonly store: ObjectStore;
  /** Why nothing can be stored now, as readiness tells it; null when all is well. */
  fault(): string | null;
  stop(): Promise<void>;
}

/** Pauses between two questions. While it is away they grow from `first` to `longest`. All ms. */
export interface WatchPauses {
  readonly first: number;
  readonly longest: number;
  readonly whileUp: number;
}
const usualPauses: WatchPauses = { first: 500, longest: 15_000, whileUp: 15_000 };

/**
 * Asks the lake whether it works: at once, each time an operation failed, and from time to time. The pipeline starts without it.
 * @param isNew true when nothing was ever landed: only then a missing bucket is made; later it would hide that the lake is lost
 */
export function watchLake(
  lake: ObjectStore,
  { log, isNew, pauses = usualPauses }: { log: Log; isNew: () => Promise<boolean>; pauses?: WatchPauses },
): WatchedLake {
  let fault: string | null = "the object store was not asked yet";
  let running = true;
  let askNow: () => void = () => {};

  async function check(): Promise<void> {
    try {
      await lake.check();
    } catch (error) {
      if (!(error instanceof ObjectStoreError && error.fault === "no-bucket" && lake.createBucket && (await isNew()))) throw error;
      await lake.createBucket();
      log.info({}, "bucket made");
    }
  }

  const loop = (async () => {
    let pauseMs = pauses.first;
    while (running) {
      const before: string | null = fault;
      fault = await check().then(() => null, faultOf);
      if (fault !== null && fault !== before) log.error({ reason: fault }, "the lake does not work");
      if (fault === null && before !== null) log.info({}, "the lake works");
      pauseMs = fault === null ? pauses.first : Math.min(pauseMs * 2, pauses.longest);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, fault === null ? pauses.whileUp : pauseMs);
        askNow = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();

  /** A failed operation is a reason to ask: the fault is known before the next turn of the clock. */
  function watched<A extends unknown[], T>(operation: (...given: A) => Promise<T>): (...given: A) => Promise<T> {
    return async (...given) => {
      try {
        return await operation(...given);
      } catch (error) {
        if (error instanceof ObjectStoreError && fault === null) {
          fault = error.message;
          log.error({ reason: fault }, "the lake does not work");
          askNow();
        }
        throw error;
      }
    };
  }

  return {
    store: {
      ...lake,
      put: watched(lake.put),
      create: watched(lake.create),
      get: watched(lake.get),
      getToFile: watched(lake.getToFile),
      list: watched(lake.list),
      delete: watched(lake.delete),
    },
    fault: () => fault,
    async stop() {
      running = false;
      askNow();
      await loop;
    },
  };
}

function faultOf(error: unknown): string {
  return error instanceof ObjectStoreError ? error.message : "the object store cannot be asked";
}
