import type { Reading } from "./client.ts";

/** `desaturating`: SpO₂ falls to about 86 % for 90 s, first 60 s after the start, then every 10 minutes. */
export type Profile = "stable" | "desaturating";

/** One simulated person. */
export interface Person {
  /** Readings of this moment. @param secondsSinceStart elapsed seconds @param atMs device time, ms */
  sample(secondsSinceStart: number, atMs: number): (Reading & { value: number })[];
}

const firstDropSeconds = 60;
const dropEverySeconds = 600;
const dropSeconds = 90;

/** Vital signs that wander plausibly and come back to the person's own level. The same seed gives the same person. */
export function makePerson(profile: Profile, seed: number): Person {
  const random = randomNumbers(seed);
  const base = { heart: 62 + random() * 22, breath: 13 + random() * 4, oxygen: 96.5 + random() * 1.8 };
  const drift = { heart: 0, breath: 0, oxygen: 0 };
  const wander = (value: number, step: number) => value * 0.97 + (random() - 0.5) * step;
  return {
    sample(secondsSinceStart, atMs) {
      drift.heart = wander(drift.heart, 2.4);
      drift.breath = wander(drift.breath, 0.6);
      drift.oxygen = wander(drift.oxygen, 0.3);
      const isLow = profile === "desaturating" && isDropping(secondsSinceStart);
      const heart = Math.round(base.heart + drift.heart + (isLow ? 14 : 0));
      const oxygen = Math.min(100, Math.round(isLow ? 86 + drift.oxygen : base.oxygen + drift.oxygen));
      const breath = Math.round(base.breath + drift.breath + (isLow ? 6 : 0));
      const pulse = heart + (random() < 0.2 ? 1 : 0);
      const at = new Date(atMs).toISOString();
      return [
        { code: "8867-4", unit: "/min", value: heart, at },
        { code: "8889-8", unit: "/min", value: pulse, at },
        { code: "59408-5", unit: "%", value: oxygen, at },
        { code: "9279-1", unit: "/min", value: breath, at },
      ];
    },
  };
}

/** True while a desaturating person's SpO₂ is low. */
export function isDropping(secondsSinceStart: number): boolean {
  const sinceFirst = secondsSinceStart - firstDropSeconds;
  return sinceFirst >= 0 && sinceFirst % dropEverySeconds < dropSeconds;
}

/** Mulberry32: a small seeded generator of numbers in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
