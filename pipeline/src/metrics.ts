import { stages } from "@episante/contracts/pipeline";
import type { Counter, Gauge, Histogram, MetricFactory } from "@episante/service/metrics";

export interface PipelineMetrics {
  /** Seconds of a run, the wait for the one before included. */
  readonly runSeconds: Histogram<"stage" | "status">;
  readonly rows: Counter<"stage" | "direction">;
  /** When a run of the stage last ended well; business time, as runs are recorded. 0: never. */
  readonly lastSuccess: Gauge<"stage">;
}

export function makePipelineMetrics({ counter, gauge, histogram }: MetricFactory): PipelineMetrics {
  const runSeconds = histogram("pipeline_run_seconds", "Time of a run", [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600], "stage", "status");
  // From 0, so that the first failure already is an increase.
  for (const stage of stages) runSeconds.zero({ stage, status: "failed" });
  return {
    runSeconds,
    rows: counter("pipeline_rows_total", "Rows read (in) and written (out) by runs", "stage", "direction"),
    lastSuccess: gauge("pipeline_last_success_timestamp_seconds", "When a run of a stage last ended well; 0: never", "stage"),
  };
}
