import type { Rule, RuleBody } from "@episante/contracts/rule";
import { signalOf } from "@episante/contracts/signals";
import type { SeverityLevel } from "../../../shared/components/SeverityMark.tsx";
import { number, unit } from "../../../shared/lib/format.ts";
import { t } from "../../i18n/text.ts";
import { exactSpan, headline, levelWord, operatorSign, signalWord, type ThresholdBody } from "../../lib/words.ts";
import { kindSentence } from "../alerts/kind-words.ts";

const signalIn = (rule: ThresholdBody) => signalOf(rule.code) ?? rule.code;

/** What a rule is called: a threshold by what it finds, in the language on screen; others by their own name. */
export function ruleTitle({ name, rule }: Pick<Rule, "name" | "rule">): string {
  return rule.kind === "threshold" ? headline({ signal: signalIn(rule), op: rule.op, name }) : name;
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
  return [when, ends];
}

/** The level a rule's mark shows: NEWS2 has all three, its highest stands for it. */
export function ruleLevel(rule: RuleBody): SeverityLevel {
  return rule.kind === "news2" ? "critical" : rule.severity;
}
