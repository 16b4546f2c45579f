import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import { instantOf, texts } from "./rows.ts";

/** Doctor ids and accounts of those who ask. */
export interface Askers {
  readonly doctorIds: readonly string[];
  readonly accountIds: readonly string[];
}

/** A patient in a clinic. */
export interface PatientInClinic {
  readonly patientId: string;
  readonly clinicId: string;
}

/** Whose alerts people may see at an instant; those who may see none are absent. */
export interface Reach {
  /** Patients by the doctor who treats them. */
  readonly treated: ReadonlyMap<string, readonly string[]>;
  /** Patients by the account that was called by one of their alerts, in the clinic where it is a doctor still. */
  readonly paged: ReadonlyMap<string, readonly PatientInClinic[]>;
}

/** Everybody whom these may see. Needs no row-level-security context, as all of this file. */
export const reachOf = (tx: Tx, askers: Askers, nowMs: number): Promise<Reach> => reachAmong(tx, askers, nowMs, sql`true`);

/** As `reachOf`, among some patients. */
export async function reachAmongPatients(tx: Tx, askers: Askers, nowMs: number, patientIds: readonly string[]): Promise<Reach> {
  return reachAmong(tx, askers, nowMs, sql`patient_id = any(${texts(patientIds)})`);
}

/** As `reachOf`, among patients whose alerts changed after a cursor and up to another. */
export async function reachAmongChanged(
  tx: Tx,
  askers: Askers,
  nowMs: number,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): Promise<Reach> {
  return reachAmong(tx, askers, nowMs, sql`patient_id in (select patient_id from alert_changes(${after}, ${upTo}))`);
}

async function reachAmong(tx: Tx, { doctorIds, accountIds }: Askers, nowMs: number, among: SQL): Promise<Reach> {
  if (doctorIds.length === 0) return { treated: new Map(), paged: new Map() };
  const now = instantOf(nowMs);
  const rows = await tx.execute(sql`
    select doctor_id as who, patient_id, null as clinic_id from relationships
    where doctor_id = any(${texts(doctorIds)}) and from_at <= ${now} and (until_at is null or until_at > ${now}) and ${among}
    union all
    select account_id, patient_id, clinic_id from paged_grants g
    where account_id = any(${texts(accountIds)}) and until_at > ${now} and ${among}
      and exists (select 1 from clinic_doctors d where d.clinic_id = g.clinic_id and d.account_id = g.account_id and d.is_active)`);
  const facts = rows.map(({ who, patient_id, clinic_id }) => ({
    who: String(who),
    patientId: String(patient_id),
    clinicId: clinic_id === null ? undefined : String(clinic_id),
  }));
  const treated = facts.filter(({ clinicId }) => clinicId === undefined);
  const paged = facts.flatMap(({ who, patientId, clinicId }) => (clinicId === undefined ? [] : [{ who, patientId, clinicId }]));
  return {
    treated: new Map([...Map.groupBy(treated, ({ who }) => who)].map(([who, own]) => [who, own.map(({ patientId }) => patientId)])),
    paged: new Map(
      [...Map.groupBy(paged, ({ who }) => who)].map(([who, own]) => [who, own.map(({ patientId, clinicId }) => ({ patientId, clinicId }))]),
    ),
  };
}

/** Notes that people were called by alerts of patients. Only doctors of the clinic are: whoever is none may see no alerts, called or not. */
export async function writePagedGrants(
  tx: Tx,
  called: readonly (PatientInClinic & { readonly accountId: string })[],
  nowMs: number,
  untilMs: number,
): Promise<void> {
  if (called.length === 0) return;
  await tx.execute(sql`delete from paged_grants where until_at <= ${instantOf(nowMs)}`);
  const rows = called.map(({ accountId, clinicId, patientId }) => ({ account_id: accountId, clinic_id: clinicId, patient_id: patientId }));
  await tx.execute(sql`
    insert into paged_grants (account_id, clinic_id, patient_id, until_at)
    select distinct r.account_id, r.clinic_id, r.patient_id, ${instantOf(untilMs)}
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(account_id text, clinic_id text, patient_id text)
    join clinic_doctors d on d.account_id = r.account_id and d.clinic_id = r.clinic_id and d.is_active
    order by 1, 3, 2
    on conflict (account_id, patient_id, clinic_id) do update set until_at = excluded.until_at`);
}
