import { expect, test } from "bun:test";
import { flagOf, signalOf } from "@episante/contracts/signals";
import { makePerson } from "./vitals.ts";

const oxygenOf = (profile: "stable" | "desaturating", seed: number) => {
  const person = makePerson(profile, seed);
  return Array.from({ length: 1_500 }, (_, second) => person.sample(second, 0).find(({ code }) => code === "59408-5")?.value ?? 0);
};

test("a desaturating person is below 90 for 90 s, first after 60 s, again after ten minutes, and well otherwise", () => {
  for (const seed of [1, 2, 3]) {
    const low = oxygenOf("desaturating", seed).map((value) => value < 90);
    for (const [second, isLow] of low.entries()) {
      expect([second, isLow]).toEqual([
        second,
        (second >= 60 && second < 150) || (second >= 660 && second < 750) || (second >= 1260 && second < 1350),
      ]);
    }
  }
});

test("a stable person stays well and plausible, and the same seed is the same person", () => {
  for (const seed of [1, 42, 2 ** 31]) {
    expect(Math.min(...oxygenOf("stable", seed))).toBeGreaterThanOrEqual(93);
    expect(oxygenOf("stable", seed)).toEqual(oxygenOf("stable", seed));
    const person = makePerson("stable", seed);
    for (let second = 0; second < 1_000; second++) {
      for (const { code, value } of person.sample(second, 0)) {
        const signal = signalOf(code);
        expect(signal && flagOf(signal, value)).toBeUndefined();
      }
    }
  }
});
