import { putSchedule, type Schedule } from "@episante/contracts/appointment";
import type { UserActor } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";
import { doctorActor, patientActor, staffActor } from "@episante/testkit/actors";
import { type TestClock, testClock } from "@episante/testkit/clock";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { type CallAnswer, type Harness, harness, testDeps } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";
import { routes } from "../src/app.ts";
import type { Deps } from "../src/deps.ts";
import { linkKeyOf } from "../src/link-key.ts";

/** Monday 23 November 2026, 08:00 in Lyon. */
export const mondayMorning = Date.parse("2026-11-23T07:00:00Z");
export const tuesdayNine = "2026-11-24T08:00:00.000Z";

const testKey = JSON.stringify({ d: Buffer.alloc(32, 7).toString("base64url") });

/** Clinic "Lyon", Dr A Monday to Friday 09:00–12:00, reasons R20 (online, cancel until 4 h), R40 (online), R15 (by telephone). */
export interface World {
  readonly database: TestDatabase;
  readonly clock: TestClock;
  readonly deps: Deps;
  readonly harness: Harness;
  readonly clinicId: ReturnType<typeof newId<"cli">>;
  readonly doctorId: ReturnType<typeof newId<"doc">>;
  readonly otherDoctorId: ReturnType<typeof newId<"doc">>;
  readonly reasons: { readonly r20: string; readonly r40: string; readonly byPhone: string; readonly others: string };
  readonly doctor: UserActor;
  readonly staff: UserActor;
  readonly patient: UserActor & { patientId: string };
  /** A patient of somebody else's choosing who exists, for bookings by staff. */
  knownPatient(): Promise<string>;
  /** The mirror of links between relatives; set it stale to see what is then refused. */
  readonly proxies: { isFresh: boolean };
  /** Types of the events in the outbox, in order, once no doctor's openings are due. */
  events(): Promise<string[]>;
  close(): Promise<void>;
}

export const weekdays: Schedule = {
  zone: "Europe/Paris",
  windows: [1, 2, 3, 4, 5].map((day) => ({ day, from: "09:00", to: "12:00" })),
  closures: [],
  noticeMinutes: 0,
  horizonDays: 60,
};

export async function bookingWorld(): Promise<World> {
  const database = await testDatabase({ migrations: "svc/appointment/migrations" });
  const clock = testClock(mondayMorning);
  const proxies = { isFresh: true, fresh: () => proxies.isFresh };
  const deps: Deps = { ...testDeps("appointment", database.db, clock), proxies, linkKey: linkKeyOf(testKey) };
  const app = await harness({ service: "appointment", routes: routes(deps) });
  const id = <P extends "cli" | "doc" | "rea">(prefix: P) => newId(prefix, mondayMorning);
  const [clinicId, doctorId, otherDoctorId] = [id("cli"), id("doc"), id("doc")];
  const reasons = { r20: id("rea"), r40: id("rea"), byPhone: id("rea"), others: id("rea") };
  const { owner } = database;
  await owner`insert into clinics values (${clinicId}, 'Europe/Paris', 'Clinique', '1 rue A, Lyon', 'epoch')`;
  await owner`insert into doctors (doctor_id, clinic_id, is_active, changed_at) values (${doctorId}, ${clinicId}, true, 'epoch'), (${otherDoctorId}, ${clinicId}, true, 'epoch')`;
  await owner`insert into reasons (reason_id, doctor_id, minutes, is_online, cancel_hours) values
    (${reasons.r20}, ${doctorId}, 20, true, 4), (${reasons.r40}, ${doctorId}, 40, true, 0),
    (${reasons.byPhone}, ${doctorId}, 15, false, 0), (${reasons.others}, ${otherDoctorId}, 20, true, 0)`;
  const staff = staffActor(clinicId);
  for (const of of [doctorId, otherDoctorId]) {
    const answer = await app.call(putSchedule, { actor: staff, params: { doctorId: of }, body: weekdays });
    if (answer.status !== 200) throw new Error(answer.text);
  }
  await owner`delete from outbox`;
  return {
    database,
    clock,
    deps,
    harness: app,
    clinicId,
    doctorId,
    otherDoctorId,
    reasons,
    doctor: doctorActor({ clinicId, doctorId }),
    staff,
    patient: patientActor(),
    knownPatient: async () => {
      const { patientId } = patientActor();
      await owner`insert into patients values (${patientId})`;
      return patientId;
    },
    proxies,
    events: async () => {
      // Openings are worked out right after a booking, not in it.
      const isSettled = async () => (await owner`select 1 from published_openings where due_at <= ${new Date(clock.now())}`).length === 0;
      await waitFor(isSettled, { what: "no openings due" });
      return (await owner`select type from outbox where type <> 'audit' order by seq`).map((row) => String(row.type));
    },
    close: () => database.close(),
  };
}

/** Counts answers by status and problem code: `{"201": 1, "slot-taken": 49}`. */
export function tally(answers: readonly CallAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, json } of answers) {
    const key = json?.code ?? String(status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

let keys = 0;
/** A header with a fresh idempotency key. */
export function freshKey(): { "idempotency-key": string } {
  return { "idempotency-key": `test-${keys++}` };
}
