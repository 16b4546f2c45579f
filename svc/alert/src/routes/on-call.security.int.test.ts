import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { getOnCall, putOnCall } from "@episante/contracts/on-call";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { adminActor, doctorActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { sql } from "drizzle-orm";
import { addPerson, makeWorld, start, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());
const empty = { chains: { critical: [], warning: [] }, rota: { weekly: [], exceptions: [] }, quiet: null };

describe("refusals every endpoint gives", () => {
  refusals(getOnCall, async () => ({ harness: world.api, accepted: { actor: world.doctor } }));
  refusals(putOnCall, async () => ({ harness: world.api, accepted: { actor: world.doctor, body: empty } }));
});

describe("whose setting it is", () => {
  test("a foreign clinic's is neither read nor written, and answers like an unknown one", async () => {
    for (const actor of [doctorActor(), adminActor()]) {
      for (const clinicId of [world.clinicId, newId("cli", start)]) {
        expectProblem(await world.api.call(getOnCall, { actor, query: { clinicId } }), 404, "not-found");
        expectProblem(await world.api.call(putOnCall, { actor, body: { ...empty, clinicId } }), 404, "not-found");
      }
      expect((await world.api.call(getOnCall, { actor })).json.clinicId).not.toBe(world.clinicId);
    }
  });
  test("accounts that are no active members of the clinic are refused where they are named, and nothing is written", async () => {
    const [former, elsewhere, unknown] = [newId("acc", start), newId("acc", start), newId("acc", start)];
    await addPerson(world, former, { status: "ended" });
    await addPerson(world, elsewhere, { clinicId: newId("cli", start) });
    const before = (await world.api.call(getOnCall, { actor: world.doctor })).json;
    const turn = { day: 1, from: "08:00", to: "20:00", accountId: elsewhere };
    const answer = await world.api.call(putOnCall, {
      actor: world.doctor,
      body: {
        ...empty,
        chains: { critical: [{ to: former, afterSeconds: 0 }], warning: [{ to: unknown, afterSeconds: 0 }] },
        rota: { weekly: [turn], exceptions: [] },
      },
    });
    expectProblem(answer, 422, "invalid-input");
    expect(answer.json.errors.map(({ path }: { path: string }) => path)).toEqual([
      "chains.critical.0.to",
      "chains.warning.0.to",
      "rota.weekly.0.accountId",
    ]);
    expect((await world.api.call(getOnCall, { actor: world.doctor })).json).toEqual(before);
  });
  test("times, zones, orders and lengths that cannot be are refused without a fault", async () => {
    const { accountId } = world.doctor;
    await addPerson(world, accountId);
    const turn = { day: 1, from: "08:00", to: "20:00", accountId };
    const step = { to: "on-call", afterSeconds: 0 };
    const exception = { from: "2026-01-15T18:00:00Z", to: "2026-01-15T17:00:00Z", accountId };
    const quiet = { from: "22:00", to: "07:00", severities: ["warning"] };
    for (const wrong of [
      { chains: { critical: [{ ...step, afterSeconds: -1 }], warning: [] } },
      { chains: { critical: [{ ...step, afterSeconds: 300 }, step], warning: [] } },
      { chains: { critical: [{ ...step, to: "everybody" }], warning: [] } },
      { chains: { critical: Array(21).fill(step), warning: [] } },
      { chains: { critical: [] } },
      { rota: { weekly: [{ ...turn, day: 0 }], exceptions: [] } },
      { rota: { weekly: [{ ...turn, to: "24:00" }], exceptions: [] } },
      { rota: { weekly: [{ ...turn, from: "8:00" }], exceptions: [] } },
      { rota: { weekly: [], exceptions: [exception] } },
      { quiet: { ...quiet, severities: ["critical"] } },
      { quiet: { ...quiet, severities: [] } },
      { quiet: { ...quiet, to: "22:00" } },
      { zone: "Paris" },
    ])
      expectProblem(await world.api.call(putOnCall, { actor: world.doctor, body: { ...empty, ...wrong } as never }), 422, "invalid-input");
  });
});

test("row-level security: without a grant, or with another clinic's or patient's, no row of settings, pages or chains is seen", async () => {
  expect((await world.api.call(putOnCall, { actor: world.doctor, body: empty })).status).toBe(200);
  for (const table of ["on_call", "pages", "page_lines", "page_holds", "escalations"]) {
    for (const granted of [grant.public(), grant.clinics([newId("cli", start)]), grant.patients([newId("pat", start)])]) {
      const rows = await world.database.db.transaction(granted, (tx) => tx.execute(sql.raw(`select 1 from ${table}`)));
      expect(rows).toHaveLength(0);
    }
    const [flags] = await world.database.owner`select relrowsecurity, relforcerowsecurity from pg_class where relname = ${table}`;
    expect(flags).toEqual({ relrowsecurity: true, relforcerowsecurity: true });
  }
  const own = await world.database.db.transaction(grant.clinics([world.clinicId]), (tx) => tx.execute(sql`select 1 from on_call`));
  expect(own).toHaveLength(1);
});
