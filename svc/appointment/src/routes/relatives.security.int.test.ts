import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { book, cancel, getAppointment, hold, listAppointments } from "@episante/contracts/appointment";
import type { Endpoint } from "@episante/contracts/endpoint";
import type { ProxyScope } from "@episante/contracts/patient";
import { moveVisit } from "@episante/contracts/visit";
import { newId } from "@episante/service/ids";
import { patientActor } from "@episante/testkit/actors";
import { expectProblem } from "@episante/testkit/refusals";
import type { CallAnswer, CallOptions } from "@episante/testkit/service";
import { bookingWorld, freshKey, mondayMorning, type World } from "../../test/world.ts";
import { mirrorProxies } from "../consumers/mirror-proxies-on-changed.ts";
import { saveProxy } from "../storage/proxies.ts";

let world: World;
const mother = patientActor();
let child: string;
let linkId: ReturnType<typeof newId<"prx">>;
let minute = 0;
beforeAll(async () => {
  world = await bookingWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  child = await world.knownPatient();
  linkId = newId("prx", mondayMorning);
  world.proxies.isFresh = true;
});

/** Applies a link as svc/patient published it. */
async function link(scopes: ProxyScope[], until?: number, changedAt = world.clock.now()) {
  const data = {
    proxyId: linkId,
    patientId: child as never,
    proxyPatientId: mother.patientId as never,
    clinicId: world.clinicId,
    scopes,
    from: new Date(mondayMorning).toISOString(),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  };
  await world.deps.db.drizzle.transaction((tx) => saveProxy(tx, data, new Date(changedAt).toISOString()));
}
const call = (endpoint: Endpoint, options: CallOptions) => world.harness.call(endpoint, { actor: mother, ...options });
/** A free start of its own for each booking: Tuesday to Friday, three an hour. */
function nextStart() {
  const index = minute++;
  return new Date(Date.parse("2026-11-24T08:00:00Z") + Math.floor(index / 9) * 86_400_000 + (index % 9) * 20 * 60_000).toISOString();
}
const offer = () => ({ doctorId: world.doctorId, reasonId: world.reasons.r20, start: nextStart() });
const bookFor = (patientId: string, more: CallOptions = {}) =>
  call(book, { body: { ...offer(), patientId }, headers: freshKey(), ...more });
async function audits(code: string) {
  const rows = await world.database.owner`select payload from outbox where type = 'audit' order by seq`;
  return rows.map((row) => JSON.parse(String(row.payload))).filter((record) => record.code === code && record.patientIds.includes(child));
}
const plain = (answer: CallAnswer) => ({ status: answer.status, body: { ...answer.json, traceId: "" } });

test("with the right to book a relative holds, books, sees, lists, moves and cancels; the visit is the patient's", async () => {
  await link(["book"]);
  const held = await call(hold, { body: offer() });
  const visit = await call(book, { body: { holdId: held.json.id, patientId: child }, headers: freshKey() });
  expect(visit.status).toBe(201);
  expect(visit.json.patientId).toBe(child);
  const second = await bookFor(child);
  expect(second.status).toBe(201);
  expect((await call(getAppointment, { params: { id: visit.json.id } })).status).toBe(200);
  const list = await call(listAppointments, { query: { patientId: child } });
  expect(list.json.items.map((item: { id: string }) => item.id).sort()).toEqual([visit.json.id, second.json.id].sort());
  expect((await call(listAppointments, {})).json.items).toEqual([]);
  const { start } = offer();
  const moved = await call(moveVisit, { params: { id: second.json.id }, body: { start }, headers: freshKey() });
  expect(moved.json).toMatchObject({ id: second.json.id, patientId: child, start });
  const cancelled = await call(cancel, { params: { id: visit.json.id }, body: {} });
  expect(cancelled.json.status).toBe("cancelled");
});

