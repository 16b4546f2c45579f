import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  acceptRelative,
  endProxy,
  endRelative,
  getPatient,
  listPatients,
  listProxies,
  listRelationships,
  listRelatives,
  patientContact,
  requestRelative,
  verifyProxy,
} from "@episante/contracts/patient";
import type { UserActor } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";
import { serviceActor, staffActor } from "@episante/testkit/actors";
import { expectProblem } from "@episante/testkit/refusals";
import { day, startWorld, type World } from "../../test/world.ts";

let world: World;
const clinicId = newId("cli", 0);
const staff = staffActor(clinicId);
type Patient = Awaited<ReturnType<World["newPatient"]>>;

beforeAll(async () => {
  world = await startWorld();
  await world.clinicOpened(clinicId);
});
afterAll(() => world.close());

const child = { givenName: "Léo", familyName: "Fontaine", birthDate: "2015-06-01", basis: "parent", scopes: ["book", "documents"] };
const seen = "Livret de famille";

async function ask(actor: UserActor, body: Record<string, unknown> = child) {
  const answer = await world.call(requestRelative, { actor, body });
  expect(answer.status).toBe(201);
  return answer.json as { id: string; status: string };
}
const verify = (id: string, body: Record<string, unknown> = {}, actor = staff) =>
  world.call(verifyProxy, { actor, params: { id }, body: { basis: "parent", seen, ...body } });
const linksOf = async (actor: UserActor) => (await world.call(listRelatives, { actor })).json.items;
const look = async (actor: UserActor, id: string) => (await world.call(getPatient, { actor, params: { id } })).json.code ?? "yes";
/** A parent with a verified link to a child of that name. */
async function family(more: Record<string, unknown> = {}) {
  const parent = await world.newPatient();
  const { id } = await ask(parent, { ...child, givenName: `Léo ${newId("prx", 0).slice(-6)}`, ...more });
  const verified = await verify(id);
  expect(verified.status).toBe(200);
  return { parent, id, childId: String(verified.json.patient.id) };
}
async function fileNumberOf(patient: Patient) {
  return String((await world.call(getPatient, { actor: patient, params: { id: patient.patientId } })).json.fileNumber);
}

test("a request counts for nothing until the clinic has verified it; then the child has a file without an account", async () => {
  const parent = await world.newPatient();
  const { id, status } = await ask(parent);
  expect(status).toBe("requested");
  expect(await ask(parent)).toMatchObject({ id });
  const [waiting] = (await world.call(listProxies, { actor: staff, query: { status: "requested" } })).json.items;
  expect(waiting).toMatchObject({ id, asked: { givenName: "Léo" }, proxy: { id: parent.patientId }, candidates: [] });
  expect(await world.events("proxy.changed")).toEqual([]);
  const verified = await verify(id);
  const patientId = verified.json.patient.id;
  expect(verified.json).toMatchObject({ status: "active", evidence: { seen, accountId: staff.accountId }, verifiedBy: "clinic" });
  expect(await world.events("proxy.changed")).toEqual([
    {
      proxyId: id,
      patientId,
      proxyPatientId: parent.patientId,
      clinicId,
      scopes: ["book", "documents"],
      from: new Date(world.clock.now()).toISOString(),
      until: "2033-05-31T22:00:00.000Z",
    },
  ]);
  expect((await world.events("patient.registered")).map((event) => event.patientId)).toContain(patientId);
  expect(await linksOf(parent)).toMatchObject([{ id, role: "proxy", status: "active", person: { patientId, givenName: "Léo" } }]);
  expect(await look(parent, patientId)).toBe("yes");
  expect((await world.call(listPatients, { actor: staff, query: { ids: patientId } })).json.items).toHaveLength(1);
});

test("the other parent is linked to the file there is, not to a second one", async () => {
  const { childId } = await family({ givenName: "Zoé", birthDate: "2018-01-02" });
  const other = await world.newPatient();
  const { id } = await ask(other, { ...child, givenName: "ZOE", birthDate: "2018-01-02" });
  const waiting = (await world.call(listProxies, { actor: staff, query: { status: "requested" } })).json.items;
  const candidates = waiting.find((item: { id: string }) => item.id === id).candidates.map((one: { id: string }) => one.id);
  expect(candidates).toEqual([childId]);
  expect((await verify(id, { patientId: childId })).json.patient.id).toBe(childId);
  const again = await ask(other, { ...child, givenName: "Zoé", familyName: "Fontaine-Roux", birthDate: "2018-01-02" });
  expectProblem(await verify(again.id, { patientId: childId }), 409, "wrong-state");
});

test("rights are what was asked and verified, and no more: identity yes, record no", async () => {
  const { parent, childId } = await family();
  expectProblem(await world.call(listRelationships, { actor: parent, params: { id: childId } }), 404, "not-found");
  const reader = await world.newPatient();
  const { id } = await ask(reader, { ...child, scopes: ["book", "record"] });
  expect((await verify(id, { patientId: childId, scopes: ["record", "documents"] })).json.scopes).toEqual(["record"]);
  expect((await world.call(listRelationships, { actor: reader, params: { id: childId } })).json).toEqual({ items: [] });
});

test("revoked by the proxy, by the clinic or by the relative, the next request is refused", async () => {
  for (const by of ["proxy", "clinic"] as const) {
    const { parent, id, childId } = await family();
    const ended = await world.call(by === "proxy" ? endRelative : endProxy, { actor: by === "proxy" ? parent : staff, params: { id } });
    expect(ended.status).toBe(204);
    expect(await look(parent, childId)).toBe("not-found");
    expect(await linksOf(parent)).toEqual([]);
    expect((await world.events("proxy.changed")).at(-1)).toMatchObject({ proxyId: id, until: new Date(world.clock.now()).toISOString() });
    expectProblem(await world.call(endRelative, { actor: parent, params: { id } }), 404, "not-found");
  }
});

