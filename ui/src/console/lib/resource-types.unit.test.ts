import { expect, test } from "bun:test";
import { resourceTypeSchema } from "@episante/contracts/doctor";
import { typeOf, typeWords } from "./resource-types.ts";

test("what people type becomes a kind that the API takes, and reads as words again", () => {
  for (const [typed, type, words] of [
    ["Salle d’échographie", "salle-d-echographie", "Salle d echographie"],
    [" ECG ", "ecg", "Ecg"],
    ["echo--room!", "echo-room", "Echo room"],
  ] as const) {
    expect(typeOf(typed)).toBe(type);
    expect(resourceTypeSchema.safeParse(type).success).toBe(true);
    expect(typeWords(type)).toBe(words);
  }
});

test("nothing usable gives nothing", () => {
  expect(typeOf(" – ")).toBe("");
});
