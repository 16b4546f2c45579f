import type { OnCallSettings } from "@episante/contracts/on-call";
import { addDays, dayOf } from "../../../shared/lib/format.ts";
import { onCallAt, stretchOf } from "./rota.ts";

export const severities = ["critical", "warning", "notice"] as const;
export type Severity = (typeof severities)[number];

/** One call: whom, and how many seconds after the alert begins to call. `on-call` without an account: nobody is on call then. */
export interface PlannedCall {
  readonly afterSeconds: number;
  readonly who:
    | { readonly kind: "person"; readonly accountId: string }
    | { readonly kind: "on-call"; readonly accountId: string | undefined }
    | { readonly kind: "doctors" };
}
/** What an alert that fires now would set going. */
export interface CallPlan {
  /** Quiet hours: nobody is called before this instant, milliseconds. */
  readonly waitsUntilMs?: number;
  /** Empty: nobody is called. */
  readonly calls: readonly PlannedCall[];
}

/** When the quiet hours end that hold at an instant; undefined outside them. Counted in the clinic's zone. */
function quietEnd({ quiet, zone }: OnCallSettings, severity: Severity, nowMs: number): number | undefined {
  if (!quiet || severity === "critical" || !quiet.severities.includes(severity)) return undefined;
  const today = dayOf(nowMs, zone);
  const around = [addDays(today, -1), today].map((day) => stretchOf(day, quiet, zone));
  return around.find(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs)?.endMs;
}

/**
 * Whom an alert of a severity that fires now would call, and when, if nobody takes it. No steps: whoever is on call at once, without a rota
 * the doctors who treat the patient; notices call nobody. A step that is nobody hands over to the next at once, the last to those doctors.
 */
export function planOf(setting: OnCallSettings, severity: Severity, nowMs: number): CallPlan {
  const { chains, rota } = setting;
  const hasRota = rota.weekly.length + rota.exceptions.length > 0;
  const chain = chains[severity] ?? [];
  if (severity === "notice" && chain.length === 0) return { calls: [] };
  const steps = chain.length === 0 && hasRota ? [{ to: "on-call" as const, afterSeconds: 0 }] : chain;
  const waitsUntilMs = quietEnd(setting, severity, nowMs);
  const fromMs = waitsUntilMs ?? nowMs;
  const calls: PlannedCall[] = [];
  let handedOver: number | undefined;
  for (const { to, afterSeconds: written } of steps) {
    const afterSeconds = handedOver ?? written;
    const accountId = to === "on-call" ? onCallAt(setting, fromMs + afterSeconds * 1000) : to;
    calls.push({ afterSeconds, who: to === "on-call" ? { kind: "on-call", accountId } : { kind: "person", accountId: to } });
    handedOver = accountId === undefined ? afterSeconds : undefined;
  }
  const endsAtNobody = calls.length === 0 || handedOver !== undefined;
  if (endsAtNobody && severity !== "notice") calls.push({ afterSeconds: handedOver ?? 0, who: { kind: "doctors" } });
  return { ...(waitsUntilMs === undefined ? {} : { waitsUntilMs }), calls };
}
