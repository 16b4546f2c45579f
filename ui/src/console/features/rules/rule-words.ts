import type { Rule, RuleBody, SeverityStep } from "@episante/contracts/rule";
import type { PatientGroup } from "@episante/contracts/rule-layers";
import { signalOf } from "@episante/contracts/signals";
import type { SeverityLevel } from "../../../shared/components/SeverityMark.tsx";
import { number, quantity, unit } from "../../../shared/lib/format.ts";
import { tr } from "../../i18n/rule-texts.ts";
import { t } from "../../i18n/text.ts";
import type { PatientNames } from "../../lib/patient-names.ts";
import { exactSpan, headline, levelWord, operatorSign, patientName, signalWord, type ThresholdBody } from "../../lib/words.ts";
import { kindSentence } from "../alerts/kind-words.ts";

const signalIn = (rule: ThresholdBody) => signalOf(rule.code) ?? rule.code;

/** Names under which a new clinic has its technical rules. */
const givenNames = ["Clock ± 300 s", "Battery < 15 %"];

/** What a rule is called, in the language on screen: a threshold by what it finds, one the clinic began with by its kind; others by their own name. */
export function ruleTitle({ name, rule }: Pick<Rule, "name" | "rule">): string {
  if (rule.kind === "threshold") return headline({ signal: signalIn(rule), op: rule.op, name });
  return givenNames.includes(name) ? tr(`kind.${rule.kind}`) : name;
}

/** What a rule does, as sentences: when it alerts, and when that ends. */
export function ruleSentences(rule: RuleBody): readonly string[] {
  if (rule.kind !== "threshold") return [kindSentence(rule)];
  const when = t("rules.sentence", {
    signal: signalWord(signalIn(rule)),
    op: operatorSign(rule.op),
    value: number(rule.value),
    unit: unit(rule.unit),
    hold: exactSpan(rule.holdSeconds),
    gap: exactSpan(rule.gapSeconds),
    level: levelWord(rule.severity),
  });
  const ends = t("rules.clear", {
    value: number(rule.clear?.value ?? rule.value),
    unit: unit(rule.unit),
    seconds: exactSpan(rule.clear?.seconds ?? 0),
  });
  return [when, ends, ...(rule.steps ?? []).map((step) => stepSentence(step, rule))];
}

function stepSentence(step: SeverityStep, { op, unit: ucum }: ThresholdBody): string {
  const level = levelWord(step.severity);
  if ("afterSeconds" in step) return tr("step.after", { level, after: exactSpan(step.afterSeconds) });
  return tr("step.value", { level, op: operatorSign(op), value: quantity(step.value, ucum) });
}

/** The level a rule's mark shows: NEWS2 has all three, its highest stands for it. */
export function ruleLevel(rule: RuleBody): SeverityLevel {
  return rule.kind === "news2" ? "critical" : rule.severity;
}

/** Whom a rule is for, in words. */
export function scopeWords(
  { kind, id = "" }: Rule["scope"],
  { names, groups }: { readonly names: Pick<PatientNames, "get">; readonly groups: readonly Pick<PatientGroup, "id" | "name">[] },
): string {
  if (kind === "clinic") return tr("scope.clinic");
  if (kind === "patient") return tr("scope.of", { name: patientName(names.get(id)) });
  const group = groups.find((one) => one.id === id);
  return group ? tr("scope.ofGroup", { name: group.name }) : tr("scope.group");
}
