import type { EventData, EventType } from "@episante/contracts/events";
import { refuse } from "@episante/contracts/problem";
import type { CallInternal } from "@episante/service/call";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { emitter } from "@episante/service/outbox";
import type { patientActor } from "@episante/testkit/actors";
import { type TestClock, testClock } from "@episante/testkit/clock";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { type Harness, harness, testDeps } from "@episante/testkit/service";
import { keepCapturedMail } from "../src/actions/keep-captured-mail.ts";
import { routes } from "../src/app.ts";
import { startCaptureSink } from "../src/channels/capture-sink.ts";
import { makeEmailChannel } from "../src/channels/email.ts";
import { notifyOnAlertPaged } from "../src/consumers/notify-on-alert-paged.ts";
import { notifyOnAppointmentBooked } from "../src/consumers/notify-on-appointment-booked.ts";
import { notifyOnAppointmentCancelled } from "../src/consumers/notify-on-appointment-cancelled.ts";
import { notifyOnAppointmentMoved } from "../src/consumers/notify-on-appointment-moved.ts";
import { notifyOnAppointmentRestored } from "../src/consumers/notify-on-appointment-restored.ts";
import { notifyOnWaitlistOffered } from "../src/consumers/notify-on-waitlist-offered.ts";
import type { Deps } from "../src/deps.ts";

export const startMs = Date.parse("2026-11-23T07:00:00Z");
export type Visit = EventData<"appointment.booked">;

/** The service with a real SMTP sink, and the answers of the other services in tables that tests change. */
export interface World {
  readonly database: TestDatabase;
  readonly clock: TestClock;
  readonly deps: Deps;
  readonly harness: Harness;
  readonly smtpUrl: string;
  /** Sets what the sink does with mail; undefined keeps it as in production. */
  setSink(keep: Parameters<typeof startCaptureSink>[0] | undefined): void;
  readonly upstream: {
    status: string;
    signed: string | undefined;
    email: string;
    locale: "fr" | "en";
    accountId: string | undefined;
    accountIsKnown: boolean;
    clinicId: Visit["clinicId"];
    refused: "upstream-unreachable" | undefined;
    doctorIsListed: boolean;
    offer: { isOpen: boolean; held: boolean };
    series: { open: string[]; cancelled: string[]; ics: string } | undefined;
  };
  visitOf(actor: ReturnType<typeof patientActor>, clinicId?: Visit["clinicId"]): Visit;
  /** Hands an event to the consumers, as the platform does. @returns the event's id */
  receive<T extends EventType>(type: T, data: EventData<T>, id?: string): Promise<string>;
  close(): Promise<void>;
}

export async function messageWorld(more: Partial<Pick<Deps, "showsCaptured">> = {}): Promise<World> {
  const database = await testDatabase({ migrations: "svc/notification/migrations" });
  const clock = testClock(startMs);
  const base = testDeps("notification", database.db, clock);
  const upstream: World["upstream"] = {
    status: "booked",
    signed: "1abc.def",
    email: "zoe@example.test",
    locale: "fr",
    accountId: newId("acc", startMs),
    accountIsKnown: true,
    clinicId: newId("cli", startMs),
    refused: undefined,
    doctorIsListed: true,
    offer: { isOpen: true, held: true },
    series: undefined,
  };
  let keep: Parameters<typeof startCaptureSink>[0] = (mail) => keepCapturedMail(base, mail);
  const sink = await startCaptureSink((mail) => keep(mail));
  const answers: Record<string, (id: string) => unknown> = {
    "appointment.for-message": (id) => ({
      id,
      status: upstream.status,
      start: "2026-11-24T08:00:00.000Z",
      end: "2026-11-24T08:20:00.000Z",
      zone: "Europe/Paris",
      doctorId: newId("doc", startMs),
      signed: upstream.signed,
      series: upstream.series,
      ics: "BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR",
    }),
    "appointment.offer-for-message": (id) => ({
      id,
      start: "2026-11-24T08:00:00.000Z",
      zone: "Europe/Paris",
      until: "2026-11-23T09:00:00.000Z",
      doctorId: newId("doc", startMs),
      ...upstream.offer,
    }),
    "patient.contact": (id) => ({ patientId: id, accountId: upstream.accountId, givenName: "Zoé", locale: upstream.locale }),
    "auth.account-profile": (id) =>
      upstream.accountIsKnown
        ? { accountId: id, email: upstream.email, givenName: "Zoé", familyName: "Blanc", locale: upstream.locale }
        : refuse("not-found"),
    "auth.list-clinics": () => ({ items: [{ id: upstream.clinicId, zone: "Europe/Paris" }] }),
    "doctor.get": () =>
      upstream.doctorIsListed
        ? {
            givenName: "Jean",
            familyName: "Martin",
            specialty: "cardiology",
            clinicName: "Clinique",
            address: "1 rue A",
            city: "Lyon",
            phone: "04",
          }
        : refuse("not-found"),
  };
  const callInternal = (async (endpoint: { id: string }, { params }: { params?: { id: string } }) =>
    upstream.refused ? refuse(upstream.refused) : answers[endpoint.id]?.(params?.id ?? "")) as unknown as CallInternal;
  const email = makeEmailChannel(sink.url, "EpiSanté <no-reply@example.test>");
  const deps: Deps = { ...base, callInternal, email, publicUrl: "http://localhost:8080", showsCaptured: true, ...more };
  const consumers = [
    notifyOnAppointmentBooked,
    notifyOnAppointmentMoved,
    notifyOnAppointmentCancelled,
    notifyOnAppointmentRestored,
    notifyOnWaitlistOffered,
    notifyOnAlertPaged,
  ];
  return {
    database,
    clock,
    deps,
    harness: await harness({ service: "notification", routes: routes(deps) }),
    smtpUrl: sink.url,
    upstream,
    setSink(next) {
      keep = next ?? ((mail) => keepCapturedMail(base, mail));
    },
    visitOf: ({ patientId }, clinicId = newId("cli", startMs)) => ({
      appointmentId: newId("apt", startMs),
      doctorId: newId("doc", startMs),
      patientId: patientId as Visit["patientId"],
      clinicId,
      reasonId: newId("rea", startMs),
      start: "2026-11-24T08:00:00.000Z",
      end: "2026-11-24T08:20:00.000Z",
    }),
    async receive(type, data, id = newId("evt", startMs)) {
      const now = clock.now();
      const event = { id, type, version: 1, at: new Date(now).toISOString(), actor: { kind: "system" }, data };
      for (const spec of consumers.filter((candidate) => (candidate.on as readonly string[]).includes(type))) {
        await database.db.transaction(grant.system(spec.name), (tx) =>
          spec.handle({ event, tx, deps, now, emit: emitter(tx, { kind: "system", job: spec.name }, clock) } as never),
        );
      }
      return id;
    },
    async close() {
      email.close();
      await sink.close();
      await database.close();
    },
  };
}
