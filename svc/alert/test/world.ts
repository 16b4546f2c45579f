import { setDefaultTimeout } from "bun:test";
import type { Frame } from "@episante/contracts/envelope";
import type { AccountId, AlertId, ClinicId, DoctorId, PatientId, RuleId } from "@episante/contracts/ids";
import type { UserActor } from "@episante/contracts/session";
import type { CallInternal } from "@episante/service/call";
import { grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { emitter } from "@episante/service/outbox";
import type { ReaderMessage } from "@episante/service/reader";
import { doctorActor } from "@episante/testkit/actors";
import { type TestClock, testClock } from "@episante/testkit/clock";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { type Harness, harness, testDeps } from "@episante/testkit/service";
import { EngineCache } from "../src/actions/engine-cache.ts";
import { evaluateReadings, isTimeDue, patientsAhead, readerName } from "../src/actions/evaluate-readings.ts";
import { FeedHub, type FeedPage } from "../src/actions/feed-hub.ts";
import { routes } from "../src/app.ts";
import { addDefaultRule } from "../src/consumers/add-default-rule-on-clinic-changed.ts";
import { mirrorDoctors } from "../src/consumers/mirror-doctors-on-membership-changed.ts";
import { mirrorPeople } from "../src/consumers/mirror-people-on-membership-changed.ts";
import type { AlertDeps } from "../src/deps.ts";
import { makeAlertMetrics } from "../src/metrics.ts";
import { writeRelationship } from "../src/storage/relationships.ts";

// Machines that run many suites at once are slow; no test here asserts speed.
setDefaultTimeout(30_000);

export const start = Date.parse("2026-01-15T08:00:00Z");
export const partitions = 1;

/** A clinic with its default rule, a doctor and the patient they treat; readings go straight into the engine. */
export interface World {
  readonly database: TestDatabase;
  readonly deps: AlertDeps;
  readonly clock: TestClock;
  readonly api: Harness;
  readonly clinicId: ClinicId;
  /** The clinical one it starts with. */
  readonly ruleId: RuleId;
  /** All it starts with, in order. */
  readonly ruleIds: readonly RuleId[];
  readonly doctor: UserActor;
  readonly patientId: PatientId;
  readonly mirror: { isFresh: boolean };
  /** One reader transaction. `fail` breaks it after the engine has decided. */
  evaluate(frames: readonly Frame[], options?: { fail?: boolean }): Promise<void>;
  /** What the reader does when the log holds nothing more and a deadline has passed. Business time is the clock's. */
  passTime(options?: { fail?: boolean }): Promise<void>;
  /**
   * One reader transaction of this instance, whose changes consoles are told without reading. `tell` tells them.
   * The page is absent when they have to read.
   */
  evaluateHere(frames: readonly Frame[]): Promise<{ readonly page: FeedPage | undefined; tell(): void }>;
  relate(doctorId: DoctorId, patientId: PatientId, clinicId?: ClinicId, until?: string): Promise<void>;
  frame(samples: readonly [t: number, value: number][], more?: Partial<Frame> & { receivedT?: number }): Frame;
  alerts(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function makeWorld({ callInternal }: { callInternal?: CallInternal } = {}): Promise<World> {
  const database = await testDatabase({ migrations: "svc/alert/migrations" });
  const clock = testClock(start);
  const base = testDeps("alert", database.db, clock);
  const mirror = { isFresh: true };
  const deps = {
    ...base,
    relationships: { fresh: () => mirror.isFresh },
    engine: new EngineCache(),
    alertMetrics: makeAlertMetrics(base.metrics.make),
    feed: new FeedHub({ db: database.db, clock, log: base.log, partitions, readerName }),
    callInternal: callInternal ?? (async () => ({ refused: "upstream-unreachable" })),
  } as unknown as AlertDeps;
  const api = await harness({ service: "alert", routes: routes(deps) });
  const clinicId = newId("cli", start);
  const doctorId = newId("doc", start);
  const patientId = newId("pat", start);
  const system = <T>(run: (tx: Tx) => Promise<T>) => database.db.transaction(grant.system("test"), run);
  const announce = async (id: ClinicId) =>
    system((tx) => addDefaultRule.handle({ event: { data: { clinicId: id } } as never, tx, deps, now: start, emit: async () => {} }));
  await announce(clinicId);
  await announce(clinicId);
  const rules = await database.owner`select id, body from rules where clinic_id = ${clinicId} order by id`;
  const rule = rules.find(({ body }) => body.kind === "threshold");
  let seq = 0;
  const relate: World["relate"] = (doctor, patient, clinic = clinicId, until) =>
    system((tx) =>
      writeRelationship(tx, {
        relationshipId: newId("rel", start),
        patientId: patient,
        doctorId: doctor,
        clinicId: clinic,
        from: "2026-01-01T00:00:00Z",
        ...(until ? { until } : {}),
      }),
    );
  await relate(doctorId, patientId);
  const readerContext = (tx: Tx, messages: readonly ReaderMessage[], isDue = false) => {
    const emit = emitter(tx, { kind: "system", job: readerName }, clock);
    return { tx, partition: 0, messages, deps, now: clock.now(), emit, isTimeDue: isDue, commit: async () => {} };
  };
  return {
    database,
    deps,
    clock,
    api,
    clinicId,
    ruleId: rule?.id as RuleId,
    ruleIds: rules.map(({ id }) => id as RuleId),
    doctor: doctorActor({ clinicId, doctorId }),
    patientId,
    mirror,
    relate,
    evaluate: async (frames, { fail = false } = {}) => {
      try {
        await system(async (tx) => {
          await evaluateReadings(readerContext(tx, [{ seq: 1, envelope: { v: 1, frames: [...frames] }, sizeBytes: 0 }]));
          if (fail) throw new Error("planted failure");
        });
        deps.feed.wake();
      } catch (error) {
        deps.engine.forget(0);
        if (!fail) throw error;
      }
    },
    passTime: async ({ fail = false } = {}) => {
      if (!isTimeDue({ partition: 0, deps, now: clock.now() })) return;
      try {
        await system(async (tx) => {
          await evaluateReadings(readerContext(tx, [], true));
          if (fail) throw new Error("planted failure");
        });
      } catch (error) {
        deps.engine.forget(0);
        if (!fail) throw error;
      }
    },
    evaluateHere: async (frames) => {
      const messages = [{ seq: 1, envelope: { v: 1 as const, frames: [...frames] }, sizeBytes: 0 }];
      patientsAhead({ partition: 0, messages, deps });
      await system((tx) => evaluateReadings(readerContext(tx, messages)));
      const change = deps.engine.takeChanged(0);
      return { page: change?.page, tell: () => deps.feed.moveTo(change?.cursor ?? 0, change?.page) };
    },
    frame: (samples, { receivedT, ...more } = {}) => ({
      deviceId: "dev_0123456789abcdef0123456789abcdef",
      patientId,
      clinicId,
      kind: "wearable",
      boot: "b1",
      seq: seq++,
      receivedAtMs: start + (receivedT ?? samples.at(-1)?.[0] ?? 0) * 1000,
      readings: samples.map(([t, value]) => ["59408-5", "spo2", value, start + t * 1000]),
      ...more,
    }),
    alerts: async () => [...(await database.owner`select * from alerts order by onset_at, id`)],
    close: () => database.close(),
  };
}

/** Samples at 1 Hz from one second to another, inclusive. */
export function run(from: number, to: number, value: number): [number, number][] {
  return Array.from({ length: to - from + 1 }, (_, index) => [from + index, value]);
}

/** Opens an alert by 31 s under the limit, in one frame. */
export async function openAlert(world: World, at = 0, patientId = world.patientId, more: Partial<Frame> = {}): Promise<AlertId> {
  await world.evaluate([world.frame(run(at, at + 30, 85), { patientId, ...more })]);
  const [row] = await world.database.owner`select id from alerts where patient_id = ${patientId} and status = 'open'`;
  return row?.id as AlertId;
}

/** Somebody of the clinic, as svc/auth tells of them; an ended membership says that they have left. */
export async function addPerson(
  world: World,
  accountId: AccountId,
  {
    clinicId = world.clinicId,
    status = "active",
    membershipId = newId("mbr", start),
    doctorId,
  }: { clinicId?: ClinicId; status?: "active" | "ended"; membershipId?: `mbr_${string}`; doctorId?: DoctorId | undefined } = {},
): Promise<void> {
  const data = { membershipId, accountId, clinicId, role: doctorId ? "doctor" : "staff", status, ...(doctorId ? { doctorId } : {}) };
  for (const mirror of [mirrorPeople, mirrorDoctors])
    await world.database.db.drizzle.transaction((tx) =>
      mirror.handle({
        event: { at: new Date(start).toISOString(), data } as never,
        tx,
        deps: world.deps,
        now: start,
        emit: async () => {},
      }),
    );
}

/** svc/auth, to which everybody is Ada Byron. */
export const nameOf = (async (_: unknown, { params }: { params: { id: string } }) => ({
  accountId: params.id,
  givenName: "Ada",
  familyName: "Byron",
})) as unknown as CallInternal;
