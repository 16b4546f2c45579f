import type { EventType } from "@episante/contracts/events";
import type { ServiceName } from "@episante/contracts/session";
import { beatSchema } from "@episante/contracts/system";
import { sql } from "drizzle-orm";
import { type ConsumeDeps, type ConsumerContext, type ConsumerSpec, type Running, startConsumer } from "./consume.ts";
import type { Log } from "./log.ts";
import type { NatsConnection } from "./nats.ts";
import type { Outbox } from "./outbox.ts";

/** Facts of another service kept in own tables, because requests are decided by them. */
export interface MirrorSpec<D = never> {
  readonly owner: ServiceName;
  readonly consumer: ConsumerSpec<D>;
  /** True while the owner's heartbeat is heard (< 5 s) and everything it published is applied. */
  fresh(): boolean;
  /** Set by the platform. */
  readonly state: { lastBeatMs: number; behindSinceMs: number | null; appliedSeq: number };
}

const silenceMs = 5_000;

/** Ties a mirror's handler to the owner's events. */
export function mirror<D extends ConsumeDeps, T extends EventType>(spec: {
  owner: ServiceName;
  name: string;
  on: readonly T[];
  apply: (context: ConsumerContext<D, T>) => Promise<void>;
}): MirrorSpec<D> {
  const state: MirrorSpec["state"] = { lastBeatMs: 0, behindSinceMs: null, appliedSeq: 0 };
  return {
    owner: spec.owner,
    consumer: { name: spec.name, on: spec.on, handle: spec.apply as ConsumerSpec<D>["handle"] },
    state,
    fresh() {
      const now = performance.now();
      return (
        state.lastBeatMs > 0 &&
        now - state.lastBeatMs < silenceMs &&
        (state.behindSinceMs === null || now - state.behindSinceMs < silenceMs)
      );
    },
  };
}

/** Starts a mirror: its consumer, and the watch over the owner's heartbeat. */
export async function startMirror<D extends ConsumeDeps>(spec: MirrorSpec<D>, deps: D): Promise<Running> {
  const [row] = await deps.db.drizzle.execute(sql`select applied_seq from mirrors where name = ${spec.consumer.name}`);
  spec.state.appliedSeq = Number(row?.applied_seq ?? 0);
  const running = await startConsumer(spec.consumer, deps, {
    inTransaction: async (tx, streamSeq) => {
      await tx.execute(
        sql`insert into mirrors (name, applied_seq) values (${spec.consumer.name}, ${streamSeq}) on conflict (name) do update set applied_seq = greatest(mirrors.applied_seq, excluded.applied_seq)`,
      );
    },
    committed: (streamSeq) => {
      spec.state.appliedSeq = Math.max(spec.state.appliedSeq, streamSeq);
    },
  });
  deps.metrics.watchMirror({ name: spec.consumer.name, owner: spec.owner, fresh: () => spec.fresh() });
  const subscription = deps.nats.subscribe(`beat.${spec.owner}`, {
    callback: (error, message) => {
      if (error) return;
      const beat = beatSchema.safeParse(JSON.parse(message.string()));
      if (!beat.success) return;
      const published = Math.max(0, ...spec.consumer.on.map((type) => beat.data.positions[type] ?? 0));
      spec.state.lastBeatMs = performance.now();
      if (spec.state.appliedSeq >= published) spec.state.behindSinceMs = null;
      else spec.state.behindSinceMs ??= performance.now();
    },
  });
  return {
    async stop() {
      subscription.unsubscribe();
      await running.stop();
    },
  };
}

/** The owner's side: says each second how far its published events go. */
export function startBeats(service: string, nats: NatsConnection, outbox: Outbox, log: Log): Running {
  const timer = setInterval(() => {
    try {
      nats.publish(`beat.${service}`, JSON.stringify({ service, positions: outbox.positions() }));
    } catch (error) {
      log.warn({ err: error }, "heartbeat not sent");
    }
  }, 1_000);
  return { stop: async () => clearInterval(timer) };
}
