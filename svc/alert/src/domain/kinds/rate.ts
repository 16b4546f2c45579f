import { type Signal, toCanonical } from "@episante/contracts/signals";
import { type CompileKind, compare, limitOf } from "./kind.ts";
import { judgeLine, type Points } from "./window.ts";

/** How fast a value changes, per minute, over a window. A line that does not fit raises nothing; it ends what is no longer so steep. */
export const compileRate: CompileKind<"rate", Points> = (body) => {
  const limit = limitOf(body, differenceIn);
  if (typeof limit === "string") return limit;
  const { signal, unit, op, value: threshold, clearValue } = limit;
  return {
    signals: [signal],
    judge: judgeLine(body, ({ slope, fit, points, spanMs, reading }) => ({
      fires: fit >= body.minFit && compare(op, slope, threshold),
      holds: compare(op, slope, clearValue),
      value: slope,
      used: points,
      finding: () => ({ kind: "rate", slope, points, spanSeconds: spanMs / 1000, fit, reading, readingUnit: unit }),
    })),
    holdMs: body.holdSeconds * 1000,
    gapMs: body.gapSeconds * 1000,
    clearMs: (body.clear?.seconds ?? 0) * 1000,
    severity: body.severity,
    shown: { code: body.code, signal, unit: `${unit}/min`, op, threshold, clearValue },
  };
};

/** A difference converts by the unit's factor alone. */
function differenceIn(signal: Signal, value: number, unit: string): number | undefined {
  const [zero, converted] = [toCanonical(signal, 0, unit), toCanonical(signal, value, unit)];
  return zero === undefined || converted === undefined ? undefined : converted - zero;
}
