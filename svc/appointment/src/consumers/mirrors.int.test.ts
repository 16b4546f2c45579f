import { afterAll, beforeAll, expect, test } from "bun:test";
import { appointmentForMessage, book, putSchedule } from "@episante/contracts/appointment";
import { type EventInput, type EventType, events } from "@episante/contracts/events";
import { type ConsumeDeps, type Running, startConsumer } from "@episante/service/consume";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { type Outbox, startOutbox } from "@episante/service/outbox";
import { patientActor, serviceActor, staffActor } from "@episante/testkit/actors";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { testClock } from "@episante/testkit/clock";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { harness, testDeps } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";
import { mondayMorning, tuesdayNine, weekdays } from "../../test/world.ts";
import { routes } from "../app.ts";
import { refreshOpenings } from "../jobs/refresh-openings.ts";
import { findReason } from "../storage/doctors.ts";
import { mirrorClinicsOnChanged } from "./mirror-clinics-on-changed.ts";
import { mirrorDoctorsOnMembershipChanged } from "./mirror-doctors-on-membership-changed.ts";
import { mirrorReasonsOnChanged } from "./mirror-reasons-on-changed.ts";

let broker: TestBroker;
let database: TestDatabase;
let outbox: Outbox;
let deps: ConsumeDeps;
const running: Running[] = [];
const clock = testClock(mondayMorning);
const [clinicId, doctorId, reasonId] = [newId("cli", mondayMorning), newId("doc", mondayMorning), newId("rea", mondayMorning)];
const published: { type: string; data: Record<string, unknown> }[] = [];

beforeAll(async () => {
  [broker, database] = await Promise.all([testBroker(), testDatabase({ migrations: "svc/appointment/migrations" })]);
  const base = testDeps("appointment", database.db, clock);
  outbox = await startOutbox({ db: database.db, js: broker.js, log: base.log, metrics: base.metrics });
  deps = { ...base, outbox, nats: broker.nats, js: broker.js };
  broker.nats.subscribe("events.appointment.>", { callback: (_, message) => void published.push(message.json()) });
  for (const spec of [mirrorClinicsOnChanged, mirrorDoctorsOnMembershipChanged, mirrorReasonsOnChanged])
    running.push(await startConsumer(spec, deps));
});
afterAll(async () => {
  await Promise.all(running.map((one) => one.stop()));
  await outbox.stop();
  await broker.close();
  await database.close();
});

async function publish<T extends EventType>(type: T, data: EventInput<T>): Promise<void> {
  const event = {
    id: newId("evt", clock.now()),
    type,
    version: 1,
    at: new Date(clock.now()).toISOString(),
    actor: { kind: "system" },
    data,
  };
  await broker.js.publish(`events.${type}.v${events[type].version}`, JSON.stringify(event));
}
const openings = () => published.filter((event) => event.type === "appointment.openings-changed").map((event) => event.data.openings);

