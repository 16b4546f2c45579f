import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type Envelope, type Frame, partitionOf } from "@episante/contracts/envelope";
import { type EventData, type EventType, events, subjectOf } from "@episante/contracts/events";
import { formatId, type IdPrefix } from "@episante/contracts/ids";
import { type Flag, signalOf } from "@episante/contracts/signals";
import { newId } from "@episante/service/ids";
import { folderStore, type ObjectStore } from "@episante/service/objects";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { testClock } from "@episante/testkit/clock";
import { testDatabase } from "@episante/testkit/db";
import { testDeps } from "@episante/testkit/service";
import { runStages } from "../src/actions/run-stages.ts";
import { startRun } from "../src/actions/start-run.ts";
import type { PipelineDeps } from "../src/deps.ts";
import { sha256 } from "../src/lake.ts";
import { makePipelineMetrics } from "../src/metrics.ts";
import { makeLander } from "../src/stages/land.ts";
import type { Stage } from "../src/storage/runs.ts";

export const noonMs = Date.parse("2026-11-18T12:00:00Z");
const partitions = 4;

/** A pipeline of its own: database, broker (or another world's), lake folder, clock. */
export async function makeWorld(sharing: { broker?: TestBroker; lake?: ObjectStore } = {}) {
  const [database, broker] = await Promise.all([testDatabase({ migrations: "pipeline/migrations" }), sharing.broker ?? testBroker()]);
  const folder = await mkdtemp(join(tmpdir(), "episante-lake-"));
  const clock = testClock(noonMs);
  const base = { ...testDeps("pipeline", database.db, clock), nats: broker.nats, js: broker.js };
  const stage = { ...base, lake: sharing.lake ?? folderStore(folder), duck: { memoryMb: 256, threads: 2 } };
  const deps = {
    ...stage,
    lakeFault: () => null,
    lander: makeLander(stage, partitions),
    runMetrics: makePipelineMetrics(base.metrics.make),
  } as unknown as PipelineDeps;
  const admin = { kind: "service", service: "operator" } as const;

  return {
    deps,
    broker,
    database,
    clock,
    folder,
    async publishReadings(frames: Frame[]) {
      const envelope: Envelope = { v: 1, frames };
      await broker.js.publish(`readings.${partitionOf(frames[0]?.patientId ?? "", partitions)}`, JSON.stringify(envelope));
    },
    async publishRaw(subject: string, text: string) {
      await broker.js.publish(subject, text);
    },
    async publish<T extends EventType>(type: T, data: EventData<T>, more: { id?: string; atMs?: number } = {}) {
      const atMs = more.atMs ?? clock.now();
      const event = {
        id: more.id ?? newId("evt", atMs),
        type,
        version: events[type].version,
        at: new Date(atMs).toISOString(),
        actor: { kind: "system" },
        data,
      };
      await broker.js.publish(subjectOf(type, data), JSON.stringify(event));
    },
    async run(stageName: Stage, day?: string) {
      const started = await startRun(deps, admin, { stage: stageName, day }, { traceId: "t", headers: new Headers() });
      if ("refused" in started) throw new Error(started.refused);
      return runStages(deps, admin, started);
    },
    /** Every file of the lake: name → SHA-256 and time of the last write. */
    async files(): Promise<Record<string, { sha256: string; writtenAtMs: number }>> {
      const found: Record<string, { sha256: string; writtenAtMs: number }> = {};
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        found[relative(folder, path)] = { sha256: sha256(await readFile(path)), writtenAtMs: (await Bun.file(path).stat()).mtimeMs };
      }
      return found;
    },
    deadLetters: async () => (await (await broker.js.jetstreamManager()).streams.info("DLQ")).state.messages,
    async close() {
      await database.close();
      if (!sharing.broker) await broker.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type World = Awaited<ReturnType<typeof makeWorld>>;

const fixed = <P extends IdPrefix>(prefix: P, last: number) => formatId(prefix, noonMs, new Uint8Array(10).fill(last));
export const ids = {
  patient: fixed("pat", 1),
  other: fixed("pat", 2),
  clinic: fixed("cli", 1),
  doctor: fixed("doc", 1),
  device: fixed("dev", 1),
  reason: fixed("rea", 1),
  rule: fixed("rul", 1),
};

/** A frame of readings `[code, value, at]`. */
export function frame(seq: number, readings: [code: string, value: number, at: number, flag?: Flag][], more: Partial<Frame> = {}): Frame {
  return {
    deviceId: ids.device,
    patientId: ids.patient,
    clinicId: ids.clinic,
    kind: "simulated",
    boot: "b1",
    seq,
    receivedAtMs: noonMs,
    readings: readings.map(([code, value, at, flag]) => {
      const signal = signalOf(code);
      if (!signal) throw new Error("unknown code");
      return flag ? [code, signal, value, at, flag] : [code, signal, value, at];
    }),
    ...more,
  };
}

/** Data of a visit event. */
export function visit(start: string, more: Partial<EventData<"appointment.booked">> = {}): EventData<"appointment.booked"> {
  return {
    appointmentId: newId("apt", noonMs),
    doctorId: ids.doctor,
    patientId: ids.patient,
    clinicId: ids.clinic,
    reasonId: ids.reason,
    start,
    end: new Date(Date.parse(start) + 20 * 60_000).toISOString(),
    ...more,
  };
}

/** Data of an alert event. */
export function alertData(firedAt: string, more: Partial<EventData<"alert.raised">> = {}): EventData<"alert.raised"> {
  return {
    id: newId("alr", noonMs),
    patientId: ids.patient,
    clinicId: ids.clinic,
    class: "clinical",
    severity: "critical",
    status: "open",
    code: "59408-5",
    signal: "spo2",
    onsetAt: firedAt,
    firedAt,
    ruleId: ids.rule,
    ruleVersion: 1,
    late: false,
    ...more,
  };
}