test("every act of a relative is on record as done for the patient, the refused one too; a stranger's attempt is not", async () => {
  await link(["book"]);
  const visit = await bookFor(child);
  const params = { id: visit.json.id };
  await call(getAppointment, { params });
  await link(["book"], world.clock.now());
  await call(getAppointment, { params });
  await bookFor(child);
  await call(getAppointment, { params, actor: patientActor() });
  const told = (record: { outcome: string; onBehalfOf?: string; actor: { patientId?: string } }) => [
    record.outcome,
    record.onBehalfOf,
    record.actor.patientId,
  ];
  expect((await audits("appointment.book")).map(told)).toEqual([
    ["ok", child, mother.patientId],
    ["denied", child, mother.patientId],
  ]);
  expect((await audits("appointment.get")).map(told)).toEqual([
    ["ok", child, mother.patientId],
    ["denied", child, mother.patientId],
    ["denied", undefined, undefined],
  ]);
});

test("without the right every answer is the one for an id that never was", async () => {
  await link(["book"]);
  const { id } = (await bookFor(child)).json;
  await link(["documents", "record"]);
  const stranger = patientActor();
  const nobody = patientActor().patientId;
  for (const actor of [mother, stranger]) {
    const ofChild = [
      await bookFor(child, { actor }),
      await call(listAppointments, { actor, query: { patientId: child } }),
      await call(listAppointments, { actor, query: { patientId: child, doctorId: world.doctorId } }),
      await call(getAppointment, { actor, params: { id } }),
      await call(cancel, { actor, params: { id }, body: {} }),
      await call(moveVisit, { actor, params: { id }, body: { start: nextStart() }, headers: freshKey() }),
    ];
    const unknown = newId("apt", mondayMorning);
    const ofNobody = [
      await bookFor(nobody, { actor }),
      await call(listAppointments, { actor, query: { patientId: nobody } }),
      await call(listAppointments, { actor, query: { patientId: nobody, doctorId: world.doctorId } }),
      await call(getAppointment, { actor, params: { id: unknown } }),
      await call(cancel, { actor, params: { id: unknown }, body: {} }),
      await call(moveVisit, { actor, params: { id: unknown }, body: { start: nextStart() }, headers: freshKey() }),
    ];
    for (const answer of ofChild) expectProblem(answer, 404, "not-found");
    expect(ofChild.map(plain)).toEqual(ofNobody.map(plain));
  }
  const held = await call(hold, { body: offer() });
  expectProblem(await call(book, { body: { holdId: held.json.id, patientId: child }, headers: freshKey() }), 404, "not-found");
});

test("a revoked link is refused on the next request, an older event does not bring it back, and time alone ends one", async () => {
  await link(["book"]);
  const { id } = (await bookFor(child)).json;
  world.clock.advance(1000);
  await link(["book"], world.clock.now());
  expectProblem(await call(getAppointment, { params: { id } }), 404, "not-found");
  await link(["book"], undefined, world.clock.now() - 500);
  expectProblem(await bookFor(child), 404, "not-found");
  world.clock.advance(1000);
  await link(["book"], world.clock.now() + 60_000);
  expect((await call(getAppointment, { params: { id } })).status).toBe(200);
  world.clock.advance(60_000);
  expectProblem(await call(getAppointment, { params: { id } }), 404, "not-found");
});

test("a link that may be out of date decides nothing, and the own visits stay within reach", async () => {
  await link(["book"]);
  const own = await call(book, { body: offer(), headers: freshKey() });
  world.proxies.isFresh = false;
  expectProblem(await bookFor(child), 503, "mirror-stale");
  expectProblem(await call(listAppointments, { query: { patientId: child } }), 503, "mirror-stale");
  expectProblem(await call(listAppointments, { query: { patientId: patientActor().patientId } }), 503, "mirror-stale");
  expect((await call(getAppointment, { params: { id: own.json.id } })).status).toBe(200);
  expect((await call(listAppointments, {})).status).toBe(200);
});

test("the right goes one way, and to nobody further", async () => {
  await link(["book"]);
  const own = await call(book, { body: offer(), headers: freshKey() });
  const asChild = patientActor(child as never);
  expectProblem(await call(getAppointment, { actor: asChild, params: { id: own.json.id } }), 404, "not-found");
  expectProblem(await bookFor(mother.patientId, { actor: asChild }), 404, "not-found");
});

test("the mirror starts out stale", () => {
  expect(mirrorProxies().fresh()).toBe(false);
});
