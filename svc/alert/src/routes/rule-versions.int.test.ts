import { afterAll, beforeAll, expect, test } from "bun:test";
import { createRule, deleteRule, listRuleVersions, putRule } from "@episante/contracts/rule";
import { makeWorld, start, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

test("every version stays to be read with who published it when, also after the rule was stopped and retired", async () => {
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
  const body = { name: "Fast", scope: { kind: "clinic" as const }, rule };
  const { id } = (await world.api.call(createRule, { actor: world.doctor, body })).json;
  world.clock.advance(1000);
  await world.api.call(putRule, {
    actor: world.doctor,
    params: { id },
    body: { ...body, rule: { ...rule, value: 140 }, enabled: false, reason: "too many" },
  });
  world.clock.advance(1000);
  await world.api.call(deleteRule, { actor: world.doctor, params: { id } });
  const { json } = await world.api.call(listRuleVersions, { actor: world.doctor, params: { id } });
  const by = { accountId: world.doctor.accountId, name: "" };
  expect(json.items).toMatchObject([
    { version: 3, enabled: false, changedAt: new Date(start + 2000).toISOString(), changedBy: by },
    {
      version: 2,
      enabled: false,
      rule: { value: 140 },
      reason: "too many",
      changedAt: new Date(start + 1000).toISOString(),
      changedBy: by,
    },
    { version: 1, enabled: true, rule: { value: 130 }, changedAt: new Date(start).toISOString(), changedBy: by },
  ]);
});
test("the installation's own rule has no author", async () => {
  const { json } = await world.api.call(listRuleVersions, { actor: world.doctor, params: { id: world.ruleIds[0] as never } });
  expect(json.items[0]).toMatchObject({ version: 1 });
  expect(json.items[0].changedBy).toBeUndefined();
});
