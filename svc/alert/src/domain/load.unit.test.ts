import { describe, expect, test } from "bun:test";
import { type CountedAlert, effectOfHold, loadOf } from "./load.ts";

const from = Date.UTC(2026, 2, 28, 23);
const day = 86_400_000;
const alert = (change: Partial<Record<keyof CountedAlert, unknown>> = {}) =>
  ({
    ...{ patientId: "pat_a", ruleId: "rul_a", ruleName: "A", ruleKind: "threshold", severity: "critical", class: "clinical" },
    ...{ status: "resolved", late: false, firedAt: from, holdSeconds: 30, longestMs: 60_000 },
    ...change,
  }) as CountedAlert;
const period = { fromMs: from, toMs: from + 2 * day, zone: "Europe/Paris", judged: [] as string[], treated: new Set<string>() };

describe("the load of a period", () => {
  test("nothing at all is nothing, not a division by nothing", () => {
    const load = loadOf([], period);
    expect(load).toMatchObject({ patients: 0, alerts: 0, perPatientDay: 0, acked: { share: 0 }, worstTenth: { patients: 0, share: 0 } });
    expect(load.acked.medianSeconds).toBeUndefined();
  });
  test("per patient and day over everybody who was judged; withdrawn ones are counted as such only", () => {
    const alerts = [alert(), alert({ severity: "notice", class: "technical" }), alert({ status: "withdrawn" })];
    const load = loadOf(alerts, { ...period, judged: ["pat_a", "pat_b"] });
    expect(load).toMatchObject({ patients: 2, patientDays: 4, alerts: 2, perPatientDay: 0.5, withdrawn: 1 });
    expect([load.bySeverity, load.byClass]).toEqual([
      { critical: 1, warning: 0, notice: 1 },
      { clinical: 1, technical: 1 },
    ]);
  });
  test("acknowledged: share, median and 90th percentile of those that called somebody", () => {
    const acked = [10, 20, 30, 40, 50, 60, 70, 80, 90, 1000].map((seconds) => alert({ ackedAt: from + seconds * 1000 }));
    const load = loadOf([...acked, ...Array.from({ length: 10 }, () => alert()), alert({ late: true, ackedAt: from + 5 })], period);
    expect([load.acked, load.late]).toEqual([{ share: 0.5, medianSeconds: 50, p90Seconds: 90 }, 1]);
  });
  test("hours are the zone's, also across the night the clocks change", () => {
    const { perHour } = loadOf([alert(), alert({ firedAt: from + 3_600_000 * 2 })], period);
    // 23:00Z is midnight in Paris; 01:00Z is 03:00, after the jump.
    expect(perHour.flatMap((count, hour) => (count > 0 ? [[hour, count]] : []))).toEqual([
      [0, 1],
      [3, 1],
    ]);
  });
  test("rules and patients with most alerts first; a patient the caller does not treat has no id", () => {
    const many = Array.from({ length: 8 }, () => alert({ patientId: "pat_b", ruleId: "rul_b", ruleName: "B" }));
    const judged = Array.from({ length: 20 }, (_, index) => `pat_${index}`);
    const load = loadOf([alert(), ...many, alert()], { ...period, judged, treated: new Set(["pat_a"]) });
    expect(load.topPatients).toEqual([
      { alerts: 8, share: 0.8 },
      { patientId: "pat_a" as never, alerts: 2, share: 0.2 },
    ]);
    expect(load.topRules.map(({ name, alerts, patients }) => [name, alerts, patients])).toEqual([
      ["B", 8, 1],
      ["A", 2, 1],
    ]);
    expect([load.patients, load.worstTenth]).toEqual([22, { patients: 3, share: 1 }]);
  });
});

describe("what a longer hold would have spared", () => {
  const effect = (alerts: readonly CountedAlert[], holdSeconds = 60) => {
    const { alerts: count, spared, undecided } = effectOfHold(alerts, "rul_a", holdSeconds);
    return [count, spared, undecided];
  };
  test("those whose condition was never met for so long; exactly so long is long enough", () => {
    expect(effect([alert({ longestMs: 59_999 }), alert({ longestMs: 60_000 }), alert({ ruleId: "rul_b", longestMs: 0 })])).toEqual([
      2, 1, 0,
    ]);
  });
  test("an open one may still get there, one from before it was kept is unknown; both only while they are not beyond it", () => {
    const open = [alert({ status: "open", longestMs: 40_000 }), alert({ status: "acked", longestMs: 70_000 })];
    expect(effect([...open, alert({ longestMs: undefined })])).toEqual([3, 0, 2]);
  });
  test("a shorter hold than the alert's own spares nothing; withdrawn ones do not count", () => {
    expect(effect([alert({ longestMs: 30_000 }), alert({ status: "withdrawn", longestMs: 0 })], 20)).toEqual([1, 0, 0]);
  });
});
