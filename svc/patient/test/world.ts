import type { EventData, EventType } from "@episante/contracts/events";
import type { AccountId, ClinicId, DoctorId, PatientId } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import type { UserActor } from "@episante/contracts/session";
import type { ConsumerSpec } from "@episante/service/consume";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { makeLog } from "@episante/service/log";
import { emitter } from "@episante/service/outbox";
import { patientActor } from "@episante/testkit/actors";
import { testClock } from "@episante/testkit/clock";
import { testDatabase } from "@episante/testkit/db";
import { harness, testDeps } from "@episante/testkit/service";
import { followBookings } from "../src/actions/follow-visit.ts";
import { patientRoutesOf } from "../src/app.ts";
import { closeRelationshipOnAppointmentCancelled } from "../src/consumers/close-relationship-on-appointment-cancelled.ts";
import { followVisitOnAppointmentStatusChanged } from "../src/consumers/follow-visit-on-appointment-status-changed.ts";
import { mirrorClinicsOnChanged } from "../src/consumers/mirror-clinics-on-changed.ts";
import { mirrorDoctorsOnMembershipChanged } from "../src/consumers/mirror-doctors-on-membership-changed.ts";
import { moveRelationshipOnAppointmentMoved } from "../src/consumers/move-relationship-on-appointment-moved.ts";
import { openRelationshipOnAppointmentBooked } from "../src/consumers/open-relationship-on-appointment-booked.ts";
import { pullProfileOnAccountRegistered } from "../src/consumers/pull-profile-on-account-registered.ts";
import type { AccountProfile, PatientDeps } from "../src/deps.ts";

export const day = 86_400_000;
export const unknownPatient = newId("pat", 0);

