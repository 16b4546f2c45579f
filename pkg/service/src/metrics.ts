import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import packageFile from "../package.json" with { type: "json" };

/** Version of the installation, as every process reports it. */
export const version: string = packageFile.version;

/** What a scrape asks of a mirror. */
export interface WatchedMirror {
  readonly name: string;
  readonly owner: string;
  fresh(): boolean;
}
/** What a scrape asks of a reader: real time (ms) of the last turn of each partition this process holds. */
export interface WatchedReader {
  readonly name: string;
  readonly turns: ReadonlyMap<number, number>;
}

/** Prometheus metrics of one process. Labels are routes, readers and codes: never ids of people. */
export interface Metrics {
  readonly registry: Registry;
  /** Seconds per answered request. */
  readonly http: Histogram<"route" | "status">;
  /** Verbs carried out: outcome `ok`, or the code of the refusal. */
  readonly actions: Counter<"action" | "outcome">;
  readonly outboxPending: Gauge;
  readonly outboxOldestSeconds: Gauge;
  /** Events on their stream, each counted once by the instance that published it. */
  readonly published: Counter<"type">;
  /** Messages between a reader's checkpoint and the end of its partition. */
  readonly readerLag: Gauge<"reader" | "partition">;
  readonly readerBatch: Histogram<"reader">;
  readonly readerCommit: Histogram<"reader">;
  /** Seconds from the oldest frame's receive time to the commit of its batch. */
  readonly readerDelay: Histogram<"reader">;
  readonly handled: Counter<"consumer">;
  readonly consumerLag: Gauge<"consumer">;
  readonly deadLetters: Counter<"reader">;
  readonly jobSuccess: Gauge<"job">;
  readonly jobFailures: Counter<"job">;
  /** From now on every scrape tells whether the process is ready. */
  watchReady(reasons: () => readonly string[]): void;
  watchMirror(mirror: WatchedMirror): void;
  watchReader(reader: WatchedReader): void;
}

/** Makes the registry with the metrics every process has. */
export function makeMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const build = new Gauge({ name: "episante_build_info", help: "1, with the version that runs", labelNames: ["version"], registers });
  build.set({ version }, 1);
  return {
    registry,
    http: new Histogram({
      name: "http_request_seconds",
      help: "Time to answer a request",
      labelNames: ["route", "status"],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    actions: new Counter({
      name: "actions_total",
      help: "Verbs carried out; outcome ok or the code of the refusal",
      labelNames: ["action", "outcome"],
      registers,
    }),
    ...streamMetrics(registers),
    ...readerMetrics(registers),
    jobSuccess: new Gauge({
      name: "job_last_success_timestamp_seconds",
      help: "When a repeating job last ended well",
      labelNames: ["job"],
      registers,
    }),
    jobFailures: new Counter({ name: "job_failures_total", help: "Turns of a repeating job that failed", labelNames: ["job"], registers }),
    ...watches(registers),
  };
}

function streamMetrics(registers: Registry[]) {
  return {
    outboxPending: new Gauge({ name: "outbox_pending", help: "Messages committed but not yet published", registers }),
    outboxOldestSeconds: new Gauge({
      name: "outbox_oldest_seconds",
      help: "Age of the oldest message committed but not yet published",
      registers,
    }),
    published: new Counter({ name: "events_published_total", help: "Events published", labelNames: ["type"], registers }),
    handled: new Counter({ name: "events_handled_total", help: "Events handled", labelNames: ["consumer"], registers }),
    consumerLag: new Gauge({
      name: "consumer_lag_messages",
      help: "Events a durable consumer has not been given yet, as of the last one it was given",
      labelNames: ["consumer"],
      registers,
    }),
    deadLetters: new Counter({ name: "dead_letters_total", help: "Messages given up on", labelNames: ["reader"], registers }),
  };
}

function readerMetrics(registers: Registry[]) {
  return {
    readerLag: new Gauge({
      name: "reader_lag_messages",
      help: "Messages a reader has not handled yet",
      labelNames: ["reader", "partition"],
      registers,
    }),
    readerBatch: new Histogram({
      name: "reader_batch_messages",
      help: "Messages committed together",
      labelNames: ["reader"],
      buckets: [1, 2, 5, 10, 20, 50, 100, 200],
      registers,
    }),
    readerCommit: new Histogram({
      name: "reader_commit_seconds",
      help: "Time of a reader's transaction",
      labelNames: ["reader"],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    readerDelay: new Histogram({
      name: "reader_delay_seconds",
      help: "Time from the receipt of the oldest frame of a batch to the batch's commit; replays of old recordings lie above all buckets",
      labelNames: ["reader"],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
      registers,
    }),
  };
}

/** Gauges that are asked at each scrape, so that what stands still shows. */
function watches(registers: Registry[]): Pick<Metrics, "watchReady" | "watchMirror" | "watchReader"> {
  const mirrors: WatchedMirror[] = [];
  const readers: WatchedReader[] = [];
  let reasons: (() => readonly string[]) | undefined;
  new Gauge({
    name: "service_ready",
    help: "1 when /readyz would answer 200",
    registers,
    collect() {
      if (reasons) this.set(reasons().length === 0 ? 1 : 0);
    },
  });
  new Gauge({
    name: "mirror_fresh",
    help: "1 while the owner's heartbeat is heard and its events are applied; 0: requests are refused with mirror-stale",
    labelNames: ["mirror", "owner"],
    registers,
    collect() {
      for (const mirror of mirrors) this.set({ mirror: mirror.name, owner: mirror.owner }, mirror.fresh() ? 1 : 0);
    },
  });
  new Gauge({
    name: "reader_turn_timestamp_seconds",
    help: "When the loop of a partition held here last finished a turn; an idle one turns each second",
    labelNames: ["reader", "partition"],
    registers,
    collect() {
      this.reset();
      for (const { name, turns } of readers)
        for (const [partition, atMs] of turns) this.set({ reader: name, partition: String(partition) }, atMs / 1000);
    },
  });
  return {
    watchReady: (given) => {
      reasons = given;
    },
    watchMirror: (mirror) => void mirrors.push(mirror),
    watchReader: (watched) => void readers.push(watched),
  };
}
