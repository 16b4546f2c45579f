import { expect, test } from "bun:test";
import type { DeviceEntry } from "@episante/contracts/device";
import { frameSchema } from "@episante/contracts/envelope";
import { isRefusal } from "@episante/contracts/problem";
import { maxAheadMs } from "@episante/contracts/reading";
import { loincCodes } from "@episante/contracts/signals";
import fc from "fast-check";
import { type Accepted, accept } from "./accept.ts";

const nowMs = Date.parse("2026-01-15T08:00:00Z");
const device: DeviceEntry = {
  deviceId: `dev_${"1".repeat(32)}`,
  patientId: `pat_${"2".repeat(32)}`,
  clinicId: `cli_${"3".repeat(32)}`,
  kind: "wearable",
  tokenHash: "",
};
const good = { code: "59408-5", value: 97, unit: "%", at: "2026-01-15T07:59:59Z" };
const batch = (readings: unknown[], more: object = {}) => ({ boot: "b", seq: 1, readings, ...more });
const accepted = (result: ReturnType<typeof accept>): Accepted => {
  if (isRefusal(result)) throw new Error(`refused: ${result.refused}`);
  return result;
};
const judge = (reading: object) => accepted(accept(batch([{ ...good, ...reading }]), device, nowMs)).refusedItems[0]?.code ?? "kept";

test("a good reading is kept in its canonical unit and with device time in ms", () => {
  const { frame } = accepted(accept(batch([{ ...good, code: "8310-5", value: 98.6, unit: "[degF]" }]), device, nowMs));
  const [code, signal, value, atMs] = frame.readings[0] ?? [];
  expect([code, signal, atMs]).toEqual(["8310-5", "body-temperature", nowMs - 1000]);
  expect(value).toBeCloseTo(37, 6);
  expect(frame.receivedAtMs).toBe(nowMs);
});

test("each kind of bad reading has its own code", () => {
  expect(judge({ code: "9999-9" })).toBe("unknown-code");
  expect(judge({ code: 8867 })).toBe("unknown-code");
  expect(judge({ code: "RMSSD", unit: "ms" })).toBe("unknown-code");
  expect(judge({ code: "80404-7", unit: "ms" })).toBe("kept");
  expect(judge({ unit: "mg/dL" })).toBe("unknown-unit");
  expect(judge({ unit: "toString" })).toBe("unknown-unit");
  expect(judge({ unit: undefined })).toBe("unknown-unit");
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, "97", null, undefined, true, [97]])
    expect(judge({ value })).toBe("not-a-number");
  for (const at of ["2161-01-01T00:00:00Z", "2026-01-15T08:05:00.001Z"]) expect(judge({ at })).toBe("time-in-future");
  expect(judge({ at: "1970-01-01T00:00:00Z" })).toBe("time-too-old");
  for (const at of ["yesterday", "2026-01-15", "2026-01-15T07:00:00", "2026-02-30T07:00:00Z", "2026-13-01T07:00:00Z", 1, null]) {
    expect(judge({ at })).toBe("invalid-input");
  }
  expect(judge({ note: "x" })).toBe("unknown-field");
  expect(judge({ at: "2026-01-15T08:05:00Z" })).toBe("kept");
  expect(judge({ at: "2026-01-15T09:00:00+01:00" })).toBe("kept");
});

test("words are kept as the numbers they stand for; a number, another word or another unit in their place is refused with the reason", () => {
  const kept = (reading: object) => accepted(accept(batch([{ at: good.at, ...reading }]), device, nowMs)).frame.readings[0]?.slice(0, 3);
  expect(kept({ code: "67775-7", value: "A" })).toEqual(["67775-7", "responsiveness", 0]);
  expect(kept({ code: "67775-7", value: "U", unit: "" })).toEqual(["67775-7", "responsiveness", 4]);
  expect(kept({ code: "80288-4", value: "C", unit: "{score}" })).toEqual(["80288-4", "responsiveness", 1]);
  expect(kept({ code: "3151-8", value: "o2", unit: "1" })).toEqual(["3151-8", "inhaled-oxygen", 1]);
  expect(kept({ code: "99504-3", value: "LO", unit: "mg/dL" })).toEqual(["99504-3", "interstitial-glucose", 39]);
  expect(kept({ code: "105272-9", value: "HI", unit: "mmol/L" })).toEqual(["105272-9", "interstitial-glucose", 401]);
  const acvpu = { code: "67775-7" };
  for (const value of ["a", "", "ALERT", "toString", 0, 2, null, undefined, ["A"], true])
    expect(judge({ ...acvpu, value })).toBe("unknown-value");
  for (const unit of ["%", "kg", 1, null]) expect(judge({ ...acvpu, value: "A", unit })).toBe("unknown-unit");
  expect(judge({ code: "3151-8", value: 2, unit: "L/min" })).toBe("unknown-value");
  expect(judge({ code: "99504-3", value: "LOW", unit: "mg/dL" })).toBe("unknown-value");
  expect(judge({ code: "99504-3", value: "LO", unit: "kg" })).toBe("unknown-unit");
  expect(judge({ code: "2339-0", value: "LO", unit: "mg/dL" })).toBe("not-a-number");
  expect(judge({ code: "99504-3", value: 120, unit: undefined })).toBe("unknown-unit");
});

