import { afterAll, beforeAll, expect, test } from "bun:test";
import { listAudit, verifyAudit } from "@episante/contracts/audit";
import type { ProxyScope } from "@episante/contracts/patient";
import { newId } from "@episante/service/ids";
import { adminActor, patientActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { makeWorld, nowMs, record, type World } from "../../test/world.ts";
import { appendRecords } from "../actions/append-records.ts";
import { saveProxy } from "../storage/proxies.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

refusals(listAudit, async () => ({ harness: world.service, accepted: { actor: adminActor() } }));
refusals(verifyAudit, async () => ({ harness: world.service, accepted: { actor: adminActor() } }));

test("a patient sees the records about themselves and no others, also when several patients share one", async () => {
  const [me, other] = [patientActor(), patientActor()];
  const mine = record({ patientIds: [me.patientId] });
  const shared = record({ patientIds: [me.patientId, other.patientId] });
  await appendRecords(world.deps.db, [mine, record({ patientIds: [other.patientId] }), record(), shared]);
  const answer = await world.service.call(listAudit, { actor: me });
  expect(answer.status).toBe(200);
  expect(answer.json.items.map((item: { id: string }) => item.id)).toEqual([shared.id, mine.id]);
});

test("a record shared by several patients names to each of them only themselves", async () => {
  const [me, other] = [patientActor(), patientActor()];
  await appendRecords(world.deps.db, [record({ patientIds: [other.patientId, me.patientId] })]);
  const answer = await world.service.call(listAudit, { actor: me });
  expect(answer.json.items[0].patientIds).toEqual([me.patientId]);
  expect(answer.text).not.toContain(other.patientId);
});

test("what a relative did for a patient names the two to each other, and to nobody else in the record", async () => {
  const [proxy, patient, other] = [patientActor(), patientActor(), patientActor()];
  const did = record({
    patientIds: [proxy.patientId, patient.patientId, other.patientId],
    onBehalfOf: patient.patientId,
    actor: { kind: "user", accountId: proxy.accountId, patientId: proxy.patientId },
  });
  await appendRecords(world.deps.db, [did]);
  const seenBy = async (actor: typeof proxy) => (await world.service.call(listAudit, { actor })).json.items[0];
  for (const actor of [proxy, patient]) {
    expect(await seenBy(actor)).toMatchObject({ onBehalfOf: patient.patientId, actor: { patientId: proxy.patientId } });
  }
  expect(await seenBy(other)).not.toHaveProperty("onBehalfOf");
  expect((await seenBy(other)).actor).not.toHaveProperty("patientId");
  expect((await world.service.call(listAudit, { actor: adminActor() })).json.items[0]).toMatchObject({ onBehalfOf: patient.patientId });
});

test("another patient's records are not found, existing or not", async () => {
  const [me, other] = [patientActor(), patientActor()];
  await appendRecords(world.deps.db, [record({ patientIds: [other.patientId] })]);
  const existing = await world.service.call(listAudit, { actor: me, query: { patientId: other.patientId } });
  const unknown = await world.service.call(listAudit, { actor: me, query: { patientId: patientActor().patientId } });
  expectProblem(existing, 404, "not-found");
  expect({ ...existing.json, traceId: "" }).toEqual({ ...unknown.json, traceId: "" });
});

test("a relative reads the log of somebody whose record they may see, and of nobody else", async () => {
  const [proxy, patient] = [patientActor(), patientActor()];
  await appendRecords(world.deps.db, [record({ patientIds: [patient.patientId] })]);
  const ask = (patientId = patient.patientId) => world.service.call(listAudit, { actor: proxy, query: { patientId } });
  const link = (scopes: ProxyScope[], until?: number) =>
    world.deps.db.drizzle.transaction((tx) =>
      saveProxy(
        tx,
        {
          proxyId: `prx_${patient.patientId.slice(4)}`,
          patientId: patient.patientId as never,
          proxyPatientId: proxy.patientId as never,
          clinicId: newId("cli", nowMs),
          scopes,
          from: new Date(nowMs).toISOString(),
          ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
        },
        new Date(nowMs).toISOString(),
      ),
    );
  await link(["book", "documents"]);
  const refused = await ask();
  expectProblem(refused, 404, "not-found");
  expect({ ...refused.json, traceId: "" }).toEqual({ ...(await ask(patientActor().patientId)).json, traceId: "" });
  await link(["record"]);
  expect((await ask()).json.items).toHaveLength(1);
  world.proxies.isFresh = false;
  expectProblem(await ask(), 503, "mirror-stale");
  world.proxies.isFresh = true;
  await link(["record"], nowMs);
  expectProblem(await ask(), 404, "not-found");
  const rows = await world.database.owner`select payload from outbox where type = 'audit' order by seq`;
  const mine = rows.map((row) => JSON.parse(String(row.payload))).filter((one) => one.actor.accountId === proxy.accountId);
  const told = mine.filter((one) => one.onBehalfOf === patient.patientId).map((one) => [one.code, one.outcome]);
  expect(told).toEqual([
    ["audit.list", "denied"],
    ["audit.list", "ok"],
    ["audit.list", "denied"],
  ]);
});

test("an admin sees everything, filters by patient, and pages without gaps", async () => {
  const patient = patientActor();
  await appendRecords(
    world.deps.db,
    Array.from({ length: 5 }, () => record({ patientIds: [patient.patientId] })),
  );
  const actor = adminActor();
  const filtered = await world.service.call(listAudit, { actor, query: { patientId: patient.patientId } });
  expect(filtered.json.items).toHaveLength(5);
  const seqs: number[] = [];
  let cursor: string | undefined;
  do {
    const { json } = await world.service.call(listAudit, { actor, query: { limit: 3, cursor } });
    seqs.push(...json.items.map((item: { seq: number }) => item.seq));
    cursor = json.next;
  } while (cursor);
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => seqs.length - index));
});

test("a cursor that is none is refused", async () => {
  const actor = adminActor();
  for (const cursor of ["x", "-1", "1e9", "1;drop table records"]) {
    expectProblem(await world.service.call(listAudit, { actor, query: { cursor } }), 422, "invalid-input");
  }
});

test("reading the audit is audited", async () => {
  const actor = adminActor();
  await world.service.call(listAudit, { actor });
  const rows = await world.database.owner`select payload from outbox where type = 'audit' order by seq desc limit 1`;
  expect(JSON.parse(String(rows[0]?.payload))).toMatchObject({ code: "audit.list", outcome: "ok", actor: { accountId: actor.accountId } });
});

test("the service's own login cannot change or remove a record", async () => {
  await appendRecords(world.deps.db, [record()]);
  for (const statement of ["update records set record = '{}'", "delete from records", "truncate records"]) {
    expect(world.deps.db.bulk.unsafe(statement)).rejects.toThrow("permission denied");
    expect(world.database.owner.unsafe(statement)).rejects.toThrow("append-only");
  }
});
