import { expect, test } from "bun:test";
import type { RuleBody } from "@episante/contracts/rule";
import { alertFixture } from "../../test/alert-fixture.ts";
import { bandsOf, episodesOf, panelsOf } from "./chart-facts.ts";

const low: RuleBody = {
  kind: "threshold",
  code: "8310-5",
  op: ">=",
  value: 100.4,
  unit: "[degF]",
  holdSeconds: 0,
  gapSeconds: 60,
  severity: "warning",
  steps: [
    { severity: "critical", value: 104 },
    { severity: "critical", afterSeconds: 60 },
  ],
};

test("every signal of the patient has a panel, vital signs first", () => {
  expect(panelsOf(["weight", "heart-rate", "spo2", "no-signal"])).toEqual(["spo2", "heart-rate", "weight"]);
});
test("bands are limits of enabled threshold rules, in the signal's unit, with their steps by value", () => {
  const bands = bandsOf("body-temperature", [
    { rule: low, enabled: true },
    { rule: low, enabled: false },
    { rule: { ...low, code: "59408-5" }, enabled: true },
    { rule: { kind: "low-battery", below: 15, clear: 20, severity: "notice" }, enabled: true },
  ]);
  expect(bands.map(({ value, side, level }) => [Math.round(value * 10) / 10, side, level])).toEqual([
    [38, "above", "warning"],
    [40, "above", "critical"],
  ]);
});
test("an alert lasts from onset to clearing; an open one has no end, a withdrawn one never was, a device's concerns each chart", () => {
  const open = alertFixture("a");
  const cleared = alertFixture("b", { status: "resolved", clearedAt: "2026-01-15T08:30:00.000Z" });
  const device = { ...alertFixture("c", { class: "technical" }), signal: "battery", rule: { ...open.rule, kind: "low-battery" } };
  const found = episodesOf("spo2", [open, cleared, device, alertFixture("d", { status: "withdrawn" })]);
  expect(found.map(({ to, level }) => [to, level])).toEqual([
    [undefined, "critical"],
    [Date.parse("2026-01-15T08:30:00.000Z"), "critical"],
    [undefined, "technical"],
  ]);
  expect(episodesOf("heart-rate", [open, device])).toHaveLength(1);
});
