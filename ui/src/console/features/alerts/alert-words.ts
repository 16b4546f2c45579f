import type { Alert } from "@episante/contracts/alert";
import type { Limit, Point } from "../../../shared/charts/series.ts";
import { number, quantity, unit } from "../../../shared/lib/format.ts";
import { te } from "../../i18n/escalation-texts.ts";
import { tk } from "../../i18n/rule-kind-texts.ts";
import { t } from "../../i18n/text.ts";
import { exactSpan, operatorSign, signalWord } from "../../lib/words.ts";
import { findingWords, kindRuleWords } from "./kind-words.ts";
import { technicalValue } from "./technical-words.ts";

/** Which side of the threshold is out of range. */
export function limitOf(alert: Pick<Alert, "op" | "threshold">): Limit {
  return { value: alert.threshold, side: alert.op.startsWith("<") ? "below" : "above" };
}

/** `SpO₂ < 90 % pendant 30 s`. */
export function ruleWords(alert: Alert): string {
  const ofKind = kindRuleWords(alert);
  if (ofKind !== undefined) return ofKind;
  // The unit stands beside the value above; only a percentage reads wrong without its sign.
  const value = alert.unit === "%" ? quantity(alert.threshold, alert.unit) : number(alert.threshold);
  const parts = { signal: signalWord(alert.signal), op: operatorSign(alert.op), value };
  const hold = alert.explanation.holdSeconds;
  return hold > 0 ? t("alerts.rule", { ...parts, hold: exactSpan(hold) }) : t("alerts.ruleNow", parts);
}

export function valueWords(alert: Alert): { value: string; unit: string } {
  if (alert.class === "technical") return { value: technicalValue(alert) ?? "–", unit: "" };
  return { value: number(alert.value), unit: unit(alert.unit) };
}

/** Who has the alert, or for whom an open one is meant. */
export function ownerWords({ status }: Pick<Alert, "status">, owner: NonNullable<Alert["owner"]>, own: string): string {
  if (status !== "open") return owner.accountId === own ? t("alerts.you") : owner.name;
  return owner.accountId === own ? t("alerts.forYou") : t("alerts.forName", { name: owner.name });
}

/** What happened, in words: by whom, to whom, until when. `clock` formats an instant. */
export function historyWords(step: Alert["history"][number], own: string, clock: (instant: string) => string): string {
  const nameOf = (person: { accountId: string; name: string }) =>
    person.accountId === own ? t("alerts.you").toLocaleLowerCase() : person.name;
  const name = step.by ? nameOf(step.by) : undefined;
  const to = step.to ? nameOf(step.to) : "";
  const words: { readonly [action: string]: () => string } = {
    raised: () => t("alerts.history.fired"),
    acked: () => t("alerts.history.acked", { name: name ?? "" }),
    resolved: () => (name ? t("alerts.history.resolved", { name }) : t("alerts.history.closed")),
    withdrawn: () => t("alerts.history.withdrawn"),
    reopened: () => t("alerts.history.reopened"),
    worsened: () => tk("worsened"),
    "re-derived": () => t("alerts.history.rederived"),
    "recorded-late": () => t("alerts.history.late"),
    snoozed: () => t("alerts.history.snoozed", { name: name ?? "", time: step.until ? clock(step.until) : "" }),
    "snooze-ended": () => (name ? t("alerts.history.snoozeEndedBy", { name }) : t("alerts.history.snoozeEnded")),
    "snooze-pierced": () => t("alerts.history.snoozePierced"),
    assigned: () => t("alerts.history.assigned", { name: name ?? "", to }),
    commented: () => t("alerts.history.commented", { name: name ?? "" }),
    "ack-expired": () => t("alerts.history.ackExpired"),
    "ack-pierced": () => tk("ackPierced"),
    paged: () => te("paged", { to }),
    "paged-late": () => te("pagedLate", { to }),
    escalated: () => te("escalated", { to }),
    "escalated-late": () => te("escalatedLate", { to }),
    "page-held": () => te("held", { to, time: step.until ? clock(step.until) : "" }),
    "page-suppressed": () => te("suppressed"),
    "nobody-to-page": () => te("nobody"),
  };
  return words[step.action]?.() ?? step.action;
}

/** Whom the chain calls next, and when. */
export function nextCallWords({ to, at }: NonNullable<Alert["nextEscalation"]>, clock: (instant: string) => string): string {
  const words: { readonly [to: string]: () => string } = { "on-call": () => te("onCall"), doctors: () => te("doctors") };
  return te("next", { to: words[to]?.() ?? to, time: clock(at) });
}

/** Why the alert fired, in one sentence. `clock` formats an instant with seconds. */
export function whyWords(alert: Alert, clock: (instant: string) => string): string {
  const found = findingWords(alert, clock);
  if (found.length > 0 && alert.rule.kind !== "threshold") return found.join(" ");
  const { explanation } = alert;
  const words = {
    signal: signalWord(alert.signal),
    limit: quantity(alert.threshold, alert.unit),
    onset: clock(alert.onsetAt),
    hold: exactSpan(explanation.holdSeconds),
    n: explanation.samplesUsed,
    r: explanation.samplesRejected,
  };
  const why = limitOf(alert).side === "below" ? t("alert.why.below", words) : t("alert.why.above", words);
  return [why, ...found].join(" ");
}

export function trendPoints(alert: Alert): Point[] {
  return alert.trend.map(([at, value]) => ({ at: Date.parse(at), value }));
}

/** Points of a trend are at most 30 s apart (60 points in 30 min); a hole of twice that or the rule's own limit is a gap. */
export function trendGapMs(alert: Alert): number {
  return Math.max(75_000, alert.explanation.gapSeconds * 1000);
}
