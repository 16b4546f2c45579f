import type { RuleBody } from "@episante/contracts/rule";
import { type ConsumerSpec, consumer } from "@episante/service/consume";
import { newId } from "@episante/service/ids";
import type { AlertDeps } from "../deps.ts";
import { addClinic, writeRule } from "../storage/rules.ts";

/**
 * What a new clinic starts with, under names that are the same in every language. Hypoxaemia, under 90 % held for 30 s, is its one clinical rule. The
 * technical ones say what a device knows of itself; silence is none of them, because only the clinic knows who has to send all the time.
 */
const defaults: readonly { readonly name: string; readonly rule: RuleBody }[] = [
  {
    name: "SpO₂ < 90 %",
    rule: {
      kind: "threshold",
      code: "59408-5",
      op: "<",
      value: 90,
      unit: "%",
      holdSeconds: 30,
      clear: { value: 92, seconds: 30 },
      gapSeconds: 60,
      severity: "critical",
    },
  },
  { name: "Clock ± 300 s", rule: { kind: "clock-skew", seconds: 300, severity: "warning" } },
  { name: "Battery < 15 %", rule: { kind: "low-battery", below: 15, clear: 20, severity: "notice" } },
];

export const addDefaultRule: ConsumerSpec<AlertDeps> = consumer<AlertDeps, "clinic.changed">({
  name: "add-default-rule-on-clinic-changed",
  on: ["clinic.changed"],
  handle: async ({ event, tx, now }) => {
    const { clinicId } = event.data;
    if (!(await addClinic(tx, clinicId))) return;
    for (const [index, one] of defaults.entries()) {
      // Rules are listed by id, which begins with its time: the clinical one comes first.
      const id = newId("rul", now + index);
      await writeRule(tx, { id, clinicId, version: 1, scope: { kind: "clinic" }, enabled: true, changedAtMs: now, ...one }, now);
    }
  },
});
