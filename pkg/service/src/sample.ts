import type { Running } from "./consume.ts";
import type { Log } from "./log.ts";

/** A gauge's value that has to be asked for, of the database or of the disk, apart from scrapes. */
export interface Sample {
  readonly name: string;
  readonly everyMs: number;
  /** Looks and sets its gauges. When it throws, they keep their last value; a gauge for which that would be wrong is set before. */
  readonly take: () => Promise<void>;
}

/** Takes a sample now and again after each pause. */
export function startSample(sample: Sample, log: Log): Running {
  let running = true;
  let wakeUp: () => void = () => {};
  const loop = (async () => {
    while (running) {
      // Readiness tells already what is down; saying it again each few seconds would bury the log.
      await sample.take().catch((error: unknown) => log.debug({ job: sample.name, err: error }, "sample not taken"));
      if (!running) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, sample.everyMs);
        wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    async stop() {
      running = false;
      wakeUp();
      await loop;
    },
  };
}
