import type { TestBroker } from "@episante/testkit/broker";
import { jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { openDevices, summary } from "./devices.ts";
import { startGatewayRig } from "./gateway.ts";
import { type Bench, measure } from "./harness.ts";
import { median } from "./stats.ts";

const sockets = 16;
const partitions = 4;
const loadMs = 1_500;
const rawMs = 700;
const rawBatch = 500;
const rawBytes = 128;

/** B1, B3 and B6 of the plan: readings over the device socket until they are acknowledged as on disk. */
export const ingest: Bench = {
  name: "ingest",
  describe: `acked-durable readings: ${sockets} device sockets → gateway → JetStream, fsynced before each acknowledgement`,
  maxSeconds: 300,
  async run(context) {
    const rig = await startGatewayRig(context, 2 * sockets);
    const single = await openDevices(rig.url, rig.tokens.slice(0, sockets), 1);
    const bundled = await openDevices(rig.url, rig.tokens.slice(sockets), 100);
    context.onEnd(() => {
      for (const load of [single, bundled]) load.close();
    });
    const raw = await openRaw(rig.broker);
    const meter = async (run: () => Promise<number>) => {
      const before = await rig.cpuSeconds();
      const at = performance.now();
      const perSecond = await run();
      const seconds = (performance.now() - at) / 1000;
      return { perSecond, cpuMicros: (((await rig.cpuSeconds()) - before) / (perSecond * seconds)) * 1e6 };
    };
    let lastRate = 0;
    let envelopeBytes = 1024;
    const rounds = await context.interleave({
      single: async () => {
        const result = await meter(() => single.saturate(loadMs));
        lastRate = result.perSecond;
        return result;
      },
      raw: () => raw.batches(rawMs),
      bundled: () => meter(async () => 100 * (await bundled.saturate(loadMs))),
      latency: async () => {
        const before = await raw.readingsState();
        const { latencies, perSecond } = await single.openLoop(lastRate / 2, loadMs);
        const after = await raw.readingsState();
        envelopeBytes = Math.round((after.bytes - before.bytes) / (after.messages - before.messages));
        return { ...summary(latencies), perSecond };
      },
      window: () => raw.commitMs(envelopeBytes, rawMs),
    });

    const fsync = { id: "L1", unit: "fsync/s", values: rounds.limits.map(({ fsyncPerSecond }) => fsyncPerSecond) };
    const rawRate = { id: "L8", unit: `msg/s in atomic batches of ${rawBatch}`, values: rounds.raw };
    const cpu = (of: readonly { cpuMicros: number }[]) =>
      `gateway CPU ${median(of.map(({ cpuMicros }) => cpuMicros)).toFixed(1)} µs per reading`;
    const b6Limit = rounds.window.map((ms, round) => ms + (rounds.limits[round]?.fsyncP50Ms ?? Number.NaN));
    return [
      measure({
        id: "B1",
        what: "acked-durable readings/s, one reading per frame",
        unit: "readings/s",
        values: rounds.single.map(({ perSecond }) => perSecond),
        limit: fsync,
        floor: { op: ">=", value: 8 },
        note: cpu(rounds.single),
      }),
      measure({
        id: "B1/100",
        what: "the same, 100 readings per frame",
        unit: "readings/s",
        values: rounds.bundled.map(({ perSecond }) => perSecond),
        limit: fsync,
        floor: { op: ">=", value: 8 },
        note: cpu(rounds.bundled),
      }),
      measure({
        id: "B3",
        what: "one reading per frame, to raw JetStream on the same server",
        unit: "readings/s",
        values: rounds.single.map(({ perSecond }) => perSecond),
        limit: rawRate,
        floor: { op: ">=", value: 0.4 },
      }),
      measure({
        id: "B3/100",
        what: "100 readings per frame, to raw JetStream on the same server",
        unit: "readings/s",
        values: rounds.bundled.map(({ perSecond }) => perSecond),
        limit: rawRate,
        floor: { op: ">=", value: 0.4 },
      }),
      measure({
        id: "B6",
        what: "durable ack latency p99 at half the load of B1",
        unit: "ms",
        values: rounds.latency.map(({ p99 }) => p99),
        limit: { id: "window + L1 p50", unit: "ms", values: b6Limit },
        floor: { op: "<=", value: 4 },
        note: `p50 ${median(rounds.latency.map(({ p50 }) => p50)).toFixed(2)} ms at ${Math.round(median(rounds.latency.map(({ perSecond }) => perSecond)))} readings/s, open loop; the gateway has no batch timer, so the window is the median time in which the same server confirms a bare publish, ${partitions} at once, of an envelope as large as the gateway's mean one at that load (${median(rounds.window).toFixed(2)} ms)`,
      }),
    ];
  },
};

interface Raw {
  /** Bare JetStream: atomic batches one after the other. @returns messages per second */
  batches(forMs: number): Promise<number>;
  /** Bare JetStream: one publish in flight per partition. @returns median time to the confirmation, ms */
  commitMs(bytes: number, forMs: number): Promise<number>;
  readingsState(): Promise<{ bytes: number; messages: number }>;
}

/** A stream beside READINGS on the same server and disk, written to without the gateway. */
async function openRaw({ nats }: TestBroker): Promise<Raw> {
  const manager = await jetstreamManager(nats);
  await manager.streams.add({
    name: "RAW",
    subjects: ["raw.*"],
    storage: StorageType.File,
    allow_atomic: true,
    max_bytes: 512 * 1024 ** 2,
  });
  const js = jetstream(nats, { timeout: 10_000 });
  const payload = new Uint8Array(rawBytes).fill(120);
  return {
    async batches(forMs) {
      let sent = 0;
      const beganAt = performance.now();
      while (performance.now() - beganAt < forMs) {
        const batch = await js.startBatch("raw.0", payload);
        for (let index = 1; index < rawBatch - 1; index++) batch.add("raw.0", payload);
        await batch.commit("raw.0", payload);
        sent += rawBatch;
      }
      return (sent / (performance.now() - beganAt)) * 1000;
    },
    async commitMs(bytes, forMs) {
      const envelope = new Uint8Array(bytes).fill(120);
      const took: number[] = [];
      const beganAt = performance.now();
      const publisher = async (subject: string) => {
        while (performance.now() - beganAt < forMs) {
          const at = performance.now();
          await js.publish(subject, envelope);
          took.push(performance.now() - at);
        }
      };
      await Promise.all(Array.from({ length: partitions }, (_, partition) => publisher(`raw.${partition}`)));
      return median(took);
    },
    async readingsState() {
      const { state } = await manager.streams.info("READINGS");
      return { bytes: state.bytes, messages: state.messages };
    },
  };
}
