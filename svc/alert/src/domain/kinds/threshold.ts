import type { Severity, SeverityStep } from "@episante/contracts/rule";
import { toCanonical } from "@episante/contracts/signals";
import { isUsable, type Lasting, type Sample, type Verdict } from "../episode.ts";
import { isMoreSevere } from "../lifecycle.ts";
import { type BodyOfKind, type CompileKind, compare, type Limit, limitOf, type RuleFault } from "./kind.ts";

/** A value beyond a limit. Each reading is judged by itself, by the limit and by the levels of the rule's steps. */
export const compileThreshold: CompileKind<"threshold", undefined> = (body) => {
  const limit = limitOf(body);
  if (typeof limit === "string") return limit;
  const steps = stepsOf(body, limit);
  if (typeof steps === "string") return steps;
  const { signal, unit, op, value: threshold, clearValue } = limit;
  const severityOf = (sample: Sample) => (body.steps ? severityAt(sample, steps.levels, limit, body.severity) : {});
  return {
    signals: [signal],
    judge: (_, [sample]) => {
      if (!sample || !isUsable(sample)) return {};
      const { value } = sample;
      return { verdict: { fires: compare(op, value, threshold), holds: compare(op, value, clearValue), value, ...severityOf(sample) } };
    },
    holdMs: body.holdSeconds * 1000,
    gapMs: body.gapSeconds * 1000,
    clearMs: (body.clear?.seconds ?? 0) * 1000,
    severity: body.severity,
    ...(steps.lasting.length > 0 ? { lasting: steps.lasting } : {}),
    shown: { code: body.code, signal, unit, op, threshold, clearValue },
  };
};

/** A second level, in the canonical unit. */
interface Level {
  readonly severity: Severity;
  readonly value: number;
}

/** The steps of a rule by time and by level, the mildest first. */
function stepsOf(
  body: BodyOfKind<"threshold">,
  { signal, op, value: threshold }: Limit,
): { lasting: readonly Lasting[]; levels: readonly Level[] } | RuleFault {
  const lasting: Lasting[] = [];
  const levels: Level[] = [];
  for (const step of body.steps ?? []) {
    if ("afterSeconds" in step) lasting.push({ severity: step.severity, afterMs: step.afterSeconds * 1000 });
    else {
      const value = toCanonical(signal, step.value, body.unit);
      if (value === undefined) return "unknown-unit";
      if (value === threshold || !compare(op, value, threshold)) return "steps-not-worse";
      levels.push({ severity: step.severity, value });
    }
  }
  lasting.sort((a, b) => a.afterMs - b.afterMs);
  levels.sort((a, b) => Math.abs(a.value - threshold) - Math.abs(b.value - threshold));
  return [lasting, levels].every((steps) => getWorse(steps, body.severity)) ? { lasting, levels } : "steps-not-worse";
}

function getWorse(steps: readonly { readonly severity: Severity }[], from: Severity): boolean {
  return steps.every(({ severity }, index) => isMoreSevere(severity, steps[index - 1]?.severity ?? from));
}

function severityAt({ at, value }: Sample, levels: readonly Level[], { op }: Limit, own: Severity): Pick<Verdict, "severity" | "finding"> {
  const reached = levels.findLast((level) => compare(op, value, level.value));
  if (!reached) return { severity: own };
  const step: SeverityStep = reached;
  return { severity: reached.severity, finding: () => ({ kind: "threshold", step, reading: value, at }) };
}
