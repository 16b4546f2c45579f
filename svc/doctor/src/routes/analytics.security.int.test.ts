import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { analyticsAlerts, analyticsAppointments, analyticsOverview, analyticsVitals } from "@episante/contracts/doctor";
import type { Endpoint } from "@episante/contracts/endpoint";
import { newId } from "@episante/service/ids";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { refusals } from "@episante/testkit/refusals";
import { directoryWorld, startMs, type World } from "../../test/world.ts";

let gold: TestDatabase;
let world: World;
let doctor: Awaited<ReturnType<World["join"]>>;
const [mine, ended, strangers] = [newId("pat", startMs), newId("pat", startMs), newId("pat", startMs)];

beforeAll(async () => {
  gold = await testDatabase({ migrations: "svc/doctor/migrations" });
  world = await directoryWorld({ gold: gold.db });
  doctor = await world.join("Zoé", "Lefèvre");
  const treat = (patientId: typeof mine, until?: string) =>
    world.receive("relationship.changed", {
      relationshipId: newId("rel", startMs),
      patientId,
      doctorId: doctor.doctorId,
      clinicId: world.clinicId,
      from: "2026-11-01T00:00:00Z",
      ...(until ? { until } : {}),
    });
  await treat(mine);
  await treat(ended, "2026-11-20T00:00:00Z");
});
afterAll(async () => {
  await world.close();
  await gold.close();
});

const ask = (endpoint: Endpoint, query: Record<string, string> = {}) => world.harness.call(endpoint, { actor: doctor, query });

/** The views as the pipeline builds them, filled with the rows of a treated patient, one whose treatment ended, and a stranger. */
async function buildGold(): Promise<void> {
  await gold.owner.unsafe(`
    create schema mart;
    create table mart.vitals_daily (day date, patient_id text, signal text, unit text, n bigint, min double precision, mean double precision, max double precision);
    create table mart.alerts_daily (day date, patient_id text, severity text, n bigint, acked bigint, ack_seconds double precision[]);
    create table mart.appointments_weekly (week_start date, doctor_id text, booked bigint, cancelled bigint);
    create table mart.built (at timestamptz);
    grant usage on schema mart to app; grant select on all tables in schema mart to app;`);
  for (const patient of [mine, ended, strangers]) {
    await gold.owner`insert into mart.vitals_daily values ('2026-11-20', ${patient}, 'spo2', '%', 10, 90, 95, 99), ('2026-11-21', ${patient}, 'spo2', '%', 30, 91, 97, 100)`;
    await gold.owner`insert into mart.alerts_daily values ('2026-11-20', ${patient}, 'critical', 3, 2, '{10,30}'), ('2026-11-21', ${patient}, 'critical', 1, 0, '{}')`;
  }
  await gold.owner`insert into mart.appointments_weekly values ('2026-11-16', ${doctor.doctorId}, 12, 2), ('2026-11-16', ${newId("doc", startMs)}, 99, 9)`;
  await gold.owner`insert into mart.built values ('2026-11-22T03:00:00Z')`;
}

describe("figures", () => {
  test("are empty before the warehouse was built, without a time", async () => {
    for (const endpoint of [analyticsVitals, analyticsAlerts, analyticsAppointments]) {
      expect(await ask(endpoint)).toMatchObject({ status: 200, json: { items: [] } });
      expect((await ask(endpoint)).json.asOf).toBeUndefined();
    }
    expect((await ask(analyticsOverview)).json).toEqual({ readings: 0, alerts: 0, appointments: 0, patients: 1 });
  });

  test("cover the patients treated now and nobody else", async () => {
    await buildGold();
    const asOf = "2026-11-22T03:00:00.000Z";
    expect((await ask(analyticsVitals)).json).toEqual({
      asOf,
      items: [
        { day: "2026-11-20", signal: "spo2", unit: "%", n: 10, min: 90, mean: 95, max: 99 },
        { day: "2026-11-21", signal: "spo2", unit: "%", n: 30, min: 91, mean: 97, max: 100 },
      ],
    });
    expect((await ask(analyticsAlerts)).json.items).toEqual([
      { day: "2026-11-20", severity: "critical", n: 3, acked: 2, medianAckSeconds: 20 },
      { day: "2026-11-21", severity: "critical", n: 1, acked: 0 },
    ]);
    expect((await ask(analyticsAppointments)).json.items).toEqual([{ weekStart: "2026-11-16", booked: 12, cancelled: 2 }]);
    expect((await ask(analyticsOverview)).json).toEqual({
      asOf,
      readings: 40,
      alerts: 4,
      medianAckSeconds: 20,
      appointments: 12,
      patients: 1,
    });
    expect((await ask(analyticsVitals, { from: "2026-11-21", to: "2026-11-21" })).json.items).toHaveLength(1);
  });

  test("of one patient need a treatment that lasts", async () => {
    expect((await ask(analyticsVitals, { patientId: mine })).status).toBe(200);
    for (const patientId of [ended, strangers]) expect((await ask(analyticsVitals, { patientId })).json.code).toBe("not-found");
  });

  test("are refused while the relationships may be out of date, and for a period without sense", async () => {
    world.setFresh(false);
    expect((await ask(analyticsVitals)).json.code).toBe("mirror-stale");
    world.setFresh(true);
    expect((await ask(analyticsVitals, { from: "2026-11-21", to: "2026-11-20" })).json.code).toBe("invalid-input");
    expect((await ask(analyticsVitals, { from: "0000-01-01", to: "0000-01-02" })).json.code).toBe("invalid-input");
  });

  test("leave a record of whose data was read", async () => {
    const [record] = await world.database
      .owner`select payload from outbox where payload like '%doctor.analytics-vitals%' and payload like ${`%${mine}%`}`;
    expect(JSON.parse(record?.payload)).toMatchObject({ outcome: "ok", patientIds: [mine] });
  });
});

for (const endpoint of [analyticsOverview, analyticsVitals, analyticsAlerts, analyticsAppointments]) {
  refusals(endpoint, async () => ({ harness: world.harness, accepted: { actor: doctor } }));
}
