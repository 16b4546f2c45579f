import { afterAll, beforeAll, expect, test } from "bun:test";
import { declareAbsence, endAbsence, listAbsences } from "@episante/contracts/absence";
import { book } from "@episante/contracts/appointment";
import type { Endpoint } from "@episante/contracts/endpoint";
import { doctorActor, staffActor } from "@episante/testkit/actors";
import { type Accepted, refusals } from "@episante/testkit/refusals";
import { bookingWorld, freshKey, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await bookingWorld();
});
afterAll(() => world.close());

const body = (doctorId = world.doctorId) => ({
  doctorId,
  start: "2026-11-26T07:00:00Z",
  end: "2026-11-26T17:00:00Z",
  visits: { plan: "cancel" },
  dryRun: false,
});
const positive: [Endpoint, () => Accepted][] = [
  [declareAbsence, () => ({ actor: world.staff, body: { ...body(), dryRun: true }, headers: freshKey() })],
  [listAbsences, () => ({ actor: world.staff, query: { doctorId: world.doctorId } })],
  [endAbsence, () => ({ actor: world.staff, params: { id: `abs_${"0".repeat(32)}` } })],
];
for (const [endpoint, accepted] of positive) refusals(endpoint, async () => ({ harness: world.harness, accepted: accepted() }));

const declare = (actor: World["staff"], doctorId = world.doctorId) =>
  world.harness.call(declareAbsence, { actor, body: body(doctorId), headers: freshKey() });

test("strangers and colleagues cannot declare or end a doctor's absence, nor tell that it exists; the doctor and the clinic's staff can", async () => {
  const colleague = doctorActor({ clinicId: world.clinicId, doctorId: world.otherDoctorId });
  const unknown = await declare(world.staff, `doc_${"0".repeat(32)}`);
  for (const actor of [staffActor(), doctorActor(), colleague]) {
    const answer = await declare(actor);
    expect({ ...answer.json, traceId: "" }).toEqual({ ...unknown.json, traceId: "" });
  }
  const own = await declare(world.doctor);
  expect(own.status).toBe(200);
  const params = { id: own.json.absence.id };
  for (const actor of [staffActor(), doctorActor(), colleague])
    expect((await world.harness.call(endAbsence, { actor, params })).status).toBe(404);
  expect((await world.harness.call(endAbsence, { actor: world.staff, params })).status).toBe(204);
});

test("what was looked at and changed is in the access log: who, whose visits, which absence", async () => {
  const patientId = await world.knownPatient();
  const { owner } = world.database;
  const { r20 } = world.reasons;
  await world.harness.call(book, {
    actor: world.staff,
    body: { doctorId: world.doctorId, reasonId: r20, start: "2026-11-26T09:00:00Z", patientId },
    headers: freshKey(),
  });
  const { json } = await declare(world.staff);
  const rows = await owner`select payload from outbox where type = 'audit' order by seq desc limit 1`;
  expect(String(rows[0]?.payload)).toContain(patientId);
  expect(String(rows[0]?.payload)).toContain(json.absence.id);
  expect(String(rows[0]?.payload)).toContain("appointment.declare-absence");
});
