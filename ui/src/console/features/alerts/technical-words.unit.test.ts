import { expect, test } from "bun:test";
import type { Alert } from "@episante/contracts/alert";
import { ruleBodySchema, technicalKinds } from "@episante/contracts/rule";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { alertHeadline } from "../../lib/words.ts";
import { alertFixture } from "../../test/alert-fixture.ts";
import { ruleWords, valueWords, whyWords } from "./alert-words.ts";
import { kindSentence } from "./kind-words.ts";
import { isOfDevice, type TechnicalFinding } from "./technical-words.ts";

const device = { deviceId: "dev_00000000000000000000000000001a2b", value: 7800, since: Date.parse("2026-01-15T08:10:00Z") };
function technical(finding: TechnicalFinding, more: Partial<Alert> = {}): Alert {
  const alert = alertFixture("technical", { class: "technical" });
  return { ...alert, rule: { ...alert.rule, kind: finding.kind }, ...more, explanation: { ...alert.explanation, finding } };
}
const silent = technical(
  { kind: "silence", since: device.since, timeoutSeconds: 300, devices: [device] },
  { signal: "silence", value: 300, threshold: 300, unit: "s" },
);
const skewed = technical({ kind: "clock-skew", devices: [device] }, { signal: "clock", value: 7800, threshold: 300, unit: "s" });

test("a technical alert says what is wrong with which device, in both languages, and shows no value where there is none", () => {
  setLocale("en");
  expect(alertHeadline(silent)).toBe("Nothing received");
  expect(whyWords(silent, (at) => at.slice(11, 16))).toContain("since 08:10, expected at least every 5 min. Last sent by device 1a2b");
  expect(valueWords(silent)).toEqual({ value: "–", unit: "" });
  expect(ruleWords(silent)).toBe("nothing received for 5 min");
  expect(alertHeadline(skewed)).toContain("+7,800");
  expect(isOfDevice(skewed)).toBe(true);
  setLocale("fr");
  expect(alertHeadline(silent)).toBe("Plus aucune donnée");
  expect(whyWords(skewed, String)).toContain("1a2b");
});

test("every technical kind has a sentence for its rule, which names its level", () => {
  setLocale("en");
  const own: Record<string, object> = {
    silence: { timeoutSeconds: 300 },
    "flat-line": { code: "59408-5" },
    "signal-quality": { code: "99504-3" },
  };
  for (const kind of technicalKinds) {
    const rule = ruleBodySchema.parse({ kind, severity: "notice", ...own[kind] });
    if (rule.kind === "threshold") throw new Error("no technical kind");
    expect(kindSentence(rule)).toContain("Notice");
  }
});
