import { afterEach, beforeEach, expect, test } from "bun:test";
import { appointmentForMessage, book, cancel, getAppointment } from "@episante/contracts/appointment";
import { putCancelReasons } from "@episante/contracts/cancel-reason";
import { moveVisit, setVisitStatus, visitHistory } from "@episante/contracts/visit";
import { answerLink, readLink } from "@episante/contracts/visit-link";
import { serviceActor } from "@episante/testkit/actors";
import { expectProblem } from "@episante/testkit/refusals";
import { bookingWorld, freshKey, tuesdayNine, type World } from "../../test/world.ts";

let world: World;
let visitId: string;
beforeEach(async () => {
  world = await bookingWorld();
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
  visitId = (await world.harness.call(book, { actor: world.patient, body, headers: freshKey() })).json.id;
});
afterEach(() => world.close());

const hourMs = 3_600_000;
const signedOf = async () =>
  (await world.harness.call(appointmentForMessage, { actor: serviceActor("notification"), params: { id: visitId } })).json.signed as string;
const look = async (signed: string) => world.harness.call(readLink, { params: { signed } });
const answer = async (signed: string, body: object) => world.harness.call(answerLink, { params: { signed }, body });
const visit = async () => (await world.harness.call(getAppointment, { actor: world.staff, params: { id: visitId } })).json;

test("a link shows time and place without a login, and nothing of the patient or the reason", async () => {
  const { status, json, text } = await look(await signedOf());
  expect(status).toBe(200);
  expect(json).toMatchObject({
    status: "booked",
    start: tuesdayNine,
    zone: "Europe/Paris",
    clinic: { name: "Clinique", address: "1 rue A, Lyon" },
    cancelHours: 4,
    cancelUntil: "2026-11-24T04:00:00.000Z",
  });
  expect(json.reasons.length).toBeGreaterThan(2);
  for (const secret of [world.patient.patientId, world.reasons.r20, visitId]) expect(text).not.toContain(secret);
});

test("looking changes nothing, however often", async () => {
  const before = await visit();
  const signed = await signedOf();
  for (let count = 0; count < 3; count++) await look(signed);
  expect(await visit()).toEqual(before);
});

test("confirming keeps when it was first said, and open agendas learn of it", async () => {
  const before = await visit();
  const signed = await signedOf();
  const first = await answer(signed, { action: "confirm" });
  expect(first.json).toMatchObject({ status: "booked", confirmedAt: "2026-11-23T07:00:00.000Z" });
  world.clock.advance(hourMs);
  expect((await answer(signed, { action: "confirm" })).json).toEqual(first.json);
  const { confirmedAt, version, sequence } = await visit();
  expect({ confirmedAt, sequence }).toEqual({ confirmedAt: "2026-11-23T07:00:00.000Z", sequence: before.sequence });
  expect(version).toBe(before.version + 1);
});

test("cancelling frees the time, keeps the reason as the patient's, and answers calmly when repeated", async () => {
  const signed = await signedOf();
  const first = await answer(signed, { action: "cancel", reason: "Je vais mieux" });
  expect([first.status, first.json.status]).toEqual([200, "cancelled"]);
  const again = await answer(signed, { action: "cancel", reason: "something else" });
  expect([again.status, again.json]).toEqual([200, first.json]);
  expect((await look(signed)).json.status).toBe("cancelled");
  expect(await visit()).toMatchObject({ status: "cancelled", cancelReason: "Je vais mieux", cancelledBy: "patient", sequence: 1 });
  const history = (await world.harness.call(visitHistory, { actor: world.staff, params: { id: visitId } })).json.items;
  expect(history.map((entry: { kind: string }) => entry.kind)).toEqual(["booked", "cancelled"]);
  expect((await world.events()).filter((type) => type === "appointment.cancelled")).toHaveLength(1);
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
  expect((await world.harness.call(book, { actor: world.patient, body, headers: freshKey() })).status).toBe(201);
  expectProblem(await answer(signed, { action: "confirm" }), 409, "already-cancelled");
});

test("after the limit it can still be confirmed; cancelling is refused with the policy, and the visit stands", async () => {
  const signed = await signedOf();
  world.clock.set(Date.parse("2026-11-24T04:00:00.001Z"));
  const refused = await answer(signed, { action: "cancel" });
  expectProblem(refused, 409, "wrong-state");
  expect(refused.json.policy).toEqual({ kind: "cancel", hours: 4, until: "2026-11-24T04:00:00.000Z" });
  expect((await visit()).status).toBe("booked");
  expect((await answer(signed, { action: "confirm" })).status).toBe(200);
});

test("a staff member who opens a patient's link is bound by the patient's policy", async () => {
  const signed = await signedOf();
  world.clock.set(Date.parse("2026-11-24T05:00:00Z"));
  const refused = await world.harness.call(answerLink, { actor: world.staff, params: { signed }, body: { action: "cancel" } });
  expectProblem(refused, 409, "wrong-state");
});

test("a move ends the link and the confirmation; the new mail's link holds", async () => {
  const old = await signedOf();
  await answer(old, { action: "confirm" });
  const to = { start: "2026-11-24T09:00:00.000Z" };
  expect(
    (await world.harness.call(moveVisit, { actor: world.patient, params: { id: visitId }, body: to, headers: freshKey() })).status,
  ).toBe(200);
  expectProblem(await look(old), 404, "not-found");
  expectProblem(await answer(old, { action: "cancel" }), 404, "not-found");
  const moved = await look(await signedOf());
  expect(moved.json).toMatchObject({ status: "booked", start: to.start });
  expect(moved.json.confirmedAt).toBeUndefined();
  expect((await visit()).confirmedAt).toBeUndefined();
});

test("who has arrived is neither confirmed nor cancelled by a link", async () => {
  const signed = await signedOf();
  await world.harness.call(setVisitStatus, { actor: world.staff, params: { id: visitId }, body: { status: "arrived" } });
  expect((await look(signed)).json.status).toBe("over");
  expect((await answer(signed, { action: "confirm" })).json.confirmedAt).toBeUndefined();
  expectProblem(await answer(signed, { action: "cancel" }), 409, "wrong-state");
});

test("a visit cancelled in the product is shown so, and its mail carries no new link", async () => {
  const signed = await signedOf();
  await world.harness.call(cancel, { actor: world.staff, params: { id: visitId }, body: {} });
  expect((await look(signed)).json.status).toBe("cancelled");
  expect(await signedOf()).toBeUndefined();
});

test("a clinic's own reasons are offered by its links", async () => {
  const reasons = { patient: [{ fr: "Grève", en: "Strike" }], staff: [{ fr: "Panne", en: "Breakdown" }] };
  expect((await world.harness.call(putCancelReasons, { actor: world.staff, body: reasons })).json).toEqual(reasons);
  expect((await look(await signedOf())).json.reasons).toEqual(reasons.patient);
});

test("looking and answering are in the patient's access log", async () => {
  const signed = await signedOf();
  await look(signed);
  await answer(signed, { action: "confirm" });
  const rows = await world.database.owner`select payload from outbox where type = 'audit' order by seq`;
  const codes = rows.map((row) => String(row.payload)).filter((text) => text.includes(world.patient.patientId));
  expect(codes.some((text) => text.includes("appointment.read-link"))).toBe(true);
  expect(codes.some((text) => text.includes("appointment.answer-link"))).toBe(true);
  expect(codes.join()).not.toContain(signed.slice(-43));
});
