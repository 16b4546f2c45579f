import { certificateStates, type Ops } from "@episante/contracts/ops";
import { isRefusal } from "@episante/contracts/problem";
import type { Counter, MetricFactory } from "@episante/service/metrics";
import { type Door, doors, type Receipt } from "./readings/receive.ts";

/** Counts what devices were told. */
export interface DoorMeter {
  /** Once per batch. @param startedAt `performance.now()` when the batch had come in */
  told(door: Door, result: Receipt["result"], startedAt: number): void;
}

export interface GatewayMetrics extends DoorMeter {
  /** Refusals the gateway gave itself, before any service was asked. */
  readonly refusals: Counter<"code">;
  readonly commitFailures: Counter;
  /** An envelope is on disk. */
  committed(envelope: { readonly frames: number; readonly bytes: number; readonly ms: number }): void;
  /** What was last found out about the installation. */
  installation(ops: Pick<Ops, "disks" | "backup" | "certificate" | "broker">): void;
  /** What each scrape asks. */
  watch(sources: { readonly sockets: () => number; readonly unflushedBytes: () => number; readonly isDurable: () => boolean }): void;
}

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** The gateway's own metrics, beside those every process has. Devices and people are never labels. */
export function makeGatewayMetrics(make: MetricFactory): GatewayMetrics {
  const { counter, histogram, tally, asked } = make;
  const batchesCommitted = counter("gateway_batches_committed_total", "Batches on disk and acknowledged", "door");
  const batchesRefused = counter("gateway_batches_refused_total", "Batches refused as a whole", "door", "code");
  const readingsCommitted = counter("gateway_readings_committed_total", "Readings on disk");
  const readingsRefused = counter("gateway_readings_refused_total", "Single readings refused within batches", "code");
  const ack = tally("gateway_ack_seconds", "Time from a batch's arrival to its acknowledgement", secondsBuckets, "door");
  const commit = histogram("gateway_commit_seconds", "Time until an envelope was on disk, retries included", secondsBuckets);
  const commitFrames = histogram("gateway_commit_frames", "Frames committed together", [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]);
  const commitBytes = histogram("gateway_commit_bytes", "Bytes committed together", [1_024, 4_096, 16_384, 65_536, 131_072, 262_144]);
  // One commit answers many batches at once: they are counted together.
  const byDoor: Record<Door, number> = { socket: 0, http: 0, nats: 0, mqtt: 0 };
  let [batches, readings] = [0, 0];
  const count = () => {
    for (const door of doors) if (byDoor[door] > 0) batchesCommitted.inc({ door }, byDoor[door]);
    readingsCommitted.inc(readings);
    for (const door of doors) byDoor[door] = 0;
    [batches, readings] = [0, 0];
  };
  return {
    refusals: counter("gateway_refusals_total", "Requests the gateway refused itself", "code"),
    commitFailures: counter("gateway_commit_failures_total", "Commits the stream did not confirm and that were tried again"),
    told(door, result, startedAt) {
      if (isRefusal(result)) return batchesRefused.inc({ door, code: result.refused });
      ack.observe(door, (performance.now() - startedAt) / 1000);
      if (batches === 0) queueMicrotask(count);
      batches += 1;
      byDoor[door] += 1;
      readings += result.readings;
      for (const { code } of result.refusedItems) readingsRefused.inc({ code });
    },
    committed({ frames, bytes, ms }) {
      commit.observe(ms / 1000);
      commitFrames.observe(frames);
      commitBytes.observe(bytes);
    },
    installation: installationGauges(make),
    watch({ sockets, unflushedBytes, isDurable }) {
      asked("gateway_device_sockets", "Device sockets open", sockets);
      asked("gateway_unflushed_bytes", "Bytes of readings accepted but not yet on disk", unflushedBytes);
      asked("gateway_durable", "1 while the broker promises to fsync before it confirms; 0: nothing is acknowledged", () =>
        Number(isDurable()),
      );
    },
  };
}

/** Gauges of what the administrator's page shows, so that rules can watch it. Times are real. */
function installationGauges({ gauge }: MetricFactory): GatewayMetrics["installation"] {
  const backup = gauge(
    "backup_last_success_timestamp_seconds",
    "When the last backup ended well; 0: there is none, or the last one failed",
  );
  const expiry = gauge(
    "certificate_expiry_timestamp_seconds",
    "When the certificate that people are shown ends; absent where none is looked for",
  );
  const state = gauge("certificate_state", "1 for the state the certificate is in; none: none is looked for", "state");
  const free = gauge("data_disk_free_bytes", "Room left on a watched volume", "disk");
  const size = gauge("data_disk_size_bytes", "Size of a watched volume", "disk");
  const messages = gauge("broker_stream_messages", "Messages a stream holds", "stream");
  const bytes = gauge("broker_stream_bytes", "Bytes a stream holds", "stream");
  expiry.remove();
  return (ops) => {
    const isGood = ops.backup.state === "done" || ops.backup.state === "old";
    backup.set(isGood && ops.backup.at ? Date.parse(ops.backup.at) / 1000 : 0);
    if (ops.certificate.expiresAt) expiry.set(Date.parse(ops.certificate.expiresAt) / 1000);
    else expiry.remove();
    for (const one of certificateStates) state.set({ state: one }, Number(one === ops.certificate.state));
    for (const { name, freeBytes, totalBytes } of ops.disks) {
      free.set({ disk: name }, freeBytes);
      size.set({ disk: name }, totalBytes);
    }
    for (const stream of ops.broker.streams) {
      messages.set({ stream: stream.name }, stream.messages);
      bytes.set({ stream: stream.name }, stream.bytes);
    }
  };
}
