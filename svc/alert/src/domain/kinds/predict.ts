import { type CompileKind, compare, limitOf } from "./kind.ts";
import { judgeLine, type Points } from "./window.ts";

/** A limit that the line through the last readings passes soon. A line that does not fit predicts nothing: the newest reading stands for it. */
export const compilePredict: CompileKind<"predict", Points> = (body) => {
  const limit = limitOf(body);
  if (typeof limit === "string") return limit;
  const { signal, unit, op, value: threshold, clearValue } = limit;
  return {
    signals: [signal],
    judge: judgeLine(body, ({ slope, now, fit, points, spanMs, reading }) => {
      const isTrend = fit >= body.minFit;
      const value = isTrend ? now + (slope * body.withinSeconds) / 60 : reading;
      return {
        fires: isTrend && compare(op, value, threshold),
        holds: compare(op, value, clearValue),
        value,
        used: points,
        finding: () => ({
          kind: "predict",
          predicted: value,
          withinSeconds: body.withinSeconds,
          slope,
          points,
          spanSeconds: spanMs / 1000,
          fit,
          reading,
        }),
      };
    }),
    holdMs: body.holdSeconds * 1000,
    gapMs: body.gapSeconds * 1000,
    clearMs: (body.clear?.seconds ?? 0) * 1000,
    severity: body.severity,
    shown: { code: body.code, signal, unit, op, threshold, clearValue },
  };
};