/** This service in process, with a database and a log of its own, and svc/auth's answers from a map. */
export async function startWorld() {
  const database = await testDatabase({ migrations: "svc/patient/migrations" });
  const lines: string[] = [];
  const log = makeLog("patient", "debug", { write: (line) => void lines.push(line) });
  const clock = testClock(Date.parse("2026-03-02T08:00:00Z"));
  const accounts = new Map<string, AccountProfile>();
  const auth = { isUp: true, asked: 0 };
  const deps: PatientDeps = {
    ...testDeps("patient", database.db, clock, log),
    fetchAccount: async (id) => {
      auth.asked++;
      return auth.isUp ? (accounts.get(id) ?? refuse("not-found")) : refuse("upstream-unreachable");
    },
  };
  const app = await harness({ service: "patient", routes: patientRoutesOf(deps), log });

  /** Runs a consumer's effect once, as the platform does. */
  async function deliver<T extends EventType>(spec: ConsumerSpec<PatientDeps>, type: T, data: EventData<T>) {
    const event = {
      id: newId("evt", clock.now()),
      type,
      version: 1,
      at: new Date(clock.now()).toISOString(),
      actor: { kind: "system" },
      data,
    };
    await database.db.transaction(grant.system(spec.name), (tx) =>
      spec.handle({
        event: event as never,
        tx,
        deps,
        now: clock.now(),
        emit: emitter(tx, { kind: "system", job: spec.name }, clock),
      }),
    );
  }

  const visit = (more: { patientId: PatientId; doctorId: DoctorId; clinicId: ClinicId; inDays: number }) => {
    const startMs = clock.now() + more.inDays * day;
    const { inDays: _, ...who } = more;
    return {
      ...who,
      appointmentId: newId("apt", clock.now()),
      reasonId: newId("rea", 0),
      start: new Date(startMs).toISOString(),
      end: new Date(startMs + 1_800_000).toISOString(),
    };
  };

  return {
    ...app,
    deps,
    clock,
    lines,
    auth,
    owner: database.owner,
    visit,
    /** A new account as svc/auth knows it; nothing of it is here yet. */
    newAccount(more: Partial<AccountProfile> = {}) {
      const actor = patientActor() as UserActor & { patientId: PatientId };
      accounts.set(actor.accountId, {
        accountId: actor.accountId,
        patientId: actor.patientId,
        email: "someone@exemple.fr",
        givenName: "Claire",
        familyName: "Fontaine",
        birthDate: "1984-05-05",
        locale: "fr",
        ...more,
      });
      return actor;
    },
    /** A patient whose profile has arrived. */
    async newPatient(more: Partial<AccountProfile> = {}) {
      const actor = this.newAccount(more);
      await this.registered(actor);
      return actor;
    },
    registered: (actor: { accountId: AccountId; patientId: PatientId }) =>
      deliver(pullProfileOnAccountRegistered, "account.registered", { accountId: actor.accountId, patientId: actor.patientId }),
    booked: (data: EventData<"appointment.booked">) => deliver(openRelationshipOnAppointmentBooked, "appointment.booked", data),
    /** Bookings that the consumer has gathered. */
    bookedTogether: (visits: readonly EventData<"appointment.booked">[]) =>
      database.db.transaction(grant.system("test"), (tx) =>
        followBookings(
          tx,
          emitter(tx, { kind: "system", job: "test" }, clock),
          visits.map((data) => ({ data })),
          clock.now(),
        ),
      ),
    stateSet: (
      visit: EventData<"appointment.booked">,
      from: "booked" | "cancelled" | "entered-in-error",
      to: "booked" | "entered-in-error" | "noshow",
    ) =>
      deliver(followVisitOnAppointmentStatusChanged, "appointment.status-changed", {
        ...visit,
        from,
        to,
        undone: from !== "booked",
        bookedAt: new Date(clock.now()).toISOString(),
      }),
    /** A visit that was `from`. */
    moved: (from: EventData<"appointment.booked">, to: EventData<"appointment.booked">) =>
      deliver(moveRelationshipOnAppointmentMoved, "appointment.moved", {
        ...to,
        appointmentId: from.appointmentId,
        from: { doctorId: from.doctorId, start: from.start, end: from.end },
        by: "clinic",
        bookedAt: new Date(clock.now()).toISOString(),
        sequence: 1,
      }),
    cancelled: (data: EventData<"appointment.booked">) =>
      deliver(closeRelationshipOnAppointmentCancelled, "appointment.cancelled", { ...data, by: "patient" }),
    doctorJoined: (doctorId: DoctorId, clinicId: ClinicId, status: "invited" | "active" | "ended" = "active") =>
      deliver(mirrorDoctorsOnMembershipChanged, "membership.changed", {
        membershipId: newId("mbr", 0),
        accountId: newId("acc", 0),
        clinicId,
        role: "doctor",
        doctorId,
        status,
      }),
    clinicOpened: (clinicId: ClinicId, zone = "Europe/Paris") =>
      deliver(mirrorClinicsOnChanged, "clinic.changed", {
        clinicId,
        name: "Clinique",
        zone,
        city: "Lyon",
        address: "1 rue A",
        phone: "04",
        lat: 45,
        lng: 4,
      }),
    /** Events of one type that wait in the outbox. */
    async events(type: string): Promise<Record<string, unknown>[]> {
      const rows = await database.owner`select payload from outbox where type = ${type} order by seq`;
      return rows.map((row) => (JSON.parse(String(row.payload)) as { data: Record<string, unknown> }).data);
    },
    /** Audit records that wait in the outbox. */
    async audits(
      code: string,
    ): Promise<{ outcome: string; reason?: string; patientIds: string[]; onBehalfOf?: string; actor: { patientId?: string } }[]> {
      const rows = await database.owner`select payload from outbox where type = 'audit' order by seq`;
      return rows.map((row) => JSON.parse(String(row.payload))).filter((record) => record.code === code);
    },
    close: () => database.close(),
  };
}
export type World = Awaited<ReturnType<typeof startWorld>>;
