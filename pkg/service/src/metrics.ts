import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import packageFile from "../package.json" with { type: "json" };
import { makeTally, type Tally } from "./tally.ts";

/** Version of the installation, as every process reports it. */
export const version: string = packageFile.version;

export type { Counter, Gauge, Histogram };

/** Makes metrics in one registry. */
export interface MetricFactory {
  counter<L extends string = never>(name: string, help: string, ...labels: L[]): Counter<L>;
  gauge<L extends string = never>(name: string, help: string, ...labels: L[]): Gauge<L>;
  /** @param buckets upper bounds, in the unit of the name */
  histogram<L extends string = never>(name: string, help: string, buckets: readonly number[], ...labels: L[]): Histogram<L>;
  /** A histogram with one label for what happens tens of thousands of times a second. */
  tally(name: string, help: string, buckets: readonly number[], label: string): Tally;
  /** A gauge whose value is asked at each scrape. */
  asked(name: string, help: string, value: () => number): void;
}

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
  /** Not `job`: Prometheus names its targets so. */
  readonly jobSuccess: Gauge<"name">;
  readonly jobFailures: Counter<"name">;
  /** Makes a metric of a service's own. Names end in their base unit. */
  readonly make: MetricFactory;
  /** From now on every scrape tells whether the process is ready. */
  watchReady(reasons: () => readonly string[]): void;
  watchMirror(mirror: WatchedMirror): void;
  watchReader(reader: WatchedReader): void;
}

/** Bounds for what people wait for, seconds. */
const secondsBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Makes the registry with the metrics every process has. */
export function makeMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  // Bun answers them by walking the whole heap, up to 150 ms in which nothing else runs, and knows one space only.
  for (const kind of ["total", "used", "available"]) registry.removeSingleMetric(`nodejs_heap_space_size_${kind}_bytes`);
  const make = factory(registry);
  make.gauge("episante_build_info", "1, with the version that runs", "version").set({ version }, 1);
  return {
    registry,
    make,
    http: make.histogram("http_request_seconds", "Time to answer a request", secondsBuckets, "route", "status"),
    actions: make.counter("actions_total", "Verbs carried out; outcome ok or the code of the refusal", "action", "outcome"),
    outboxPending: make.gauge("outbox_pending", "Messages committed but not yet published"),
    outboxOldestSeconds: make.gauge("outbox_oldest_seconds", "Age of the oldest message committed but not yet published"),
    published: make.counter("events_published_total", "Events published", "type"),
    handled: make.counter("events_handled_total", "Events handled", "consumer"),
    consumerLag: make.gauge("consumer_lag_messages", "Events a durable consumer had still before it at its last one", "consumer"),
    deadLetters: make.counter("dead_letters_total", "Messages given up on", "reader"),
    readerLag: make.gauge("reader_lag_messages", "Messages a reader has not handled yet", "reader", "partition"),
    readerBatch: make.histogram("reader_batch_messages", "Messages committed together", [1, 2, 5, 10, 20, 50, 100, 200], "reader"),
    readerCommit: make.histogram("reader_commit_seconds", "Time of a reader's transaction", secondsBuckets, "reader"),
    readerDelay: make.histogram(
      "reader_delay_seconds",
      "Time from the receipt of the oldest frame of a batch to the batch's commit; replays of old recordings lie above all bounds",
      [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120],
      "reader",
    ),
    jobSuccess: make.gauge("job_last_success_timestamp_seconds", "When a repeating job last ended well", "name"),
    jobFailures: make.counter("job_failures_total", "Turns of a repeating job that failed", "name"),
    ...watches(registry),
  };
}

function factory(registry: Registry): MetricFactory {
  const registers = [registry];
  return {
    counter: (name, help, ...labelNames) => new Counter({ name, help, labelNames, registers }),
    gauge: (name, help, ...labelNames) => new Gauge({ name, help, labelNames, registers }),
    histogram: (name, help, buckets, ...labelNames) => new Histogram({ name, help, buckets: [...buckets], labelNames, registers }),
    tally: (name, help, buckets, label) => makeTally(registry, { name, help, buckets, label }),
    asked(name, help, value) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    },
  };
}

/** Gauges that are asked at each scrape, so that what stands still shows. */
function watches(registry: Registry): Pick<Metrics, "watchReady" | "watchMirror" | "watchReader"> {
  const registers = [registry];
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
