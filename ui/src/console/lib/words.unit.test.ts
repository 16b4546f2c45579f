import { describe, expect, test } from "bun:test";
import { signalNames } from "@episante/contracts/signals";
import { setLocale } from "../../shared/i18n/i18n.ts";
import { alertFixture } from "../test/alert-fixture.ts";
import { alertHeadline, headline } from "./words.ts";

describe("the headline of a rule", () => {
  test("says the signal and its side in the language on screen, whatever the stored name", () => {
    const alert = alertFixture("SpO2 basse / Low SpO2");
    setLocale("fr");
    expect(alertHeadline(alert)).toBe("SpO₂ basse");
    expect(headline({ signal: "heart-rate", op: ">=", name: "x" })).toBe("Fréquence cardiaque élevée");
    setLocale("en");
    expect(alertHeadline(alert)).toBe("Low SpO₂");
  });
  test("has words for both sides of every signal", () => {
    for (const signal of signalNames) {
      for (const op of ["<", ">"]) expect(headline({ signal, op, name: "stored" })).not.toBe("stored");
    }
  });
  test("keeps the rule's own name where we have no words: technical alerts, unknown signals", () => {
    expect(alertHeadline(alertFixture("Capteur muet", { class: "technical" }))).toBe("Capteur muet");
    expect(headline({ signal: "lactate", op: ">", name: "Lactate > 2" })).toBe("Lactate > 2");
  });
});
