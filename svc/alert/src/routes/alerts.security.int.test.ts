import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  ackAlert,
  assignAlert,
  commentAlert,
  endSnooze,
  getAckExpiry,
  getAlert,
  listAlerts,
  listAssignees,
  putAckExpiry,
  resolveAlert,
  snoozeAlert,
} from "@episante/contracts/alert";
import { alertLoad } from "@episante/contracts/alert-load";
import type { AlertId } from "@episante/contracts/ids";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { adminActor, doctorActor, patientActor } from "@episante/testkit/actors";
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
  for (const endpoint of [getAlert, ackAlert, resolveAlert, endSnooze, listAssignees]) {
    refusals(endpoint, async () => ({ harness: world.api, accepted: { actor: world.doctor, params: { id } } }));
  }
  refusals(snoozeAlert, async () => ({ harness: world.api, accepted: { actor: world.doctor, params: { id }, body: { minutes: 15 } } }));
  refusals(commentAlert, async () => ({ harness: world.api, accepted: { actor: world.doctor, params: { id }, body: { text: "seen" } } }));
  const to = newId("doc", start);
  refusals(assignAlert, async () => ({ harness: world.api, accepted: { actor: world.doctor, params: { id }, body: { to } } }));
  const query = { from: new Date(start).toISOString(), to: new Date(start + 86_400_000).toISOString() };
  refusals(alertLoad, async () => ({ harness: world.api, accepted: { actor: world.doctor, query } }));
  refusals(getAckExpiry, async () => ({ harness: world.api, accepted: { actor: world.doctor } }));
  const body = { criticalMinutes: 60, warningMinutes: null };
  refusals(putAckExpiry, async () => ({ harness: world.api, accepted: { actor: world.doctor, body } }));
});

