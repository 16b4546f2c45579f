import { type ConsumerSpec, consumer } from "@episante/service/consume";
import { newId } from "@episante/service/ids";
import type { AlertDeps } from "../deps.ts";
import { addClinic, writeRule } from "../storage/rules.ts";

/** Hypoxaemia, under 90 % held for 30 s: the one rule a new clinic starts with. Its name is the same in every language. */
export const addDefaultRule: ConsumerSpec<AlertDeps> = consumer<AlertDeps, "clinic.changed">({
  name: "add-default-rule-on-clinic-changed",
  on: ["clinic.changed"],
  handle: async ({ event, tx, now }) => {
    const { clinicId } = event.data;
    if (!(await addClinic(tx, clinicId))) return;
    const rule = {
      kind: "threshold",
      code: "59408-5",
      op: "<",
      value: 90,
      unit: "%",
      holdSeconds: 30,
      clear: { value: 92, seconds: 30 },
      gapSeconds: 60,
      severity: "critical",
    } as const;
    const id = newId("rul", now);
    await writeRule(
      tx,
      { id, clinicId, version: 1, name: "SpO₂ < 90 %", scope: { kind: "clinic" }, enabled: true, rule, changedAtMs: now },
      now,
    );
  },
});
