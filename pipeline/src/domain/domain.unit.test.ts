import { expect, test } from "bun:test";
import fc from "fast-check";
import { bronzeKey, rowsOfEvent } from "./bronze.ts";
import { addDays, dayIn, daysOfWeek, weekOf } from "./days.ts";
import { isCurrent, type Manifest, readManifest, writeManifest } from "./manifest.ts";

test("days turn at local midnight, also on the days the clocks change (Europe/Paris)", () => {
  expect(dayIn("Europe/Paris", Date.parse("2026-03-28T22:59:59.999Z"))).toBe("2026-03-28");
  expect(dayIn("Europe/Paris", Date.parse("2026-03-28T23:00:00Z"))).toBe("2026-03-29");
  expect(dayIn("Europe/Paris", Date.parse("2026-03-29T21:59:59.999Z"))).toBe("2026-03-29");
  expect(dayIn("Europe/Paris", Date.parse("2026-03-29T22:00:00Z"))).toBe("2026-03-30");
  expect(dayIn("Asia/Kathmandu", Date.parse("2026-03-29T18:15:00Z"))).toBe("2026-03-30");
});

test("remembered days equal fresh ones", () => {
  const zones = fc.constantFrom("Europe/Paris", "America/St_Johns", "Pacific/Apia", "UTC");
  fc.assert(
    fc.property(zones, fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2030, 0) }), (zone, ms) => {
      const fresh = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(ms);
      return dayIn(zone, ms) === fresh;
    }),
  );
});

test("every day lies in the week that starts on its Monday", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_000 }), (offset) => {
      const day = addDays("2000-01-01", offset);
      const monday = weekOf(day);
      return new Date(`${monday}T00:00:00Z`).getUTCDay() === 1 && daysOfWeek(monday).includes(day);
    }),
  );
});

test("names of bronze objects sort as their sequences do and never collide", () => {
  const place = { stream: "READINGS", partition: 3, day: "2026-01-02" } as const;
  expect(bronzeKey({ ...place, firstSeq: 7, lastSeq: 12 })).toBe("bronze/readings/day=2026-01-02/p03/000000000007-000000000012.parquet");
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), (a, b) => {
      const [x, y] = [bronzeKey({ ...place, firstSeq: a, lastSeq: a }), bronzeKey({ ...place, firstSeq: b, lastSeq: b })];
      return Math.sign(a - b) === (x < y ? -1 : x > y ? 1 : 0);
    }),
  );
});

test("a manifest survives writing, and equal facts are equal text", () => {
  const manifest: Manifest = {
    v: 1,
    stage: "silver",
    part: "2026-01-02",
    inputs: { b: "2", a: "1" },
    sql: { "x.sql": "3" },
    outputs: { o: { sha256: "4", rows: 5 } },
    rowsIn: 6,
  };
  expect(readManifest(writeManifest(manifest))).toEqual(manifest);
  expect(writeManifest({ ...manifest, inputs: { a: "1", b: "2" } })).toBe(writeManifest(manifest));
  expect(isCurrent(manifest, { a: "1", b: "2" }, { "x.sql": "3" })).toBe(true);
  expect(isCurrent(manifest, { a: "1", b: "9" }, { "x.sql": "3" })).toBe(false);
  expect(isCurrent(manifest, { a: "1" }, { "x.sql": "3" })).toBe(false);
  expect(readManifest('{"v":1,"stage":"sil')).toBeNull();
});

test("the pipeline's own events are not landed: they would make every run due for another", () => {
  const event = {
    id: `evt_${"0".repeat(32)}`,
    type: "pipeline.run-finished",
    version: 1,
    at: "2026-01-02T00:00:00Z",
    actor: { kind: "system" },
    data: { runId: `run_${"0".repeat(32)}`, stage: "all", day: "2026-01-02", changed: true },
  };
  expect(rowsOfEvent(1, event, () => "2026-01-02")).toEqual([]);
  expect(() => rowsOfEvent(1, { ...event, type: "nobody.knows" }, () => "2026-01-02")).toThrow();
});
