import { expect, test } from "bun:test";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { ruleTitle } from "./rule-words.ts";

const battery = { kind: "low-battery", below: 15, clear: 20, severity: "notice", holdSeconds: 0 } as const;

test("a technical rule that a clinic began with is called in the language on screen, one that somebody named by its name", () => {
  setLocale("fr");
  expect(ruleTitle({ name: "Battery < 15 %", rule: battery })).toBe("Batterie faible");
  expect(ruleTitle({ name: "Montres de l’étage", rule: battery })).toBe("Montres de l’étage");
  setLocale("en");
  expect(ruleTitle({ name: "Battery < 15 %", rule: battery })).toBe("Low battery");
});
