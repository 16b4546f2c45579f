import type { TestBroker } from "@episante/testkit/broker";
import { jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { type OpenLoopResult, startDevices } from "./devices.ts";
import { startGatewayRig } from "./gateway.ts";
import { type Bench, type Floor, measure } from "./harness.ts";
import { cannotPin, pinned } from "./pin.ts";
import { median } from "./stats.ts";

const sockets = 16;
const partitions = 4;
const loadMs = 1_500;
const rawMs = 700;
/** Load before the rounds: a gateway that has just started compiles what it runs often, on the cores that are measured. */
const warmUpMs = 10_000;
const rawBatch = 500;
const rawBytes = 128;

/** B1, B3 and B6 of the plan: readings over the device socket until they are acknowledged as on disk. */
export const ingest: Bench = {
  name: "ingest",
  describe: `acked-durable readings: ${sockets} device sockets → gateway → JetStream, fsynced before each acknowledgement`,
  maxSeconds: 300,
  async run(context) {
    const rig = await startGatewayRig(context, 2 * sockets);
    const devices = startDevices();
    context.onEnd(() => devices.close());
    const single = await devices.open(rig.url, rig.tokens.slice(0, sockets), 1);
    const bundled = await devices.open(rig.url, rig.tokens.slice(sockets), 100);
    const raw = await openRaw(rig.broker);
    const meter = async (run: () => Promise<number>) => {
      const before = await rig.cpuSeconds();
      const at = performance.now();
      const perSecond = await run();
      const seconds = (performance.now() - at) / 1000;
      return { perSecond, cpuMicros: (((await rig.cpuSeconds()) - before) / (perSecond * seconds)) * 1e6 };
    };
    /** Rate at saturation, latency at half of it, and the window at that load. */
    const latencyParts = async (awake: boolean) => {
      const full = await meter(() => single.saturate(loadMs));
      const before = await raw.readingsState();
      const half = await single.openLoop({ framesPerSecond: full.perSecond / 2, forMs: loadMs, awake });
      const after = await raw.readingsState();
      const envelopeBytes = Math.round((after.bytes - before.bytes) / (after.messages - before.messages));
      return { full, half, windowMs: await raw.commitMs(envelopeBytes, rawMs), envelopeBytes };
    };
    context.say("warming up");
    await single.saturate(warmUpMs);
    await bundled.saturate(warmUpMs / 2);
    const unpinnable = cannotPin();
    const pids = { system: rig.pids, load: [devices.pid, process.pid] };
    const rounds = await context.interleave({
      shared: () => latencyParts(false),
      raw: () => raw.batches(rawMs),
      bundled: () => meter(async () => 100 * (await bundled.saturate(loadMs))),
      ...(unpinnable ? {} : { pinned: () => pinned(pids, () => latencyParts(true)) }),
    });
    if (unpinnable) context.say(`not pinned: ${unpinnable}`);

    const fsync = { id: "L1", unit: "fsync/s", values: rounds.limits.map(({ fsyncPerSecond }) => fsyncPerSecond) };
    const rawRate = { id: "L8", unit: `msg/s in atomic batches of ${rawBatch}`, values: rounds.raw };
    const cpu = (of: readonly { cpuMicros: number }[]) =>
      `gateway CPU ${median(of.map(({ cpuMicros }) => cpuMicros)).toFixed(1)} µs per reading`;
    const rates = (of: readonly LatencyRound[]) => of.map(({ full }) => full.perSecond);
    const b6 = (id: string, where: string, of: readonly LatencyRound[], floor: Floor | null) => {
      const mid = (pick: (round: LatencyRound) => number) => median(of.map(pick));
      return measure({
        id,
        what: `durable ack latency p99 at half the load of B1, ${where}`,
        unit: "ms",
        values: of.map(({ half }) => half.p99),
        limit: {
          id: "window + L1 p50",
          unit: "ms",
          values: of.map(({ windowMs }, round) => windowMs + (rounds.limits[round]?.fsyncP50Ms ?? Number.NaN)),
        },
        floor,
        note: `p50 ${mid(({ half }) => half.p50).toFixed(2)} ms at ${Math.round(mid(({ half }) => half.perSecond))} readings/s, open loop; the load itself was late by ${mid(({ half }) => half.lateP99).toFixed(2)} ms (p99), which is in the figures; window ${mid(({ windowMs }) => windowMs).toFixed(2)} ms: median time in which the same server confirms a bare publish, ${partitions} at once, of an envelope as large as the gateway's mean one at that load (${Math.round(mid(({ envelopeBytes }) => envelopeBytes))} bytes)`,
      });
    };
    const floorOfB6: Floor = { op: "<=", value: 4 };
    return [
      measure({
        id: "B1",
        what: "acked-durable readings/s, one reading per frame",
        unit: "readings/s",
        values: rates(rounds.shared),
        limit: fsync,
        floor: { op: ">=", value: 8 },
        note: cpu(rounds.shared.map(({ full }) => full)),
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
        values: rates(rounds.shared),
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
      ...(rounds.pinned
        ? [
            measure({
              id: "B1/pinned",
              what: "as B1, gateway and broker on one core, load on another",
              unit: "readings/s",
              values: rates(rounds.pinned),
              limit: fsync,
              floor: null,
            }),
            b6("B6", "gateway and broker on one core, load on another", rounds.pinned, floorOfB6),
          ]
        : []),
      b6(unpinnable ? "B6" : "B6/shared", "all cores shared by system and load", rounds.shared, unpinnable ? floorOfB6 : null),
    ];
  },
};

interface LatencyRound {
  readonly full: { readonly perSecond: number; readonly cpuMicros: number };
  readonly half: OpenLoopResult;
  readonly windowMs: number;
  readonly envelopeBytes: number;
}

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
