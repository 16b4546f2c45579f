import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { listQuality } from "../src/storage/quality.ts";
import { alertData, frame, ids, makeWorld, noonMs, visit, type World } from "./world.ts";

const day = "2026-11-18";
let world: World;
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world.close());

const vitals = () =>
  world.database
    .owner`select day::text as day, patient_id, signal, unit, n::int as n, min, mean, max from mart.vitals_daily order by day, patient_id, signal`;

test("each landed range of readings is told once, with what it holds of each device and boot, when it is durable", async () => {
  const own = await makeWorld();
  await own.publishReadings([
    frame(0, [["8867-4", 60, noonMs]]),
    frame(1, [
      ["8867-4", 61, noonMs + 1000],
      ["8867-4", 62, noonMs - 86_400_000],
    ]),
  ]);
  await own.publishReadings([frame(0, [["8867-4", 63, noonMs + 2000]], { boot: "b2" }), frame(2, [])]);
  await own.publish("appointment.booked", visit("2026-11-20T09:00:00.000Z"));
  await own.run("bronze");
  await own.run("bronze");
  const told = async () =>
    (await own.database.owner`select payload from outbox where type = 'pipeline.readings-landed' order by seq`).map(
      ({ payload }) => JSON.parse(payload).data,
    );
  expect(await told()).toMatchObject([
    {
      firstSeq: 1,
      lastSeq: 2,
      counts: [
        { deviceId: ids.device, boot: "b1", readings: 3 },
        { deviceId: ids.device, boot: "b2", readings: 1 },
      ],
    },
  ]);
  const [row] = await own.database.owner`select checkpoint::int as checkpoint from landing where stream = 'READINGS' and checkpoint > 0`;
  expect(row?.checkpoint).toBe(2);
  await own.close();
});

