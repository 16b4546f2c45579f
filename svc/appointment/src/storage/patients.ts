import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { at } from "./rows.ts";

/** Remembers that a patient exists, whose birth date is to be read. */
export async function savePatient(tx: Tx, patientId: string): Promise<void> {
  await tx.execute(sql`insert into patients (patient_id) values (${patientId}) on conflict do nothing`);
  await tx.execute(sql`
    insert into births (patient_id) values (${patientId})
    on conflict (patient_id) do update set is_due = true where births.birth_date is null`);
}

export async function isKnownPatient(tx: Tx, patientId: string): Promise<boolean> {
  return (await tx.execute(sql`select 1 from patients where patient_id = ${patientId}`)).length > 0;
}

/** Remembers that a patient has an account. */
export async function saveHasAccount(tx: Tx, patientId: string): Promise<void> {
  await tx.execute(sql`
    insert into patients (patient_id, has_account) values (${patientId}, true) on conflict (patient_id) do update set has_account = true`);
}

/** Which of these patients can be written to: those with an account, and those with a relative who has one and may book for them. */
export async function listWritable(tx: Tx, patientIds: readonly string[], nowMs: number): Promise<Set<string>> {
  const rows = await tx.execute(sql`
    select w.id from jsonb_array_elements_text(${JSON.stringify(patientIds)}::jsonb) as w (id)
    where exists (select 1 from patients p where p.patient_id = w.id and p.has_account)
      or exists (
        select 1 from proxies x join patients p on p.patient_id = x.proxy_patient_id and p.has_account
        where x.patient_id = w.id and 'book' = any (x.scopes) and (x.until_at is null or x.until_at > ${at(nowMs)}))`);
  return new Set(rows.map((row) => String(row.id)));
}
