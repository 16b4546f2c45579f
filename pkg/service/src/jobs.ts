import { sql } from "drizzle-orm";
import type { ConsumeDeps, Running } from "./consume.ts";
import { newTraceId } from "./ids.ts";
import { inSpan } from "./trace.ts";

/** Work that repeats in business time. One instance runs it at a time. */
export interface Job<D = never> {
  readonly name: string;
  readonly everyMs: number;
  readonly run: (context: { deps: D; now: number }) => Promise<void>;
}

/** Ties a job to the deps it needs. */
export function job<D extends ConsumeDeps>(spec: {
  name: string;
  everyMs: number;
  run: (context: { deps: D; now: number }) => Promise<void>;
}): Job<D> {
  return spec;
}

const tracedFromMs = 60_000;

/** A turn is a trace of its own, unless the job only looks often whether there is work: that work belongs to the trace that ordered it. */
function turnOf({ name, everyMs }: Pick<Job, "name" | "everyMs">, work: () => Promise<void>): Promise<void> {
  return everyMs < tracedFromMs ? work() : inSpan({ name: `job ${name}`, entry: { traceId: newTraceId() } }, work);
}

/**
 * Most turns of one process at a time. Each keeps a connection for its lock while it works with others of the same pool: were every
 * connection a lock's, all would wait for ever.
 */
const mostTurns = 3;
const turns = new WeakMap<object, { taken: number; readonly waiting: (() => void)[] }>();

/** Does the work once fewer than `mostTurns` of this database's jobs are at work, in the order they came. */
async function inTurn(db: object, work: () => Promise<void>): Promise<void> {
  const gate = turns.get(db) ?? { taken: 0, waiting: [] };
  turns.set(db, gate);
  if (gate.taken >= mostTurns) await new Promise<void>((resolve) => gate.waiting.push(resolve));
  else gate.taken += 1;
  try {
    await work();
  } finally {
    const next = gate.waiting.shift();
    if (next) next();
    else gate.taken -= 1;
  }
}

/** Starts a job: after each pause, and at once when the business clock jumps. A failing turn is logged and the next one comes all the same. */
export function startJob<D extends ConsumeDeps>(spec: Job<D>, deps: D): Running {
  let running = true;
  let wakeUp: () => void = () => {};
  const unsubscribe = deps.clock.onChange(() => wakeUp());
  const loop = (async () => {
    while (running) {
      try {
        await inTurn(deps.db, () =>
          turnOf(spec, async () => {
            await deps.db.drizzle.transaction(async (tx) => {
              const [lock] = await tx.execute(sql`select pg_try_advisory_xact_lock(hashtext(${`episante.job.${spec.name}`})) as held`);
              if (lock?.held) await spec.run({ deps, now: deps.clock.now() });
            });
          }),
        );
        deps.outbox.wake();
        deps.metrics.jobSuccess.setToCurrentTime({ name: spec.name });
      } catch (error) {
        deps.metrics.jobFailures.inc({ name: spec.name });
        deps.log.warn({ job: spec.name, err: error }, "job failed");
      }
      if (!running) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, spec.everyMs);
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
      unsubscribe();
      wakeUp();
      await loop;
    },
  };
}
