import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Prometheus metrics of one process. Labels are routes, readers and codes: never ids of people. */
export interface Metrics {
  readonly registry: Registry;
  /** Seconds per answered request. */
  readonly http: Histogram<"route" | "status">;
  readonly outboxPending: Gauge;
  /** Messages between a reader's checkpoint and the end of its partition. */
  readonly readerLag: Gauge<"reader" | "partition">;
  readonly handled: Counter<"consumer">;
  readonly deadLetters: Counter<"reader">;
}

/** Makes the registry with the metrics every process has. */
export function makeMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    http: new Histogram({
      name: "http_request_seconds",
      help: "Time to answer a request",
      labelNames: ["route", "status"],
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    outboxPending: new Gauge({ name: "outbox_pending", help: "Messages committed but not yet published", registers }),
    readerLag: new Gauge({
      name: "reader_lag_messages",
      help: "Messages a reader has not handled yet",
      labelNames: ["reader", "partition"],
      registers,
    }),
    handled: new Counter({ name: "events_handled_total", help: "Events handled", labelNames: ["consumer"], registers }),
    deadLetters: new Counter({ name: "dead_letters_total", help: "Messages given up on", labelNames: ["reader"], registers }),
  };
}
