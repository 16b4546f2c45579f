import type { Alert } from "@episante/contracts/alert";
import type { RuleBody } from "@episante/contracts/rule";
import { type Signal, signalNames, signalOf, signals, toCanonical } from "@episante/contracts/signals";
import type { ChartBand, ChartEpisode } from "../../../shared/charts/VitalsChart.tsx";
import { alertHeadline, alertLevel } from "../../lib/words.ts";
import { levelOf } from "../alerts/alert-board.ts";

/** Signals in the order a ward looks at them; the others follow. */
const first: readonly Signal[] = [
  "spo2",
  "heart-rate",
  "pulse-rate",
  "respiratory-rate",
  "systolic-pressure",
  "diastolic-pressure",
  "body-temperature",
  "interstitial-glucose",
  "blood-glucose",
];
const order = [...first, ...signalNames.filter((name) => !first.includes(name))];

/** The signals among `names`, each once, in the order of the panels. */
export function panelsOf(names: readonly string[]): Signal[] {
  return order.filter((signal) => names.includes(signal));
}

/** Limits that threshold rules in force set on a signal, in its canonical unit; steps with a level of their own are limits too. */
export function bandsOf(signal: Signal, rules: readonly { readonly rule: RuleBody; readonly enabled: boolean }[]): ChartBand[] {
  return rules.flatMap(({ rule, enabled }) => {
    if (!enabled || rule.kind !== "threshold" || signalOf(rule.code) !== signal) return [];
    const side = rule.op.startsWith("<") ? ("below" as const) : ("above" as const);
    const steps = (rule.steps ?? []).flatMap((step) => ("value" in step ? [{ value: step.value, level: step.severity }] : []));
    return [{ value: rule.value, level: rule.severity }, ...steps].flatMap(({ value, level }) => {
      const canonical = toCanonical(signal, value, rule.unit);
      return canonical === undefined ? [] : [{ value: canonical, side, level }];
    });
  });
}

/** Alerts of a signal as stretches of time; one about no charted signal (a score, a device) concerns every chart. Withdrawn ones never were. */
export function episodesOf(signal: Signal, alerts: readonly Alert[]): ChartEpisode[] {
  return alerts
    .filter((alert) => alert.status !== "withdrawn" && (alert.signal === signal || !signals[alert.signal as Signal]))
    .map((alert) => {
      const name = alertHeadline(alert);
      const end = alert.clearedAt ?? closedAt(alert);
      return {
        from: Date.parse(alert.onsetAt),
        to: end === undefined ? undefined : Date.parse(end),
        level: levelOf(alert),
        name,
        label: `${name} (${alertLevel(alert)})`,
      };
    });
}

/** One that a person closed has no clearing of its own. */
function closedAt(alert: Alert): string | undefined {
  if (alert.status !== "resolved") return undefined;
  return alert.history.findLast(({ action }) => action === "resolved")?.at ?? alert.lastReadingAt;
}
