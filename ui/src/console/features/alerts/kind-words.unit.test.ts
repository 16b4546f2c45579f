import { describe, expect, test } from "bun:test";
import type { Alert } from "@episante/contracts/alert";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { alertHeadline } from "../../lib/words.ts";
import { alertFixture } from "../../test/alert-fixture.ts";
import { whyWords } from "./alert-words.ts";
import { isJudged } from "./kind-words.ts";

function news2(missing: readonly "temperature"[]): Alert {
  const alert = alertFixture("NEWS2");
  const parameters = [{ parameter: "respiration" as const, value: 25, score: 3, at: 0 }];
  return {
    ...alert,
    rule: { ...alert.rule, kind: "news2" },
    signal: "news2",
    value: 9,
    unit: "{score}",
    ...(missing.length > 0 ? { partial: true } : {}),
    explanation: {
      ...alert.explanation,
      finding: { kind: "news2", score: 9, band: "high", spo2Scale: 1, parameters, missing: [...missing] },
    },
  };
}

describe("an alert of another kind than threshold", () => {
  test("an incomplete NEWS2 score is told as at least that, with what is missing, in both languages", () => {
    setLocale("en");
    expect(alertHeadline(news2(["temperature"]))).toBe("NEWS2: at least 9");
    expect(whyWords(news2(["temperature"]), String)).toContain("Missing or too old: temperature.");
    expect(alertHeadline(news2([]))).toBe("NEWS2: 9");
    expect(whyWords(news2([]), String)).not.toContain("Missing");
    setLocale("fr");
    expect(alertHeadline(news2(["temperature"]))).toContain("au moins 9");
  });
  test("only a threshold's value is the reading itself", () => {
    expect([isJudged(news2([])), isJudged(alertFixture("SpO₂ < 90 %"))]).toEqual([true, false]);
  });
});
