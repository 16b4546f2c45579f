import { beforeEach, expect, test } from "bun:test";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { planSentence, weekdayWord } from "./on-call-words.ts";

const people = [
  { accountId: "acc_a", name: "Dr Anna Roy" },
  { accountId: "acc_b", name: "" },
];
const facts = { people, zone: "Europe/Paris", nowMs: Date.parse("2026-11-23T22:00:00Z") };
beforeEach(() => setLocale("en"));

test("the sentence names everybody in order, with the time after which each is called", () => {
  const calls = [
    { afterSeconds: 0, who: { kind: "person" as const, accountId: "acc_a" } },
    { afterSeconds: 300, who: { kind: "on-call" as const, accountId: "acc_b" } },
    { afterSeconds: 600, who: { kind: "on-call" as const, accountId: undefined } },
    { afterSeconds: 600, who: { kind: "doctors" as const } },
  ];
  expect(planSentence("critical", { calls }, facts)).toBe(
    "A critical alert: Dr Anna Roy at once, whoever is on call (member without a name) after 5 min, whoever is on call (nobody then) after 10 min, the doctors who treat the patient after 10 min.",
  );
  setLocale("fr");
  expect(planSentence("critical", { calls: calls.slice(0, 1) }, facts)).toBe("Une alerte critique\u00a0: Dr Anna Roy tout de suite.");
});

test("quiet hours say until when, with the date when that is not today; nobody is nobody", () => {
  const calls = [{ afterSeconds: 0, who: { kind: "doctors" as const } }];
  expect(planSentence("warning", { calls, waitsUntilMs: Date.parse("2026-11-24T06:00:00Z") }, facts)).toBe(
    "A warning: quiet hours until Tue 24 Nov 07:00, then the doctors who treat the patient at once.",
  );
  expect(planSentence("notice", { calls: [] }, facts)).toBe("A notice: nobody is called.");
});

test("weekdays are named from Monday to Sunday", () => {
  expect([weekdayWord(1), weekdayWord(7)]).toEqual(["Monday", "Sunday"]);
});
