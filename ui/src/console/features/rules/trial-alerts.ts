import type { TrialAnswer } from "./create-trial.ts";

/** An alert of the trial; beside a live rule also those that only it raised. */
export type TrialAlert = TrialAnswer["result"]["alerts"][number] & { readonly change?: "added" | "gone" };

/** Newest first. What both rules raise carries no mark. */
export function trialAlerts({ alerts, diff }: TrialAnswer["result"]): TrialAlert[] {
  const keyOf = (alert: TrialAlert) => `${alert.patientId} ${alert.firedAt}`;
  const added = new Set(diff?.onlyDraft.map(keyOf));
  const all: TrialAlert[] = [
    ...alerts.map((alert) => (added.has(keyOf(alert)) ? { ...alert, change: "added" as const } : alert)),
    ...(diff?.onlyLive ?? []).map((alert) => ({ ...alert, change: "gone" as const })),
  ];
  return all.toSorted((a, b) => (a.firedAt < b.firedAt ? 1 : -1));
}
