import { setDefaultTimeout } from "bun:test";
import type { DeviceEntry } from "@episante/contracts/device";
import type { Frame } from "@episante/contracts/envelope";
import type { ClinicId, DoctorId, PatientId } from "@episante/contracts/ids";
import type { UserActor } from "@episante/contracts/session";
import { grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { doctorActor } from "@episante/testkit/actors";
import { type TestClock, testClock } from "@episante/testkit/clock";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { type Harness, harness, testDeps } from "@episante/testkit/service";
import { storeReadings } from "../src/actions/store-readings.ts";
import { routes } from "../src/app.ts";
import type { DeviceBucket, IngestDeps } from "../src/deps.ts";
import { WrongCodeLimit } from "../src/domain/wrong-codes.ts";
import { makeReadingMetrics } from "../src/metrics.ts";
import { secrets } from "../src/secrets.ts";
import { writeClinic, writeRelationship } from "../src/storage/relationships.ts";

// Machines that run many suites at once are slow; no test here asserts speed.
setDefaultTimeout(30_000);

export const start = Date.parse("2026-01-15T08:00:00Z");

/** A bucket in memory that can be told to fail. */
export interface TestBucket extends DeviceBucket {
  readonly entries: Map<string, string>;
  isBroken: boolean;
  ageMs: number;
}
export function memoryBucket(): TestBucket {
  const entries = new Map<string, string>();
  const bucket: TestBucket = {
    entries,
    isBroken: false,
    ageMs: 0,
    put: async (entry: DeviceEntry) => {
      if (bucket.isBroken) throw new Error("planted failure");
      entries.set(entry.deviceId, JSON.stringify(entry));
    },
    remove: async (id) => {
      if (bucket.isBroken) throw new Error("planted failure");
      entries.delete(id);
    },
    find: async (id) => {
      const text = entries.get(id);
      return text === undefined ? null : { text, createdAtMs: Date.now() - bucket.ageMs };
    },
    list: async () => [...entries.keys()],
  };
  return bucket;
}

export interface World {
  readonly database: TestDatabase;
  readonly deps: IngestDeps;
  readonly bucket: TestBucket;
  readonly clock: TestClock;
  readonly api: Harness;
  readonly clinicId: ClinicId;
  readonly doctor: UserActor;
  readonly patientId: PatientId;
  readonly mirror: { isFresh: boolean };
  /** Devices whose NATS sessions were to be ended. */
  readonly ended: readonly string[];
  relate(doctorId: DoctorId, patientId: PatientId, until?: string): Promise<void>;
  /** One reader transaction. `fail` breaks it at its end. */
  store(frames: readonly Frame[], options?: { fail?: boolean }): Promise<void>;
  frame(samples: readonly [t: number, value: number][], more?: Partial<Frame>): Frame;
  rows(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function makeWorld({
  allowsReplay = true,
  more = {},
}: {
  allowsReplay?: boolean;
  more?: Partial<IngestDeps>;
} = {}): Promise<World> {
  const database = await testDatabase({ migrations: "svc/ingest/migrations" });
  const clock = testClock(start);
  const bucket = memoryBucket();
  const mirror = { isFresh: true };
  const ended: string[] = [];
  const parts = {
    ...testDeps("ingest", database.db, clock),
    relationships: { fresh: () => mirror.isFresh },
    bucket,
    sessions: { endOf: (id: string) => ended.push(id), sweep: async () => 0 },
    wrongCodes: new WrongCodeLimit(),
    allowsReplay,
    deviceServers: ["nats://127.0.0.1:4222"],
    secrets,
    retention: { beats: 90, vitals: 400, measurements: 0, minutes: 1_100, hours: 0 },
    ...more,
  };
  const deps = { ...parts, readingMetrics: makeReadingMetrics(parts.metrics.make) } as unknown as IngestDeps;
  const api = await harness({ service: "ingest", routes: routes(deps) });
  const clinicId = newId("cli", start);
  const doctorId = newId("doc", start);
  const patientId = newId("pat", start);
  const system = <T>(run: (tx: Tx) => Promise<T>) => database.db.transaction(grant.system("test"), run);
  const relate: World["relate"] = (doctor, patient, until) =>
    system((tx) =>
      writeRelationship(tx, {
        relationshipId: newId("rel", start),
        patientId: patient,
        doctorId: doctor,
        clinicId,
        from: "2026-01-01T00:00:00Z",
        ...(until ? { until } : {}),
      }),
    );
  await system((tx) => writeClinic(tx, clinicId));
  await relate(doctorId, patientId);
  let seq = 0;
  return {
    database,
    deps,
    bucket,
    clock,
    api,
    clinicId,
    doctor: doctorActor({ clinicId, doctorId }),
    patientId,
    mirror,
    ended,
    relate,
    store: async (frames, { fail = false } = {}) => {
      try {
        await system(async (tx) => {
          const messages = [{ seq: 1, envelope: { v: 1 as const, frames: [...frames] }, sizeBytes: 0 }];
          await storeReadings({ tx, partition: 0, messages, deps, now: clock.now(), emit: async () => {}, commit: async () => {} });
          if (fail) throw new Error("planted failure");
        });
      } catch (error) {
        if (!fail) throw error;
      }
    },
    frame: (samples, more = {}) => ({
      deviceId: "dev_0123456789abcdef0123456789abcdef",
      patientId,
      clinicId,
      kind: "wearable",
      boot: "b1",
      seq: seq++,
      receivedAtMs: start + (samples.at(-1)?.[0] ?? 0) * 1000,
      readings: samples.map(([t, value]) => ["59408-5", "spo2", value, start + t * 1000]),
      ...more,
    }),
    rows: async () => [
      ...(await database.owner`select *, extract(epoch from at)::float8 * 1000 as at_ms from readings order by at, version`),
    ],
    close: () => database.close(),
  };
}
