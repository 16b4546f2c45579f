import { describe, expect, test } from "bun:test";
import type { OnCallSettings } from "@episante/contracts/on-call";
import fc from "fast-check";
import { quietUntil } from "./quiet-hours.ts";
import { wallAt } from "./wall-clock.ts";

const quiet: NonNullable<OnCallSettings["quiet"]> = { from: "22:00", to: "07:00", severities: ["warning", "notice"] };
const paris = "Europe/Paris";
const until = (
  instant: string,
  severity: "critical" | "warning" | "notice" = "warning",
  zone = paris,
  hours: typeof quiet | null = quiet,
) => {
  const ms = quietUntil(hours, zone, severity, Date.parse(instant));
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

describe("quiet hours", () => {
  test("a warning at 23:30 waits until 07:00; a critical alert never waits; by day nothing waits", () => {
    expect(until("2026-01-15T22:30:00Z")).toBe("2026-01-16T06:00:00.000Z");
    expect(until("2026-01-16T05:59:59Z")).toBe("2026-01-16T06:00:00.000Z");
    expect(until("2026-01-16T06:00:00Z")).toBeUndefined();
    expect(until("2026-01-15T20:59:59Z")).toBeUndefined();
    expect(until("2026-01-15T22:30:00Z", "critical")).toBeUndefined();
  });
  test("S10: in the night of 29 March 2026 they end at 05:00Z, in that of 25 October at 06:00Z", () => {
    expect(until("2026-03-28T22:30:00Z")).toBe("2026-03-29T05:00:00.000Z");
    expect(until("2026-03-29T03:00:00Z")).toBe("2026-03-29T05:00:00.000Z");
    expect(until("2026-10-24T21:30:00Z")).toBe("2026-10-25T06:00:00.000Z");
  });
  test("they are counted in the zone of who would be woken", () => {
    expect(until("2026-01-15T22:30:00Z", "warning", "America/Guadeloupe")).toBeUndefined();
    expect(until("2026-01-16T06:00:00Z", "warning", "America/Guadeloupe")).toBe("2026-01-16T11:00:00.000Z");
  });
  test("only the severities that are listed wait, and a clinic without quiet hours never does", () => {
    const notices: typeof quiet = { ...quiet, severities: ["notice"] };
    expect(until("2026-01-15T22:30:00Z", "warning", paris, notices)).toBeUndefined();
    expect(until("2026-01-15T22:30:00Z", "notice", paris, notices)).toBe("2026-01-16T06:00:00.000Z");
    expect(until("2026-01-15T22:30:00Z", "warning", paris, null)).toBeUndefined();
  });
  test("whenever they hold, the wall clock shows their end when they end, and they hold up to it", () => {
    const times = fc.integer({ min: 0, max: 95 }).map((quarter) => {
      const two = (value: number) => String(value).padStart(2, "0");
      return `${two(Math.floor(quarter / 4))}:${two((quarter % 4) * 15)}`;
    });
    const instants = fc.integer({ min: Date.parse("2026-01-01"), max: Date.parse("2026-12-31") });
    fc.assert(
      fc.property(times, times, instants, (from, to, instant) => {
        fc.pre(from !== to);
        const hours = { ...quiet, from, to };
        const end = quietUntil(hours, paris, "warning", instant);
        if (end === undefined) return;
        expect(end).toBeGreaterThan(instant);
        expect(quietUntil(hours, paris, "warning", end - 1)).toBe(end);
        const shown = new Date(wallAt(paris, end)).toISOString().slice(11, 16);
        const isSkipped = to >= "02:00" && to < "03:00";
        expect(isSkipped ? to : shown).toBe(to);
      }),
      { numRuns: 300 },
    );
  });
});