test("a glucose monitor's fault codes are kept and flagged as such, whatever unit they come in", () => {
  const flags = (values: readonly number[], unit: string) =>
    accepted(accept(batch(values.map((value) => ({ ...good, code: "99504-3", value, unit }))), device, nowMs)).frame.readings.map(
      (one) => one[4],
    );
  expect(flags([0, 10, 12, 13, 39, 400, 401, 402], "mg/dL")).toEqual([
    ...["sensor-fault", "sensor-fault", "sensor-fault", "implausible"],
    ...[undefined, undefined, undefined, "implausible"],
  ] as ReturnType<typeof flags>);
  expect(flags([0, 5.5], "mmol/L")).toEqual(["sensor-fault", undefined]);
});

test("an implausible value is kept with its flag", () => {
  const { frame } = accepted(accept(batch([{ ...good, value: 20 }, { ...good, value: 101 }, good]), device, nowMs));
  expect(frame.readings.map((reading) => reading[4])).toEqual(["implausible", "implausible", undefined]);
});

test("readings of one instant are judged by each other, whatever their order: the diastolic is withheld, heart rate and pulse are only marked", () => {
  const flagsOf = (readings: [code: string, value: number, seconds?: number][]) => {
    const sent = readings.map(([code, value, seconds = 0]) => ({
      code,
      value,
      unit: code.startsWith("84") ? "mm[Hg]" : "/min",
      at: new Date(nowMs - 60_000 + seconds * 1000).toISOString(),
    }));
    return accepted(accept(batch(sent), device, nowMs)).frame.readings.map((one) => one[4] ?? null);
  };
  const [systolic, diastolic, heart, pulse] = ["8480-6", "8462-4", "8867-4", "8889-8"];
  expect(
    flagsOf([
      [systolic, 120],
      [diastolic, 80],
    ]),
  ).toEqual([null, null]);
  expect(
    flagsOf([
      [systolic, 80],
      [diastolic, 120],
    ]),
  ).toEqual([null, "implausible"]);
  expect(
    flagsOf([
      [diastolic, 120],
      [systolic, 120],
    ]),
  ).toEqual(["implausible", null]);
  // Another instant, or no partner: nothing to compare.
  expect(
    flagsOf([
      [systolic, 80],
      [diastolic, 120, 1],
      [diastolic, 130, 2],
    ]),
  ).toEqual([null, null, null]);
  expect(
    flagsOf([
      [heart, 150],
      [pulse, 119],
      [heart, 70, 1],
      [pulse, 100, 1],
    ]),
  ).toEqual(["disagreeing", "disagreeing", null, null]);
  // What its own gate withholds proves nothing about the other.
  expect(
    flagsOf([
      [heart, 0],
      [pulse, 90],
    ]),
  ).toEqual(["implausible", null]);
  expect(
    flagsOf([
      [systolic, 20],
      [diastolic, 60],
    ]),
  ).toEqual(["implausible", null]);
});

test("a device's clock against ours is told from sentAt or the newest reading, refused ones too; a backlog or a wrong date tells nothing", () => {
  const at = (seconds: number) => ({ ...good, at: new Date(nowMs + seconds * 1000).toISOString() });
  const skew = (readings: unknown[], more: object = {}, from = device) => accepted(accept(batch(readings, more), from, nowMs)).frame.skewMs;
  expect(skew([at(-3), at(-1), at(-2)])).toBe(-1_000);
  expect(skew([at(7_800)])).toBe(7_800_000);
  expect(skew([at(-1), { ...good, at: "2161-07-12T00:00:00Z" }])).toBe(-1_000);
  expect(skew([{ ...good, at: "2161-07-12T00:00:00Z" }])).toBeUndefined();
  expect(skew([at(-7_200)])).toBeUndefined();
  expect(skew([at(-7_200)], { sentAt: at(-600).at })).toBe(-600_000);
  expect(skew([at(0)], { sentAt: at(0).at }, { ...device, kind: "replay" })).toBeUndefined();
  const { frame } = accepted(accept(batch([at(7_800), { ...good, code: "1-1" }, good]), device, nowMs));
  expect([frame.refused, frame.readings.length, frame.receivedAtMs]).toEqual([2, 1, nowMs]);
});

