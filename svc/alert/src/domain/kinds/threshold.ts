import { isUsable } from "../episode.ts";
import { type CompileKind, compare, limitOf } from "./kind.ts";

/** A value beyond a limit. Each reading is judged by itself. */
export const compileThreshold: CompileKind<"threshold", undefined> = (body) => {
  const limit = limitOf(body);
  if (typeof limit === "string") return limit;
  const { signal, unit, op, value: threshold, clearValue } = limit;
  return {
    signals: [signal],
    judge: (_, [sample]) => {
      if (!sample || !isUsable(sample)) return {};
      const { value } = sample;
      return { verdict: { fires: compare(op, value, threshold), holds: compare(op, value, clearValue), value } };
    },
    holdMs: body.holdSeconds * 1000,
    gapMs: body.gapSeconds * 1000,
    clearMs: (body.clear?.seconds ?? 0) * 1000,
    severity: body.severity,
    shown: { code: body.code, signal, unit, op, threshold, clearValue },
  };
};
