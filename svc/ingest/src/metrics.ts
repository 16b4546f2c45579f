import type { Counter, Gauge, MetricFactory } from "@episante/service/metrics";
import { retentionClasses } from "./domain/retention.ts";

export interface ReadingMetrics {
  /** Readings of the log that the store had lost and that the reconciler stored again. */
  readonly repaired: Counter;
  /** What is missing and cannot be repaired: `bronze`, readings; `device`, batches of a device that nobody ever saw. */
  readonly missing: Gauge<"where">;
  /** When a pass of the reconciler last ended; business time. 0: never. */
  readonly reconciledAt: Gauge;
  /** Rows that retention deleted. */
  readonly deleted: Counter<"class">;
  /** Days whose time is over and that wait for bronze. */
  readonly waitingDays: Gauge;
}

export function makeReadingMetrics({ counter, gauge }: MetricFactory): ReadingMetrics {
  const deleted = counter("readings_deleted_total", "Readings and roll-ups deleted because they were kept long enough", "class");
  for (const of of retentionClasses) deleted.inc({ class: of }, 0);
  return {
    repaired: counter("readings_repaired_total", "Readings the store had lost and took again from the log"),
    missing: gauge("readings_missing", "Missing for good: readings in bronze, batches of devices", "where"),
    reconciledAt: gauge("readings_reconciled_timestamp_seconds", "When log, store and bronze were last compared; 0: never"),
    deleted,
    waitingDays: gauge("readings_retention_waiting_days", "Days kept long enough that bronze does not hold whole"),
  };
}