test("every look of a relative is on record as done for the patient, the refused one too", async () => {
  const { parent, id, childId } = await family();
  await look(parent, childId);
  await world.call(listRelationships, { actor: parent, params: { id: childId } });
  await world.call(endRelative, { actor: parent, params: { id } });
  await look(parent, childId);
  const all = [...(await world.audits("patient.get")), ...(await world.audits("patient.list-relationships"))];
  const mine = all.filter((record) => record.onBehalfOf === childId);
  expect(mine.map(({ outcome, reason, actor }) => [outcome, reason, actor.patientId])).toEqual([
    ["ok", undefined, parent.patientId],
    ["denied", "not-found", parent.patientId],
    ["denied", "not-found", parent.patientId],
  ]);
  const stranger = await world.newPatient();
  await look(stranger, childId);
  const tried = (await world.audits("patient.get")).at(-1);
  expect(tried).toMatchObject({ outcome: "denied", patientIds: [childId] });
  expect(tried?.onBehalfOf).toBeUndefined();
});

test("on the 18th birthday in the clinic's zone a parent's link stops; the grown-up, or a consent shown to the clinic, starts it again", async () => {
  const now = world.clock.now();
  const [parent, teen] = [await world.newPatient(), await world.newPatient({ givenName: "Anna", birthDate: "2008-05-01" })];
  const asked = { ...child, givenName: "Anna", birthDate: "2008-05-01", fileNumber: (await fileNumberOf(teen)).toLowerCase() };
  const { id } = await ask(parent, asked);
  expectProblem(await world.call(acceptRelative, { actor: teen, params: { id }, body: {} }), 409, "wrong-state");
  expect((await verify(id)).json).toMatchObject({ reviewAt: "2026-04-30T22:00:00.000Z", patient: { id: teen.patientId } });
  world.clock.set(Date.parse("2026-04-30T21:59:59Z"));
  expect(await look(parent, teen.patientId)).toBe("yes");
  world.clock.set(Date.parse("2026-04-30T22:00:00Z"));
  expect(await look(parent, teen.patientId)).toBe("not-found");
  expect(await linksOf(parent)).toMatchObject([{ id, status: "review" }]);
  expect((await linksOf(parent))[0].person.patientId).toBeUndefined();
  expect(await linksOf(teen)).toMatchObject([{ id, role: "patient", status: "review", person: { patientId: parent.patientId } }]);
  expectProblem(await verify(id), 422, "invalid-input");
  const agreed = await world.call(acceptRelative, { actor: teen, params: { id }, body: { scopes: ["book"] } });
  expect(agreed.json).toMatchObject({ status: "active", scopes: ["book"], basis: "patient-consent", verifiedBy: "patient" });
  expect(await look(parent, teen.patientId)).toBe("yes");

  const silent = await family({ birthDate: "2008-05-02" });
  world.clock.advance(2 * day);
  expect(await look(silent.parent, silent.childId)).toBe("not-found");
  expect((await verify(silent.id, { basis: "patient-consent", seen: "Accord signé" })).json.status).toBe("active");
  expect(await look(silent.parent, silent.childId)).toBe("yes");
  world.clock.set(now);
});

test("a grown-up whose file number was given agrees on the own account, and ends it there", async () => {
  const [wife, husband] = [await world.newPatient(), await world.newPatient({ givenName: "Paul", birthDate: "1980-02-03" })];
  const asked = { givenName: "Paul", familyName: "Fontaine", birthDate: "1980-02-03", basis: "spouse-consent", scopes: ["book", "record"] };
  const { id } = await ask(wife, { ...asked, fileNumber: await fileNumberOf(husband) });
  expect(await linksOf(husband)).toMatchObject([{ id, role: "patient", status: "requested", person: { givenName: "Claire" } }]);
  expectProblem(await world.call(acceptRelative, { actor: wife, params: { id }, body: {} }), 404, "not-found");
  const agreed = await world.call(acceptRelative, { actor: husband, params: { id }, body: { scopes: ["book"], until: "2026-03-31" } });
  expect(agreed.json).toMatchObject({ status: "active", basis: "spouse-consent", scopes: ["book"], until: "2026-03-31" });
  expect(await look(wife, husband.patientId)).toBe("yes");
  expect((await world.call(endRelative, { actor: husband, params: { id } })).status).toBe(204);
  expect(await look(wife, husband.patientId)).toBe("not-found");
});

test("a link ends after its last day in the clinic's zone", async () => {
  const now = world.clock.now();
  const { parent, childId } = await family({ until: "2026-03-10" });
  world.clock.set(Date.parse("2026-03-10T22:59:59Z"));
  expect(await look(parent, childId)).toBe("yes");
  world.clock.advance(1000);
  expect(await look(parent, childId)).toBe("not-found");
  expect(await linksOf(parent)).toEqual([]);
  world.clock.set(now);
});

test("about a child without an account the relative who may book is told, and nobody once the link is over", async () => {
  const { parent, id, childId } = await family();
  const contact = () => world.call(patientContact, { actor: serviceActor("notification"), params: { id: childId } });
  const told = (await contact()).json;
  expect(told).toMatchObject({ patientId: childId, accountId: parent.accountId, givenName: "Claire" });
  expect(told.relative.givenName).toStartWith("Léo");
  await world.call(endRelative, { actor: parent, params: { id } });
  expect((await contact()).json).not.toHaveProperty("accountId");
  const reader = await family({ scopes: ["documents", "record"] });
  const answer = await world.call(patientContact, { actor: serviceActor("notification"), params: { id: reader.childId } });
  expect(answer.json).not.toHaveProperty("accountId");
});
