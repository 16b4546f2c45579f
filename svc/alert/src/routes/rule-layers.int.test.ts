import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { PatientId } from "@episante/contracts/ids";
import { createRule, deleteRule, putRule } from "@episante/contracts/rule";
import { createGroup, deleteGroup, type EffectiveRule, effectiveRules, listGroups, putGroup } from "@episante/contracts/rule-layers";
import { newId } from "@episante/service/ids";
import { expectProblem } from "@episante/testkit/refusals";
import { makeWorld, run, start, type World } from "../../test/world.ts";

let world: World;
const worlds: World[] = [];
beforeEach(async () => {
  world = await makeWorld();
  worlds.push(world);
});
afterAll(async () => {
  for (const one of worlds) await one.close();
});

const spo2 = (value: number, change: object = {}) =>
  ({
    kind: "threshold",
    code: "59408-5",
    op: "<",
    value,
    unit: "%",
    holdSeconds: 30,
    clear: { value: value + 2, seconds: 30 },
    gapSeconds: 60,
    severity: "critical",
    ...change,
  }) as const;
const make = async (scope: object, value: number, more: object = {}) =>
  world.api.call(createRule, { actor: world.doctor, body: { name: `SpO₂ < ${value}`, scope, rule: spo2(value), ...more } });
const group = async (...patientIds: string[]) =>
  (await world.api.call(createGroup, { actor: world.doctor, body: { name: "COPD", patientIds } })).json.id as string;
const move = (id: string, ...patientIds: string[]) =>
  world.api.call(putGroup, { actor: world.doctor, params: { id }, body: { name: "COPD", patientIds } });
const effective = async (): Promise<EffectiveRule[]> =>
  (await world.api.call(effectiveRules, { actor: world.doctor, query: { patientId: world.patientId } })).json.items;
/** Without the technical rules a clinic starts with. */
const spo2Rules = async () => (await effective()).filter(({ rule }) => rule.kind === "threshold");
const ofGroup = (id: string) => ({ kind: "group", id });
const own = () => ({ kind: "patient", id: world.patientId });
const raisedBy = async (patientId = world.patientId) =>
  (await world.alerts()).filter((row) => row.patient_id === patientId).map((row) => row.rule_id);
/** Half a minute and more of one value, received as it is measured, in frames of ten seconds. */
const send = async (from: number, to: number, value: number, patientId: PatientId = world.patientId) => {
  for (let t = from; t <= to; t += 10) await world.evaluate([world.frame(run(t, Math.min(t + 9, to), value), { patientId })]);
};
const tick = (seconds: number) => world.clock.advance(start + seconds * 1000 - world.clock.now());

describe("layers: clinic, group, patient", () => {
  test("a narrower rule that replaces a wider one judges its patients alone, readings received from then on", async () => {
    const id = await group(world.patientId);
    tick(100);
    const wider = await make(ofGroup(id), 88, { replaces: world.ruleId });
    expect(wider.status).toBe(201);
    const other = newId("pat", start);
    await send(110, 150, 89);
    await send(110, 150, 89, other);
    expect([await raisedBy(), await raisedBy(other)]).toEqual([[], [world.ruleId]]);
    tick(200);
    const narrow = await make(own(), 91, { replaces: wider.json.id });
    await send(210, 250, 90);
    expect(await raisedBy()).toEqual([narrow.json.id]);
  });
  test("who comes into a group or leaves it is judged so for readings received from then on, however late they are evaluated", async () => {
    const id = await group();
    const { json: rule } = await make(ofGroup(id), 95, { replaces: world.ruleId });
    tick(100);
    await move(id, world.patientId);
    tick(200);
    await move(id);
    // Evaluated after both changes; received before, between and after them.
    await send(10, 60, 94);
    expect(await raisedBy()).toEqual([]);
    await send(110, 160, 94);
    expect(await raisedBy()).toEqual([rule.id]);
    await send(210, 260, 89);
    expect(rule.id).toBeDefined();
    expect((await raisedBy()).toSorted()).toEqual([rule.id, world.ruleId].toSorted());
  });
  test("an engine that starts anew finds the same members", async () => {
    const id = await group();
    const { json: rule } = await make(ofGroup(id), 95, { replaces: world.ruleId });
    tick(100);
    await move(id, world.patientId);
    tick(200);
    await move(id);
    await send(110, 125, 94);
    world.deps.engine.forget(0);
    await send(126, 160, 94);
    expect(await raisedBy()).toEqual([rule.id]);
  });
  test("a group that still has rules is kept; without them it goes, and its patients with it", async () => {
    const id = await group(world.patientId);
    const { json: rule } = await make(ofGroup(id), 88);
    expectProblem(await world.api.call(deleteGroup, { actor: world.doctor, params: { id } }), 409, "wrong-state");
    await world.api.call(deleteRule, { actor: world.doctor, params: { id: rule.id } });
    expect((await world.api.call(deleteGroup, { actor: world.doctor, params: { id } })).status).toBe(204);
    expect((await world.api.call(listGroups, { actor: world.doctor })).json.items).toEqual([]);
    expectProblem(await move(id, world.patientId), 404, "not-found");
    expectProblem(await make(ofGroup(id), 88), 404, "not-found");
  });
});