describe("the facts of a day reach gold, once", () => {
  test("readings, alerts and visits are landed, built and published", async () => {
    await world.publishReadings([
      frame(0, [
        ["8867-4", 60, noonMs],
        ["8867-4", 80, noonMs + 1000],
        ["59408-5", 97, noonMs],
        ["59408-5", 255, noonMs + 1000, "implausible"],
      ]),
    ]);
    const words: Parameters<typeof frame>[1] = [
      ["67775-7", 2, noonMs],
      ["99504-3", 39, noonMs],
      ["99504-3", 10, noonMs + 1000, "sensor-fault"],
    ];
    await world.publishReadings([frame(0, [["8867-4", 70, noonMs], ...words], { patientId: ids.other })]);
    const alert = alertData("2026-11-18T12:00:30.000Z");
    await world.publish("alert.raised", alert);
    await world.publish("alert.acked", { ...alert, status: "acked", ackedAt: "2026-11-18T12:02:00.500Z" });
    const acked = { ...alert, status: "acked", ackedAt: "2026-11-18T12:02:00.500Z" } as const;
    await world.publish("alert.commented", acked);
    await world.publish("alert.snoozed", { ...acked, snoozedUntil: "2026-11-18T12:17:00.000Z" });
    await world.publish("alert.snooze-ended", { ...acked, reason: "time" });
    await world.publish("alert.ack-expired", alert);
    await world.publish("alert.assigned", alert);
    await world.publish("alert.raised", alertData("2026-11-18T13:00:00.000Z", { severity: "warning" }));
    const withdrawn = alertData("2026-11-18T14:00:00.000Z");
    await world.publish("alert.raised", withdrawn);
    await world.publish("alert.withdrawn", { ...withdrawn, status: "withdrawn" });
    const kept = visit("2026-11-20T09:00:00.000Z");
    const cancelled = visit("2026-11-21T09:00:00.000Z");
    await world.publish("appointment.booked", kept);
    await world.publish("appointment.booked", cancelled);
    await world.publish("appointment.cancelled", { ...cancelled, by: "patient" }, { atMs: noonMs + 1000 });
    // Cancelled, and taken back.
    const restored = visit("2026-11-21T10:00:00.000Z");
    await world.publish("appointment.booked", restored);
    await world.publish("appointment.cancelled", { ...restored, by: "clinic" }, { atMs: noonMs + 1000 });
    const undone = { from: "cancelled", to: "booked", undone: true, bookedAt: new Date(noonMs).toISOString() } as const;
    await world.publish("appointment.status-changed", { ...restored, ...undone }, { atMs: noonMs + 2000 });
    // Moved to the next week, and there told to have come: it counts there, and no longer here.
    const away = visit("2026-11-20T10:00:00.000Z");
    await world.publish("appointment.booked", away);
    const from = { doctorId: away.doctorId, start: away.start, end: away.end };
    const there = { ...away, start: "2026-11-25T10:00:00.000Z", end: "2026-11-25T10:20:00.000Z" };
    const bookedAt = new Date(noonMs).toISOString();
    await world.publish("appointment.moved", { ...there, from, by: "patient", bookedAt, sequence: 1 }, { atMs: noonMs + 1000 });
    await world.publish("appointment.status-changed", { ...there, from: "booked", to: "arrived", undone: false, bookedAt });

    const run = await world.run("all");
    expect(run).toMatchObject({ status: "done", stage: "all", day, changed: true });
    expect(await vitals()).toMatchObject([
      { day, patient_id: ids.patient, signal: "heart-rate", unit: "/min", n: 2, min: 60, mean: 70, max: 80 },
      { day, patient_id: ids.patient, signal: "spo2", unit: "%", n: 1, min: 97, mean: 97, max: 97 },
      { day, patient_id: ids.other, signal: "heart-rate", unit: "/min", n: 1, min: 70, mean: 70, max: 70 },
      { day, patient_id: ids.other, signal: "interstitial-glucose", unit: "mg/dL", n: 1, min: 39, mean: 39, max: 39 },
      { day, patient_id: ids.other, signal: "responsiveness", unit: "1", n: 1, min: 2, mean: 2, max: 2 },
    ]);
    const alerts = await world.database
      .owner`select severity, n::int as n, acked::int as acked, ack_seconds from mart.alerts_daily order by severity`;
    expect([...alerts]).toEqual([
      { severity: "critical", n: 1, acked: 1, ack_seconds: [90.5] },
      { severity: "warning", n: 1, acked: 0, ack_seconds: [] },
    ]);
    const weeks = await world.database
      .owner`select week_start::text as week, doctor_id, booked::int as booked, cancelled::int as cancelled from mart.appointments_weekly order by week`;
    expect([...weeks]).toEqual([
      { week: "2026-11-16", doctor_id: ids.doctor, booked: 3, cancelled: 1 },
      { week: "2026-11-23", doctor_id: ids.doctor, booked: 1, cancelled: 0 },
    ]);
    expect(await world.database.owner`select at from mart.built`).toHaveLength(1);
  });

  test("every quality check ran and found nothing", async () => {
    const results = await listQuality(world.deps.db, 200);
    expect(results.length).toBeGreaterThanOrEqual(9);
    expect(results.filter((result) => result.offending > 0)).toEqual([]);
  });

  test("running again changes nothing: no row, no file, no time of writing", async () => {
    const before = await world.files();
    world.clock.advance(60_000);
    for (const asked of [undefined, day, "2026-11-20"]) {
      expect(await world.run("all", asked)).toMatchObject({ status: "done", changed: false });
    }
    expect(await world.files()).toEqual(before);
    expect(Object.keys(before).length).toBeGreaterThan(10);
  });

  test("an object that was lost is built again, byte for byte", async () => {
    const before = await world.files();
    const key = `silver/readings/day=${day}.parquet`;
    await world.deps.lake.delete(key);
    expect(await world.run("silver", day)).toMatchObject({ status: "done", changed: true });
    expect((await world.files())[key]?.sha256).toBe(before[key]?.sha256);
    expect(await world.run("all", day)).toMatchObject({ changed: false });
  });

  test("duplicates change nothing; a corrected value is a new version and stands", async () => {
    await world.publishReadings([frame(0, [["8867-4", 60, noonMs]])]);
    expect(await world.run("all")).toMatchObject({ status: "done", changed: false });
    await world.publishReadings([frame(7, [["8867-4", 64, noonMs]])]);
    await world.publishReadings([frame(0, [["8867-4", 60, noonMs]])]);
    expect(await world.run("all")).toMatchObject({ status: "done", changed: true });
    expect((await vitals())[0]).toMatchObject({ signal: "heart-rate", n: 2, min: 64, mean: 72, max: 80 });
  });

  test("a late fact re-runs the old day it is about, and only that one", async () => {
    const late = Date.parse("2026-11-10T08:00:00Z");
    await world.publishReadings([frame(8, [["8867-4", 55, late]])]);
    const before = await world.files();
    expect(await world.run("all")).toMatchObject({ status: "done", changed: true });
    expect((await vitals())[0]).toMatchObject({ day: "2026-11-10", n: 1, mean: 55 });
    const after = await world.files();
    const touched = Object.keys(after).filter((key) => after[key]?.writtenAtMs !== before[key]?.writtenAtMs);
    expect(touched.filter((key) => !/2026-11-(10|09)/.test(key))).toEqual([]);
  });

  test("a run for a day takes what arrived on it, whatever day it is about", async () => {
    await world.publish("appointment.booked", visit("2026-12-01T09:00:00.000Z"));
    expect(await world.run("all", day)).toMatchObject({ status: "done", changed: true });
    expect(await world.database.owner`select 1 from mart.appointments_weekly where week_start = '2026-11-30'`).toHaveLength(1);
  });

  test("days are cut by the clinic's zone", async () => {
    const clinic = {
      clinicId: ids.clinic,
      name: "Cabinet Sèvres",
      zone: "America/Montreal",
      city: "M",
      address: "1 rue X",
      phone: "0102030405",
      lat: 45,
      lng: -73,
    };
    await world.publish("clinic.changed", clinic);
    await world.publishReadings([frame(20, [["8867-4", 90, Date.parse("2026-11-17T02:00:00Z")]])]);
    await world.run("all");
    expect(await vitals()).toContainEqual(expect.objectContaining({ day: "2026-11-16", n: 1, mean: 90 }));
    expect(JSON.stringify(await world.database.owner`select * from clinic_zones`)).not.toContain("Sèvres");
  });

  test("the lake holds no name, address or phone number", async () => {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const rows = await connection.runAndReadAll(
      `select string_agg(data, ' ') from read_parquet('${world.folder}/bronze/events/*/*/*.parquet')`,
    );
    const text = String(rows.getRows()[0]?.[0]);
    connection.closeSync();
    instance.closeSync();
    expect(text).toContain("America/Montreal");
    expect(text).not.toMatch(/Sèvres|rue X|0102030405/);
  });

  test("a message that is no envelope goes to the dead letters and holds nothing up", async () => {
    await world.publishRaw("readings.0", "{not json");
    await world.publishRaw("events.appointment.booked.v1", '{"id":"x"}');
    await world.publishReadings([frame(30, [["8867-4", 61, noonMs + 5000]])]);
    expect(await world.run("all")).toMatchObject({ status: "done", changed: true });
    expect(await world.deadLetters()).toBe(2);
  });

  test("gold_reader reads the views and nothing else", async () => {
    const asReader = (query: string) =>
      world.database.owner.begin(async (tx) => {
        await tx`set local role gold_reader`;
        return [...(await tx.unsafe(query))];
      });
    expect((await asReader("select count(*)::int as n from mart.vitals_daily"))[0]?.n).toBeGreaterThan(0);
    expect(asReader("select 1 from public.vitals_daily")).rejects.toThrow("permission denied");
    expect(asReader("select 1 from runs")).rejects.toThrow("permission denied");
  });
});
