import { expect, test } from "bun:test";
import { trialAlerts } from "./trial-alerts.ts";

const alert = (patientId: string, minute: number) => {
  const at = `2026-01-15T08:${String(minute).padStart(2, "0")}:00Z`;
  return { patientId, onsetAt: at, firedAt: at, severity: "warning" as const };
};

test("beside a live rule, what only one of them raises is marked, newest first", () => {
  const diff = { onlyDraft: [alert("a", 10)], onlyLive: [alert("b", 20)], both: 1 };
  const alerts = trialAlerts({ alerts: [alert("a", 10), alert("a", 30)], perPatientDay: 1, perDay: [], perPatient: [], diff });
  expect(alerts.map(({ patientId, change }) => [patientId, change])).toEqual([
    ["a", undefined],
    ["b", "gone"],
    ["a", "added"],
  ]);
});
test("without a live rule nothing is marked", () => {
  const alerts = trialAlerts({ alerts: [alert("a", 10)], perPatientDay: 1, perDay: [], perPatient: [] });
  expect(alerts).toEqual([alert("a", 10)]);
});