test("bad frames are refused whole", () => {
  const code = (input: unknown) => {
    const result = accept(input, device, nowMs);
    return isRefusal(result) ? result.refused : "kept";
  };
  expect(code(batch([]))).toBe("empty-batch");
  expect(code(batch(Array(1001).fill(good)))).toBe("batch-too-large");
  expect(code(batch(Array(1000).fill(good)))).toBe("kept");
  expect(code(batch([good], { deviceId: "dev_other" }))).toBe("unknown-field");
  for (const seq of [-1, 1.5, "1", null, 2 ** 53, Number.NaN]) expect(code(batch([good], { seq }))).toBe("invalid-input");
  for (const boot of ["", "a b", "x".repeat(41), 1, null]) expect(code(batch([good], { boot }))).toBe("invalid-input");
  expect(code(batch([good], { status: { battery: 101 } }))).toBe("invalid-input");
  expect(code(batch([good], { sentAt: "now" }))).toBe("invalid-input");
  for (const input of [null, 1, "x", [], {}]) expect(code(input)).toBe("invalid-input");
});

test("only replay devices choose their receive time, and not in the future", () => {
  const sentAt = "2020-06-01T00:00:00Z";
  const old = { ...good, at: sentAt };
  const replay = { ...device, kind: "replay" as const };
  expect(accepted(accept(batch([old], { sentAt }), replay, nowMs)).frame.receivedAtMs).toBe(Date.parse(sentAt));
  expect(accepted(accept(batch([old], { sentAt }), device, nowMs)).frame.receivedAtMs).toBe(nowMs);
  expect(accept(batch([old], { sentAt: "2161-01-01T00:00:00Z" }), replay, nowMs)).toMatchObject({ refused: "time-in-future" });
  expect(accept(batch([old], { sentAt: "1970-01-01T00:00:00Z" }), replay, nowMs)).toMatchObject({ refused: "time-too-old" });
});

test("whatever arrives: no exception, every reading kept or refused exactly once, and what is kept fits the stream's contract", () => {
  const anyReading = fc.oneof(
    fc.record({
      code: fc.constantFrom(...loincCodes),
      value: fc.oneof(fc.double(), fc.integer(), fc.constantFrom("A", "U", "air", "LO", "HI", "x")),
      unit: fc.constantFrom("%", "/min", "Cel", "[degF]", "mg/dL", "mmol/L", "mm[Hg]", "kg", "ms", "1", "", undefined),
      at: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(nowMs + 2 * maxAheadMs) }).map((date) => date.toISOString()),
    }),
    fc.anything(),
  );
  fc.assert(
    fc.property(fc.array(anyReading, { minLength: 1, maxLength: 30 }), (readings) => {
      const { frame, refusedItems } = accepted(accept(batch(readings), device, nowMs));
      expect(frame.readings.length + refusedItems.length).toBe(readings.length);
      expect(new Set(refusedItems.map((item) => item.index)).size).toBe(refusedItems.length);
      expect(frameSchema.safeParse(JSON.parse(JSON.stringify(frame))).success).toBe(true);
      for (const [, , value, atMs] of frame.readings) {
        expect(Number.isFinite(value)).toBe(true);
        expect(atMs).toBeLessThanOrEqual(nowMs + maxAheadMs);
      }
    }),
  );
  fc.assert(fc.property(fc.anything(), (input) => void accept(input, device, nowMs)));
});

test("a plain batch is judged as the schema would: with and without an optional field that says nothing", () => {
  const fields = {
    boot: fc.oneof(fc.constant("b-1"), fc.string({ maxLength: 50 }), fc.jsonValue()),
    seq: fc.oneof(fc.nat(), fc.constantFrom(-1, 0.5, 2 ** 53), fc.jsonValue()),
    readings: fc.oneof(fc.constant([good]), fc.array(fc.jsonValue(), { maxLength: 3 }), fc.jsonValue()),
    note: fc.jsonValue(),
  };
  fc.assert(
    fc.property(fc.record(fields, { requiredKeys: [] }), (input) => {
      const [plain, full] = [accept(input, device, nowMs), accept({ ...input, status: {} }, device, nowMs)];
      if (isRefusal(plain) || isRefusal(full)) expect(isRefusal(plain) && plain.refused).toBe(isRefusal(full) && full.refused);
      else expect(plain).toEqual(full);
    }),
  );
});
