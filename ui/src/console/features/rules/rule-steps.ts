import { type RuleBody, type Severity, type SeverityStep, severities } from "@episante/contracts/rule";
import { tr } from "../../i18n/rule-texts.ts";

/** Steps by the level they lead to, as the fields have them. */
type StepTree = Partial<Record<Severity, { readonly afterSeconds?: number | undefined; readonly value?: number | undefined }>>;

/** The list of a rule's steps as a place for each field. */
export function stepTree(steps: readonly SeverityStep[] | undefined): StepTree {
  const tree: StepTree = {};
  for (const { severity, ...step } of steps ?? []) tree[severity] = { ...tree[severity], ...step };
  return tree;
}

/** The fields' steps as the contract's list, mildest first; undefined where there is none. */
export function stepList(tree: StepTree): SeverityStep[] | undefined {
  const steps = severities.toReversed().flatMap((severity): SeverityStep[] => {
    const { afterSeconds, value } = tree[severity] ?? {};
    return [...(afterSeconds === undefined ? [] : [{ severity, afterSeconds }]), ...(value === undefined ? [] : [{ severity, value }])];
  });
  return steps.length > 0 ? steps : undefined;
}

/** The field of a step in the list, for a fault the contract finds in it. */
export function stepField(steps: readonly SeverityStep[] | undefined, index: number): string | undefined {
  const step = steps?.[index];
  return step && `steps.${step.severity}.${"value" in step ? "value" : "afterSeconds"}`;
}

/** Steps that would not get worse, by field: a second limit on the calm side of the one before it, or a later level after a shorter time. */
export function stepFaults({ op, value: limit, steps }: Extract<RuleBody, { kind: "threshold" }>): Record<string, string> {
  const faults: Record<string, string> = {};
  let level = limit;
  let time = 0;
  for (const step of steps ?? []) {
    if ("value" in step) {
      const isBeyond = op.startsWith("<") ? step.value < level : step.value > level;
      if (!isBeyond) faults[`steps.${step.severity}.value`] = tr("fault.stepValue");
      level = step.value;
    } else {
      if (step.afterSeconds <= time) faults[`steps.${step.severity}.afterSeconds`] = tr("fault.stepAfter");
      time = step.afterSeconds;
    }
  }
  return faults;
}
