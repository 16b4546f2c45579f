import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { backtest, createRule, deleteRule, listRules, listRuleVersions, putRule } from "@episante/contracts/rule";
import { createGroup, deleteGroup, effectiveRules, listGroups, putGroup } from "@episante/contracts/rule-layers";
import type { UserActor } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";
import { adminActor, doctorActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { makeWorld, start, type World } from "../../test/world.ts";

let world: World;
/** A rule for the doctor's patient. */
let id: string;
const rule = {
  kind: "threshold",
  code: "8867-4",
  op: ">",
  value: 130,
  unit: "/min",
  holdSeconds: 10,
  gapSeconds: 60,
  severity: "warning",
} as const;
const clinicWide = { name: "Tachycardia", scope: { kind: "clinic" }, rule } as const;
const forPatient = (patientId: string) => ({ ...clinicWide, scope: { kind: "patient", id: patientId } });

beforeAll(async () => {
  world = await makeWorld();
  const { json } = await world.api.call(createRule, { actor: world.doctor, body: forPatient(world.patientId) });
  id = json.id;
});
afterAll(() => world.close());

describe("refusals every endpoint gives", () => {
  const accepted = async (more: object) => ({ harness: world.api, accepted: { actor: world.doctor, ...more } });
  refusals(listRules, () => accepted({}));
  refusals(listRuleVersions, () => accepted({ params: { id } }));
  refusals(createRule, () => accepted({ body: { ...clinicWide, rule: { ...rule, code: "1-1" } } }));
  refusals(putRule, () => accepted({ params: { id: newId("rul", 1) }, body: clinicWide }));
  refusals(deleteRule, () => accepted({ params: { id: newId("rul", 1) } }));
  refusals(listGroups, () => accepted({}));
  refusals(createGroup, () => accepted({ body: { name: "COPD", patientIds: [newId("pat", 1)] } }));
  refusals(putGroup, () => accepted({ params: { id: newId("grp", 1) }, body: { name: "COPD", patientIds: [] } }));
  refusals(deleteGroup, () => accepted({ params: { id: newId("grp", 1) } }));
  refusals(effectiveRules, () => accepted({ query: { patientId: world.patientId } }));
  refusals(backtest, () => accepted({ body: { rule, series: [] } }));
});

describe("whose patient a rule is for", () => {
  test("the versions of a rule are for those who see it: anybody else is answered as for an unknown one", async () => {
    const versionsOf = (actor: UserActor, ruleId = id) => world.api.call(listRuleVersions, { actor, params: { id: ruleId } });
    expect((await versionsOf(world.doctor)).json.items).toMatchObject([{ version: 1, changedBy: { accountId: world.doctor.accountId } }]);
    const unknown = await versionsOf(world.doctor, newId("rul", start));
    for (const other of [doctorActor(), doctorActor({ clinicId: world.clinicId })]) {
      const wrong = await versionsOf(other);
      expectProblem(wrong, 404, "not-found");
      const { traceId: _, ...answered } = unknown.json;
      expect(wrong.json).toMatchObject(answered);
    }
  });
  const make = (actor: UserActor, patientId: string) => world.api.call(createRule, { actor, body: forPatient(patientId) });
  const put = (actor: UserActor, body: object, ruleId = id) => world.api.call(putRule, { actor, params: { id: ruleId }, body });
  const retire = (actor: UserActor, ruleId = id) => world.api.call(deleteRule, { actor, params: { id: ruleId } });
  const listed = async (actor: UserActor) =>
    (await world.api.call(listRules, { actor })).json.items.map((item: { id: string }) => item.id) as string[];
  const versions = async () => Number((await world.database.owner`select version from rules where id = ${id}`)[0]?.version);

  test("another clinic's doctor gets the answer of an unknown patient and of an unknown rule", async () => {
    const stranger = doctorActor();
    const unknownRule = newId("rul", start);
    const pairs = [
      [await make(stranger, world.patientId), await make(stranger, newId("pat", start))],
      [await put(stranger, forPatient(world.patientId)), await put(stranger, forPatient(newId("pat", start)), unknownRule)],
      [await put(stranger, clinicWide), await put(stranger, clinicWide, unknownRule)],
      [await retire(stranger), await retire(stranger, unknownRule)],
    ] as const;
    for (const [wrong, unknown] of pairs) {
      expectProblem(wrong, 404, "not-found");
      const { traceId: _, ...body } = wrong.json;
      expect(unknown.json).toMatchObject(body);
    }
    expect(await listed(stranger)).toEqual([]);
    expect(await versions()).toBe(1);
  });
  test("treating the patient in another clinic does not open this clinic's rule", async () => {
    const [clinicId, doctorId] = [newId("cli", start), newId("doc", start)];
    const actor = doctorActor({ clinicId, doctorId });
    await world.relate(doctorId, world.patientId, clinicId);
    expectProblem(await put(actor, forPatient(world.patientId)), 404, "not-found");
    expectProblem(await retire(actor), 404, "not-found");
    expect(await listed(actor)).toEqual([]);
    expect((await make(actor, world.patientId)).json.clinicId).toBe(clinicId);
  });
  test("a colleague is told that the relationship is missing, whatever scope they claim", async () => {
    const [doctorId, own] = [newId("doc", start), newId("pat", start)];
    const colleague = doctorActor({ clinicId: world.clinicId, doctorId });
    await world.relate(doctorId, own);
    expectProblem(await make(colleague, world.patientId), 403, "care-relationship-required");
    for (const body of [forPatient(world.patientId), forPatient(own), clinicWide])
      expectProblem(await put(colleague, body), 403, "care-relationship-required");
    expectProblem(await retire(colleague), 403, "care-relationship-required");
    expect(await listed(colleague)).toEqual([...world.ruleIds]);
    expect(await listed(adminActor(world.clinicId))).toEqual([...world.ruleIds]);
    expect(await versions()).toBe(1);
  });
  test("an ended relationship ends it", async () => {
    const doctorId = newId("doc", start);
    await world.relate(doctorId, world.patientId, world.clinicId, "2026-01-10T00:00:00Z");
    const former = doctorActor({ clinicId: world.clinicId, doctorId });
    expectProblem(await make(former, world.patientId), 403, "care-relationship-required");
    expectProblem(await put(former, forPatient(world.patientId)), 403, "care-relationship-required");
    expectProblem(await retire(former), 403, "care-relationship-required");
  });
  test("a rule is not moved to another patient or to the whole clinic", async () => {
    const doctorId = world.doctor.memberships[0]?.doctorId;
    const other = newId("pat", start);
    if (doctorId) await world.relate(doctorId, other);
    for (const body of [forPatient(other), clinicWide]) expectProblem(await put(world.doctor, body), 422, "invalid-input");
    expect(await versions()).toBe(1);
  });
  test("a stale mirror refuses all of it; clinic-wide rules go on", async () => {
    world.mirror.isFresh = false;
    expectProblem(await make(world.doctor, world.patientId), 503, "mirror-stale");
    expectProblem(await put(world.doctor, forPatient(world.patientId)), 503, "mirror-stale");
    expectProblem(await put(world.doctor, clinicWide), 503, "mirror-stale");
    expectProblem(await retire(world.doctor), 503, "mirror-stale");
    const created = await world.api.call(createRule, { actor: world.doctor, body: clinicWide });
    expect(created.status).toBe(201);
    expect((await retire(world.doctor, created.json.id)).status).toBe(204);
    world.mirror.isFresh = true;
  });
});

describe("who sees and changes groups", () => {
  const make = (actor: UserActor, patientIds: string[]) => world.api.call(createGroup, { actor, body: { name: "COPD", patientIds } });
  const put = (actor: UserActor, groupId: string, patientIds: string[]) =>
    world.api.call(putGroup, { actor, params: { id: groupId }, body: { name: "COPD", patientIds } });
  const dissolve = (actor: UserActor, groupId: string) => world.api.call(deleteGroup, { actor, params: { id: groupId } });
  const effective = (actor: UserActor, patientId: string) => world.api.call(effectiveRules, { actor, query: { patientId } });
  const records = async (code: string) =>
    (
      await world.database
        .owner`select payload::jsonb as record from outbox where type = 'audit' and payload::jsonb ->> 'code' = ${code} order by seq`
    ).map(({ record }) => record);
  const colleagueOf = async (patientId: string) => {
    const doctorId = newId("doc", start);
    await world.relate(doctorId, patientId as never);
    return doctorActor({ clinicId: world.clinicId, doctorId });
  };

  test("another clinic's doctor finds no group, no rule of it, and no patient", async () => {
    const group = (await make(world.doctor, [world.patientId])).json;
    const stranger = doctorActor();
    expect((await world.api.call(listGroups, { actor: stranger })).json.items).toEqual([]);
    expectProblem(await put(stranger, group.id, []), 404, "not-found");
    expectProblem(await dissolve(stranger, group.id), 404, "not-found");
    expectProblem(await make(stranger, [world.patientId]), 404, "not-found");
    expectProblem(await effective(stranger, world.patientId), 404, "not-found");
    const scope = { kind: "group", id: group.id };
    expectProblem(await world.api.call(createRule, { actor: stranger, body: { ...clinicWide, scope } }), 404, "not-found");
    const own = (await world.api.call(createRule, { actor: world.doctor, body: { ...clinicWide, scope } })).json;
    expectProblem(
      await world.api.call(putRule, { actor: stranger, params: { id: own.id }, body: { ...clinicWide, scope } }),
      404,
      "not-found",
    );
    expectProblem(await world.api.call(deleteRule, { actor: stranger, params: { id: own.id } }), 404, "not-found");
    expect((await world.api.call(deleteRule, { actor: world.doctor, params: { id: own.id } })).status).toBe(204);
  });
  test("a colleague sees the group and only those patients whom they treat, and puts in and takes out no others", async () => {
    const theirs = newId("pat", start);
    const colleague = await colleagueOf(theirs);
    const group = (await make(world.doctor, [world.patientId])).json;
    expectProblem(await put(colleague, group.id, [world.patientId, newId("pat", start + 1)]), 404, "not-found");
    expectProblem(await make(colleague, [world.patientId]), 403, "care-relationship-required");
    expect((await put(colleague, group.id, [theirs])).json).toMatchObject({ patientIds: [theirs], otherPatients: 1 });
    expect((await put(world.doctor, group.id, [])).json).toMatchObject({ patientIds: [], otherPatients: 1 });
    const listed = (await world.api.call(listGroups, { actor: colleague })).json.items;
    expect(listed.find(({ id: one }: { id: string }) => one === group.id)).toMatchObject({ patientIds: [theirs], otherPatients: 0 });
    expectProblem(await effective(colleague, world.patientId), 403, "care-relationship-required");
  });
  test("who was put in, taken out, or shown is in the audit record", async () => {
    const group = (await make(world.doctor, [world.patientId])).json;
    await put(world.doctor, group.id, []);
    await world.api.call(listGroups, { actor: world.doctor });
    await effective(world.doctor, world.patientId);
    const entity = { type: "patient-group", id: group.id };
    expect((await records("alert.create-group")).at(-1)).toMatchObject({ entity, patientIds: [world.patientId], outcome: "ok" });
    expect((await records("alert.put-group")).at(-1)).toMatchObject({ entity, patientIds: [world.patientId], outcome: "ok" });
    expect((await records("alert.effective-rules")).at(-1)).toMatchObject({ patientIds: [world.patientId], outcome: "ok" });
    expect((await records("alert.list-groups")).at(-1)).toMatchObject({ outcome: "ok" });
  });
  test("while nobody knows who treats whom, no patient is put in, and none is shown", async () => {
    const group = (await make(world.doctor, [world.patientId])).json;
    world.mirror.isFresh = false;
    for (const answer of [
      await make(world.doctor, [world.patientId]),
      await put(world.doctor, group.id, []),
      await world.api.call(listGroups, { actor: world.doctor }),
      await effective(world.doctor, world.patientId),
    ])
      expectProblem(answer, 503, "mirror-stale");
    world.mirror.isFresh = true;
  });
});
