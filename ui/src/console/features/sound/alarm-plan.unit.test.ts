import { expect, test } from "bun:test";
import { type AlarmSituation, longestMuteMs, mute, planTone, quietAlarm, repeatMs } from "./alarm-plan.ts";

const nothing: AlarmSituation = { untaken: 0, arrived: [] };
const critical = { patientId: "p1", level: "critical", patientHasCritical: true } as const;
const warning = { patientId: "p1", level: "warning", patientHasCritical: false } as const;
const technical = { patientId: "p1", level: "technical", patientHasCritical: false } as const;

test("an untaken critical calls at once, again every 15 s, and stops when taken", () => {
  const first = planTone(quietAlarm, { untaken: 1, arrived: [critical] }, 0);
  expect(first.tone).toBe("critical");
  const soon = planTone(first.state, { untaken: 1, arrived: [] }, repeatMs - 1);
  expect(soon.tone).toBeUndefined();
  const again = planTone(soon.state, { untaken: 1, arrived: [] }, repeatMs);
  expect(again.tone).toBe("critical");
  expect(planTone(again.state, nothing, 2 * repeatMs).tone).toBeUndefined();
});
test("a new critical calls at once even between two repeats", () => {
  const { state } = planTone(quietAlarm, { untaken: 1, arrived: [critical] }, 0);
  expect(planTone(state, { untaken: 2, arrived: [critical] }, 2000).tone).toBe("critical");
});
test("a critical already there when the console opens calls too", () => {
  expect(planTone(quietAlarm, { untaken: 1, arrived: [] }, 0).tone).toBe("critical");
});
test("warnings sound once per patient and minute", () => {
  const first = planTone(quietAlarm, { untaken: 0, arrived: [warning] }, 0);
  expect(first.tone).toBe("warning");
  const second = planTone(first.state, { untaken: 0, arrived: [warning] }, 59_999);
  expect(second.tone).toBeUndefined();
  expect(planTone(second.state, { untaken: 0, arrived: [{ ...warning, patientId: "p2" }] }, 59_999).tone).toBe("warning");
  expect(planTone(second.state, { untaken: 0, arrived: [warning] }, 60_000).tone).toBe("warning");
});
test("technical alerts sound only beside an open critical of the same patient; notices never", () => {
  expect(planTone(quietAlarm, { untaken: 0, arrived: [technical] }, 0).tone).toBeUndefined();
  expect(planTone(quietAlarm, { untaken: 0, arrived: [{ ...technical, patientHasCritical: true }] }, 0).tone).toBe("technical");
  expect(planTone(quietAlarm, { untaken: 0, arrived: [{ ...warning, level: "notice" }] }, 0).tone).toBeUndefined();
});
test("muting lasts two minutes at most; a critical still untaken then calls by itself", () => {
  const calling = planTone(quietAlarm, { untaken: 1, arrived: [critical] }, 0).state;
  const muted = mute(calling, 1000);
  expect(planTone(muted, { untaken: 1, arrived: [critical] }, 1000 + longestMuteMs - 1).tone).toBeUndefined();
  expect(planTone(muted, { untaken: 1, arrived: [] }, 1000 + longestMuteMs).tone).toBe("critical");
});
test("a mute can be ended early", () => {
  expect(mute(mute(quietAlarm, 0), 10, true).mutedUntil).toBe(0);
});
