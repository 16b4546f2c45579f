import { expect, test } from "bun:test";
import type { OnCall } from "@episante/contracts/on-call";
import type { OnCallDraft } from "./on-call-form.ts";
import { opensNothing, reachesNoDoctor } from "./who-opens.ts";

const people: OnCall["people"] = [
  { accountId: "acc_doctor", name: "Dr Anna Roy", canOpenAlerts: true },
  { accountId: "acc_nurse", name: "Paul Petit", canOpenAlerts: false },
];
const reaches = (critical: readonly string[], turns: readonly string[] = []) => {
  const weekly = turns.map((accountId) => ({ day: 1, from: "08:00", to: "20:00", accountId }));
  const chains = { critical: critical.map((to) => ({ to, after: "0", unit: "s" as const })), warning: [], notice: [] };
  return !reachesNoDoctor({ chains, weekly, exceptions: [] } as unknown as OnCallDraft, people);
};

test("only members who are no doctors open nothing; somebody unknown is not said to be one", () => {
  expect(["acc_doctor", "acc_nurse", "acc_gone", ""].map((id) => opensNothing(people, id))).toEqual([false, true, false, false]);
});

test("a critical chain reaches a doctor by any step, by any turn, or by a step that is nobody", () => {
  expect(reaches(["acc_nurse"])).toBe(false);
  expect(reaches(["acc_nurse", "acc_doctor"])).toBe(true);
  expect(reaches(["acc_nurse", "on-call"])).toBe(true);
  expect(reaches(["acc_nurse", "on-call"], ["acc_nurse"])).toBe(false);
  expect(reaches(["acc_nurse", "on-call"], ["acc_nurse", "acc_doctor"])).toBe(true);
  expect(reaches(["acc_nurse", ""])).toBe(true);
});

test("without steps whoever is on call is called, and without a rota the doctors who treat", () => {
  expect(reaches([])).toBe(true);
  expect(reaches([], ["acc_nurse"])).toBe(false);
  expect(reaches([], ["acc_nurse", "acc_doctor"])).toBe(true);
});
