import type { Counter, Gauge, Histogram, MetricFactory } from "@episante/service/metrics";

/** What svc/alert counts beside what every service does. Raised, acknowledged and resolved alerts are in `events_published_total`. */
export interface AlertMetrics {
  readonly active: Gauge<"status" | "severity">;
  /** Seconds from firing to the acknowledgement, business time. */
  readonly ackSeconds: Histogram<"severity">;
  /** 1 while the feed's heartbeat would be sent: every partition of the engine turns and the relationships are fresh. */
  readonly feedAlive: Gauge;
  /** Times somebody was called; a page that grows counts once. */
  readonly pagesSent: Counter<"kind" | "severity">;
  /** Those of them that left noticeably after their time. */
  readonly pagesLate: Counter;
  /** Times somebody was left in peace by quiet hours. */
  readonly pagesHeld: Counter;
}

export function makeAlertMetrics({ counter, gauge, histogram }: MetricFactory): AlertMetrics {
  return {
    active: gauge("alerts_active", "Alerts open or taken in charge", "status", "severity"),
    ackSeconds: histogram("alert_ack_seconds", "Time from an alert's firing to its acknowledgement", ackBuckets, "severity"),
    feedAlive: gauge("alert_feed_alive", "1 while consoles get heartbeats; 0: they say that monitoring is lost"),
    pagesSent: counter("alert_pages_sent_total", "Pages and digests about alerts, handed over for delivery", "kind", "severity"),
    pagesLate: counter("alert_pages_late_total", "Pages that left more than 10 s after their step was due"),
    pagesHeld: counter("alert_pages_held_total", "Pages held back by quiet hours"),
  };
}

const ackBuckets = [5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400];