test("a doctor told by events becomes bookable, openings follow bookings and time, and a booking is told to others", async () => {
  await publish("clinic.changed", {
    clinicId,
    name: "Clinique",
    zone: "Europe/Paris",
    city: "Lyon",
    address: "1 rue A",
    phone: "04",
    lat: 45,
    lng: 4,
  });
  const membership = {
    membershipId: newId("mbr", mondayMorning),
    accountId: newId("acc", mondayMorning),
    clinicId,
    role: "doctor",
    doctorId,
  } as const;
  await publish("membership.changed", { ...membership, status: "active" });
  await publish("doctor.reasons-changed", { doctorId, clinicId, reasons: [{ id: reasonId, minutes: 20, online: true, cancelHours: 4 }] });
  await waitFor(
    async () => (await database.owner`select 1 from reasons`).length === 1 && (await database.owner`select 1 from clinics`).length === 1,
  );

  const app = await harness({ service: "appointment", routes: routes(deps) });
  expect((await app.call(putSchedule, { actor: staffActor(clinicId), params: { doctorId }, body: weekdays })).status).toBe(200);
  const first = await waitFor(() => openings().at(-1) as { reasonId: string; starts: string[] }[] | undefined);
  await waitFor(() => ((openings().at(-1) as { starts: string[] }[])[0]?.starts.length ?? 0) === 20);
  expect(first[0]?.reasonId).toBe(reasonId);

  const patient = patientActor();
  const headers = { "idempotency-key": "k" };
  const booked = await app.call(book, { actor: patient, body: { doctorId, reasonId, start: tuesdayNine }, headers });
  expect(booked.status).toBe(201);
  const event = await waitFor(() => published.find((one) => one.type === "appointment.booked"));
  const { id: appointmentId, patientId, start, end } = booked.json;
  expect(event.data).toEqual({ appointmentId, doctorId, patientId, clinicId, reasonId, start, end });
  await waitFor(() => !JSON.stringify(openings().at(-1)).includes(tuesdayNine));

  const message = await app.call(appointmentForMessage, { actor: serviceActor("notification"), params: { id: appointmentId } });
  expect(message.json.ics).toContain("DTSTART:20261124T080000Z");
  expect(message.json.ics).toContain("LOCATION:Clinique\\, 1 rue A\\, Lyon");

  const before = openings().length;
  await refreshOpenings(deps, clock.now());
  clock.set(Date.parse("2026-11-24T10:00:00Z"));
  await refreshOpenings(deps, clock.now());
  outbox.wake();
  await waitFor(() => openings().length > before);
  expect((openings().at(-1) as { starts: string[] }[])[0]?.starts[0]).toBe("2026-11-24T10:20:00.000Z");
  expect(openings().length).toBe(before + 1);

  clock.advance(1000);
  await publish("membership.changed", { ...membership, status: "ended" });
  await waitFor(() => JSON.stringify(openings().at(-1)) === "[]");
});

test("reasons that are missing from a later list are retired, neither an older list nor another doctor's brings them back", async () => {
  const other = newId("doc", mondayMorning);
  await publish("doctor.reasons-changed", {
    doctorId: other,
    clinicId,
    reasons: [{ id: reasonId, minutes: 60, online: true, cancelHours: 0 }],
  });
  await publish("doctor.reasons-changed", { doctorId, clinicId, reasons: [] });
  clock.advance(-1000);
  await publish("doctor.reasons-changed", { doctorId, clinicId, reasons: [{ id: reasonId, minutes: 30, online: true, cancelHours: 0 }] });
  const handled = () => database.owner`select 1 from inbox where consumer = 'mirror-reasons-on-changed'`;
  await waitFor(async () => (await handled()).length === 4);
  const rows = await database.owner`select doctor_id, minutes, retired_at is not null as retired from reasons`;
  expect([...rows]).toEqual([{ doctor_id: doctorId, minutes: 20, retired: true }]);
});

test("a reason's rules arrive whole, and those of a list from before ask for nothing", async () => {
  const [doctor, before, after] = [newId("doc", mondayMorning), newId("rea", mondayMorning), newId("rea", mondayMorning)];
  const rules = {
    moveHours: 48,
    bufferBeforeMinutes: 5,
    bufferAfterMinutes: 10,
    noticeMinutes: 60,
    horizonDays: 30,
    visitors: "new" as const,
    minAge: 16,
    maxAge: 25,
    dailyCap: 3,
    mode: "video" as const,
    resourceTypes: ["room", "ecg"],
  };
  const basic = { minutes: 20, online: true, cancelHours: 4 };
  clock.advance(2000);
  await publish("doctor.reasons-changed", {
    doctorId: doctor,
    clinicId,
    reasons: [
      { id: before, ...basic },
      { id: after, ...basic, ...rules },
    ],
  });
  await waitFor(async () => (await database.owner`select 1 from reasons where doctor_id = ${doctor}`).length === 2);
  const { minutes, online: isOnline, cancelHours } = basic;
  const common = { doctorId: doctor, minutes, isOnline, cancelHours, isRetired: false };
  const [old, now] = await database.db.transaction(grant.public(), (tx) => Promise.all([findReason(tx, before), findReason(tx, after)]));
  expect(now).toEqual({ reasonId: after, ...common, ...rules });
  expect(old).toEqual({
    reasonId: before,
    ...common,
    moveHours: 4,
    bufferBeforeMinutes: 0,
    bufferAfterMinutes: 0,
    noticeMinutes: undefined,
    horizonDays: undefined,
    visitors: "all",
    minAge: undefined,
    maxAge: undefined,
    dailyCap: undefined,
    mode: "in-person",
    resourceTypes: [],
  });
});