describe("whose alert it is", () => {
  const to = newId("doc", start);
  const verbs = [
    [getAlert, {}],
    [ackAlert, {}],
    [resolveAlert, {}],
    [listAssignees, {}],
    [snoozeAlert, { body: { minutes: 15 } }],
    [endSnooze, {}],
    [assignAlert, { body: { to } }],
    [commentAlert, { body: { text: "seen" } }],
  ] as const;
  test("a stranger's alert and an unknown id answer alike", async () => {
    for (const [endpoint, more] of verbs) {
      const stranger = doctorActor();
      const wrong = await world.api.call(endpoint, { actor: stranger, params: { id }, ...more });
      const unknown = await world.api.call(endpoint, { actor: stranger, params: { id: newId("alr", start) }, ...more });
      expectProblem(wrong, 404, "not-found");
      const { traceId: _, ...body } = wrong.json;
      expect(unknown.json).toMatchObject(body);
    }
    expectProblem(await world.api.call(getAlert, { actor: patientActor(), params: { id } }), 404, "not-found");
    expectProblem(await world.api.call(getAlert, { actor: world.doctor, params: { id: "alr_x" } }), 404, "not-found");
  });
  test("a colleague without a relationship is told so, and it is on record", async () => {
    const colleague = doctorActor({ clinicId: world.clinicId });
    for (const [endpoint, more] of verbs)
      expectProblem(await world.api.call(endpoint, { actor: colleague, params: { id }, ...more }), 403, "care-relationship-required");
    const [row] = await world.database.owner`
      select count(*)::int as n from outbox where type = 'audit' and payload::jsonb ->> 'outcome' = 'denied' and payload like ${`%${colleague.accountId}%`}`;
    expect(row?.n).toBe(verbs.length);
    expect((await world.api.call(listAlerts, { actor: colleague })).json.items).toEqual([]);
    expectProblem(
      await world.api.call(listAlerts, { actor: colleague, query: { patientId: world.patientId } }),
      403,
      "care-relationship-required",
    );
    expectProblem(await world.api.call(listAlerts, { actor: doctorActor(), query: { patientId: world.patientId } }), 404, "not-found");
  });
  test("a page that is over, of another patient or another clinic, or to somebody who left opens no verb", async () => {
    const colleague = doctorActor({ clinicId: world.clinicId });
    const [soon, over] = [start + 3_600_000, start - 1].map((ms) => new Date(ms).toISOString()) as [string, string];
    const grants = [
      { clinicId: world.clinicId, patientId: world.patientId, until: over, isActive: true },
      { clinicId: world.clinicId, patientId: newId("pat", start), until: soon, isActive: true },
      { clinicId: newId("cli", start), patientId: world.patientId, until: soon, isActive: true },
      { clinicId: world.clinicId, patientId: world.patientId, until: soon, isActive: false },
    ];
    for (const { clinicId, patientId, until, isActive } of grants) {
      await world.database.owner`delete from paged_grants`;
      await world.database.owner`delete from clinic_doctors`;
      await world.database.owner`insert into paged_grants values (${colleague.accountId}, ${clinicId}, ${patientId}, ${until})`;
      await world.database.owner`
        insert into clinic_doctors values (${newId("mbr", start)}, ${colleague.accountId}, ${newId("doc", start)}, ${clinicId}, ${isActive}, now())`;
      for (const [endpoint, more] of verbs)
        expectProblem(await world.api.call(endpoint, { actor: colleague, params: { id }, ...more }), 403, "care-relationship-required");
    }
    await world.database.owner`delete from paged_grants`;
    await world.database.owner`delete from clinic_doctors`;
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
  test("what a refused verb would have written is not there", async () => {
    const rows = await world.database.owner`select 1 from alert_history where account_id is null and action not in ('raised')`;
    expect(rows).toHaveLength(0);
    const strangers = await world.database.owner`
      select 1 from alert_history where account_id is not null and account_id <> ${world.doctor.accountId}`;
    expect(strangers).toHaveLength(0);
  });
  test("how long an acknowledgement counts is a matter of one's own clinic, and of minutes", async () => {
    const body = { criticalMinutes: 30, warningMinutes: null };
    const foreign = doctorActor();
    expectProblem(await world.api.call(putAckExpiry, { actor: foreign, body: { ...body, clinicId: world.clinicId } }), 404, "not-found");
    expectProblem(await world.api.call(getAckExpiry, { actor: foreign, query: { clinicId: world.clinicId } }), 404, "not-found");
    for (const criticalMinutes of [0, 4, 1441, 30.5, "30"])
      expectProblem(
        await world.api.call(putAckExpiry, { actor: world.doctor, body: { ...body, criticalMinutes } as never }),
        422,
        "invalid-input",
      );
    expectProblem(
      await world.api.call(putAckExpiry, { actor: world.doctor, body: { criticalMinutes: 30 } as never }),
      422,
      "invalid-input",
    );
    expect((await world.api.call(getAckExpiry, { actor: foreign })).json).toMatchObject({ criticalMinutes: 60, warningMinutes: 240 });
  });
  test("snoozes of other lengths than a quarter of an hour to four hours, and people who are no doctors, are refused", async () => {
    for (const minutes of [0, 14, 241, 20.5, -15, "15", null])
      expectProblem(
        await world.api.call(snoozeAlert, { actor: world.doctor, params: { id }, body: { minutes } as never }),
        422,
        "invalid-input",
      );
    for (const someone of [world.doctor.accountId, "doc_1", ""])
      expectProblem(
        await world.api.call(assignAlert, { actor: world.doctor, params: { id }, body: { to: someone as never } }),
        422,
        "invalid-input",
      );
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

test("row-level security: a patient in one clinic shows that clinic's alerts and what hangs on them, of no other clinic, and no samples", async () => {
  const { patientId, clinicId } = world;
  const seen = async (pair: { patientId: string; clinicId: string }) =>
    world.database.db.transaction(grant.patients([], { pairs: [pair], reason: "paged" }), async (tx) => {
      const tables = ["alerts", "alert_history", "engine_states", "engine_blocks"];
      const rows = [];
      for (const table of tables) rows.push((await tx.execute(sql.raw(`select patient_id from ${table}`))).length > 0);
      return rows;
    });
  await world.database.owner`
    insert into engine_blocks (patient_id, rule_id, to_at, block) values (${patientId}, ${world.ruleId}, now(), 'x') on conflict do nothing`;
  expect(await seen({ patientId, clinicId })).toEqual([true, true, true, false]);
  for (const stranger of [
    { patientId, clinicId: newId("cli", start) },
    { patientId: newId("pat", start), clinicId },
  ])
    expect(await seen(stranger)).toEqual([false, false, false, false]);
});

describe("the load of alerts", () => {
  const query = { from: new Date(start).toISOString(), to: new Date(start + 86_400_000).toISOString() };
  const load = (actor: ReturnType<typeof doctorActor>, more: object = {}) =>
    world.api.call(alertLoad, { actor, query: { ...query, ...more } });
  test("another clinic's counts are nobody else's; a clinic that is named must be one's own", async () => {
    const stranger = await load(doctorActor());
    expect(stranger.json).toMatchObject({ alerts: 0, patients: 0, topPatients: [], topRules: [] });
    expectProblem(await load(doctorActor(), { clinicId: world.clinicId }), 404, "not-found");
  });
  test("everybody is counted; only those whom the caller treats are named, to an admin nobody", async () => {
    const colleague = await load(doctorActor({ clinicId: world.clinicId }));
    const admin = await load(adminActor(world.clinicId));
    const own = (await load(world.doctor)).json;
    expect(own.topPatients[0]).toMatchObject({ patientId: world.patientId });
    for (const { json, text } of [colleague, admin]) {
      expect([json.alerts, json.topPatients[0].alerts]).toEqual([own.alerts, own.topPatients[0].alerts]);
      expect(text).not.toContain("pat_");
    }
  });
});