describe("what a rule may replace", () => {
  const refused = async (answer: Promise<{ status: number; json: { code?: string; errors?: { path: string }[] } }>) => {
    const { status, json } = await answer;
    expect([status, json.code, json.errors?.[0]?.path]).toEqual([422, "invalid-input", "replaces"]);
  };
  test("only what is there, wider, of the same kind, signal and side; and only one rule of a layer", async () => {
    const id = await group(world.patientId);
    await refused(make(own(), 88, { replaces: newId("rul", 1) }));
    await refused(make({ kind: "clinic" }, 88, { replaces: world.ruleId }));
    await refused(make(own(), 88, { replaces: world.ruleId, rule: { ...spo2(120), op: ">", clear: { value: 110, seconds: 0 } } }));
    const first = (await make(ofGroup(id), 88, { replaces: world.ruleId })).json;
    await refused(make(ofGroup(id), 87, { replaces: world.ruleId }));
    await refused(make(ofGroup(id), 87, { replaces: first.id }));
    await world.api.call(deleteRule, { actor: world.doctor, params: { id: first.id } });
    await refused(make(own(), 87, { replaces: first.id }));
    expect((await make(ofGroup(id), 87, { replaces: world.ruleId })).status).toBe(201);
  });
  test("a new version keeps what it replaces unless it says otherwise", async () => {
    const { json: first } = await make(own(), 88, { replaces: world.ruleId, reason: "usual 89 %" });
    const put = (more: object) =>
      world.api.call(putRule, {
        actor: world.doctor,
        params: { id: first.id },
        body: { name: "own", scope: own(), rule: spo2(87), ...more },
      });
    const second = (await put({})).json;
    expect([second.replaces, second.reason]).toEqual([world.ruleId, undefined]);
    expect((await put({ replaces: null, reason: "beside" })).json).toMatchObject({ version: 3, reason: "beside" });
    expect((await spo2Rules()).map(({ name }) => name).sort()).toEqual(["SpO₂ < 90 %", "own"].sort());
  });
});

describe("what is in force for a patient", () => {
  test("value, layer, author, time and reason of the rule that stands, and of all it stands in place of", async () => {
    await world.database
      .owner`insert into account_names (account_id, name, fetched_at) values (${world.doctor.accountId}, 'Ada Byron', now())`;
    const id = await group(world.patientId);
    const { json: ofIt } = await make(ofGroup(id), 88, { replaces: world.ruleId });
    tick(60);
    const { json: narrow } = await make(own(), 86, { replaces: ofIt.id, reason: "prescribed target 86–90 %" });
    const by = { accountId: world.doctor.accountId, name: "Ada Byron" };
    const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
    expect(await spo2Rules()).toMatchObject([
      {
        ...{ id: narrow.id, version: 1, layer: "patient", rule: { value: 86 }, at: at(60), by, reason: "prescribed target 86–90 %" },
        replaces: [
          { id: ofIt.id, layer: "group", group: { id, name: "COPD" }, rule: { value: 88 }, at: at(0), by },
          { id: world.ruleId, layer: "clinic", rule: { value: 90 }, enabled: true },
        ],
      },
    ]);
  });
  test("of two groups the more sensitive one; retired rules are not told of, the switched-off one behind is", async () => {
    const [one, two] = [await group(world.patientId), await group(world.patientId)];
    const { json: low } = await make(ofGroup(one), 86, { replaces: world.ruleId });
    const { json: high } = await make(ofGroup(two), 91, { replaces: world.ruleId, rule: spo2(91, { clear: { value: 93, seconds: 0 } }) });
    const story = async () => (await spo2Rules()).map((rule) => [rule.id, rule.replaces.map(({ id }) => id)]);
    expect(await story()).toEqual([[high.id, [low.id, world.ruleId]]]);
    const put = { name: "off", scope: { kind: "clinic" }, rule: spo2(90), enabled: false };
    await world.api.call(putRule, { actor: world.doctor, params: { id: world.ruleId }, body: put });
    await world.api.call(deleteRule, { actor: world.doctor, params: { id: low.id } });
    expect(await story()).toEqual([[high.id, [world.ruleId]]]);
  });
});
