import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ackAlert, getAlert, listAlerts, resolveAlert } from "@episante/contracts/alert";
import type { AlertId } from "@episante/contracts/ids";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { doctorActor, patientActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { sql } from "drizzle-orm";
import { makeWorld, openAlert, start, type World } from "../../test/world.ts";

let world: World;
let id: AlertId;
beforeAll(async () => {
  world = await makeWorld();
  id = await openAlert(world);
});
afterAll(() => world.close());

describe("refusals every endpoint gives", () => {
  refusals(listAlerts, async () => ({ harness: world.api, accepted: { actor: world.doctor } }));
  for (const endpoint of [getAlert, ackAlert, resolveAlert]) {
    refusals(endpoint, async () => ({ harness: world.api, accepted: { actor: world.doctor, params: { id } } }));
  }
});

describe("whose alert it is", () => {
  const endpoints = [getAlert, ackAlert, resolveAlert];
  test("a stranger's alert and an unknown id answer alike", async () => {
    for (const endpoint of endpoints) {
      const stranger = doctorActor();
      const wrong = await world.api.call(endpoint, { actor: stranger, params: { id } });
      const unknown = await world.api.call(endpoint, { actor: stranger, params: { id: newId("alr", start) } });
      expectProblem(wrong, 404, "not-found");
      const { traceId: _, ...body } = wrong.json;
      expect(unknown.json).toMatchObject(body);
    }
    expectProblem(await world.api.call(getAlert, { actor: patientActor(), params: { id } }), 404, "not-found");
    expectProblem(await world.api.call(getAlert, { actor: world.doctor, params: { id: "alr_x" } }), 404, "not-found");
  });
  test("a colleague without a relationship is told so, and it is on record", async () => {
    const colleague = doctorActor({ clinicId: world.clinicId });
    for (const endpoint of endpoints)
      expectProblem(await world.api.call(endpoint, { actor: colleague, params: { id } }), 403, "care-relationship-required");
    const [row] = await world.database.owner`
      select count(*)::int as n from outbox where type = 'audit' and payload::jsonb ->> 'outcome' = 'denied' and payload like ${`%${colleague.accountId}%`}`;
    expect(row?.n).toBe(3);
    expect((await world.api.call(listAlerts, { actor: colleague })).json.items).toEqual([]);
    expectProblem(
      await world.api.call(listAlerts, { actor: colleague, query: { patientId: world.patientId } }),
      403,
      "care-relationship-required",
    );
    expectProblem(await world.api.call(listAlerts, { actor: doctorActor(), query: { patientId: world.patientId } }), 404, "not-found");
  });
  test("an ended relationship ends access", async () => {
    const former = newId("doc", start);
    await world.relate(former, world.patientId, world.clinicId, "2026-01-10T00:00:00Z");
    const actor = doctorActor({ clinicId: world.clinicId, doctorId: former });
    expectProblem(await world.api.call(getAlert, { actor, params: { id } }), 403, "care-relationship-required");
  });
  test("a stale mirror refuses doctors, not the patient themselves", async () => {
    world.mirror.isFresh = false;
    expectProblem(await world.api.call(getAlert, { actor: world.doctor, params: { id } }), 503, "mirror-stale");
    expect((await world.api.call(getAlert, { actor: patientActor(world.patientId), params: { id } })).status).toBe(200);
    world.mirror.isFresh = true;
  });
  test("wrong queries are refused without a fault", async () => {
    for (const query of [
      { status: "wide" },
      { limit: 0 },
      { cursor: "x'--" },
      { from: "yesterday" },
      { from: "0000-01-01T00:00:00Z" },
      { patientId: "1" },
    ]) {
      expectProblem(await world.api.call(listAlerts, { actor: world.doctor, query }), 422, "invalid-input");
    }
    expectProblem(await world.api.call(listAlerts, { actor: world.doctor, query: { admin: 1 } }), 422, "unknown-field");
  });
});

test("row-level security: without a grant, or with another patient's, no protected row is seen or written", async () => {
  const tables = ["alerts", "alert_history", "engine_states", "engine_blocks", "hand_closures"];
  for (const table of tables) {
    for (const granted of [grant.public(), grant.patients([newId("pat", start)])]) {
      const rows = await world.database.db.transaction(granted, (tx) => tx.execute(sql.raw(`select 1 from ${table}`)));
      expect(rows).toHaveLength(0);
    }
    const [flags] = await world.database.owner`select relrowsecurity, relforcerowsecurity from pg_class where relname = ${table}`;
    expect(flags).toEqual({ relrowsecurity: true, relforcerowsecurity: true });
  }
  const changed = await world.database.db.transaction(grant.patients([newId("pat", start)]), (tx) =>
    tx.execute(sql`update alerts set status = 'resolved' returning 1`),
  );
  expect(changed).toHaveLength(0);
});
