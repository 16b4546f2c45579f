import type { PatientId, RuleId } from "@episante/contracts/ids";
import type { Severity } from "@episante/contracts/rule";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { CountedAlert } from "../domain/load.ts";
import { instantOf } from "./rows.ts";

/** Alerts of a clinic that fired in a period, as far as they are counted. Needs no row-level-security context: whose they are is the caller's secret. */
export async function countedAlerts(tx: Tx, clinicId: string, fromMs: number, toMs: number): Promise<CountedAlert[]> {
  const rows = await tx.execute(sql`select * from alert_load(${clinicId}, ${instantOf(fromMs)}, ${instantOf(toMs)})`);
  return rows.map((row) => ({
    patientId: row.patient_id as PatientId,
    ruleId: row.rule_id as RuleId,
    ruleName: String(row.rule_name),
    ruleKind: String(row.rule_kind),
    severity: row.severity as Severity,
    class: row.class as CountedAlert["class"],
    status: String(row.status),
    late: row.late === true,
    firedAt: Number(row.fired_ms),
    holdSeconds: Number(row.hold_seconds),
    ...(row.longest_ms === null ? {} : { longestMs: Number(row.longest_ms) }),
    ...(row.acked_ms === null ? {} : { ackedAt: Number(row.acked_ms) }),
  }));
}

/** Patients of a clinic of whom something was judged since an instant. Needs no row-level-security context. */
export async function patientsJudged(tx: Tx, clinicId: string, sinceMs: number): Promise<string[]> {
  const rows = await tx.execute(sql`select patient_id from patients_judged(${clinicId}, ${instantOf(sinceMs)})`);
  return rows.map((row) => String(row.patient_id));
}
