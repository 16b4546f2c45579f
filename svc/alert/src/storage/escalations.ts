import type { AccountId, AlertId, ClinicId, Id, PatientId } from "@episante/contracts/ids";
import type { Severity } from "@episante/contracts/rule";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { Run, StepTarget } from "../domain/chain.ts";
import { type Page, type PagedAlert, stormMs } from "../domain/grouping.ts";
import { instantOf, msOf, texts } from "./rows.ts";

/** Entries of an alert's history with which it begins to call, or calls anew: each starts the chain from its first step. */
const calling = ["raised", "reopened", "worsened", "snooze-ended", "snooze-pierced", "ack-expired", "ack-pierced"];

/** An alert that calls, locked, with how far its chain has come. */
export interface CallingAlert extends PagedAlert {
  readonly clinicId: ClinicId;
  readonly class: string;
  readonly signal: string;
  /** The entry of its history with which it began to call: names this time among others. */
  readonly sinceSeq: number;
  readonly run: Run;
  readonly nextMs: number | undefined;
  readonly nextTo: StepTarget | undefined;
}

/**
 * Alerts that call and whose chain must be looked at: nobody has yet, they changed, a step is due, the clinic's setting changed, or what they
 * waited for has ended. Locked until the commit; those that somebody changes right now are left for the next look. System context only.
 */
export async function lockCalling(tx: Tx, nowMs: number, most: number): Promise<CallingAlert[]> {
  const rows = await tx.execute(sql`
    select a.id, a.patient_id, a.clinic_id, a.severity, a.class, a.signal, h.seq, ${msOf("h.at")} as since_ms, e.since_seq, ${msOf("e.from_at")} as from_ms,
      e.done, e.inhibited_by, ${msOf("e.next_at")} as next_ms, e.next_to
    from alerts a left join escalations e on e.alert_id = a.id left join on_call o on o.clinic_id = a.clinic_id
    cross join lateral (select seq, at from alert_history where alert_id = a.id and action = any(${texts(calling)}) order by seq desc limit 1) h
    where a.status = 'open' and not a.late and a.snoozed_until is null and (
      e.alert_id is null or e.cursor <> a.cursor or e.next_at <= ${instantOf(nowMs)} or e.settings_version <> coalesce(o.version, 0)
      or (e.inhibited_by is not null and not exists (select 1 from alerts i where i.id = e.inhibited_by and i.status in ('open', 'acked'))))
    order by a.id limit ${most} for update of a skip locked`);
  return rows.map((row) => {
    const isSameRun = row.since_seq !== null && Number(row.since_seq) === Number(row.seq);
    return {
      id: row.id as AlertId,
      patientId: row.patient_id as PatientId,
      clinicId: row.clinic_id as ClinicId,
      severity: row.severity as Severity,
      class: String(row.class),
      signal: String(row.signal),
      sinceSeq: Number(row.seq),
      run: isSameRun
        ? { fromMs: Number(row.from_ms), done: Number(row.done), isInhibited: row.inhibited_by !== null }
        : { fromMs: Number(row.since_ms), done: 0, isInhibited: false },
      nextMs: row.next_ms === null ? undefined : Number(row.next_ms),
      nextTo: row.next_to === null ? undefined : (row.next_to as StepTarget),
    };
  });
}

/** Critical alerts of patients that last and have called: while one does, nobody is told of less about the same signal. */
export async function criticalsOf(
  tx: Tx,
  patientIds: readonly string[],
): Promise<{ id: AlertId; patientId: string; class: string; signal: string }[]> {
  const rows = await tx.execute(sql`
    select id, patient_id, class, signal from alerts
    where patient_id = any(${texts(patientIds)}) and status in ('open', 'acked') and severity = 'critical' and not late order by id`);
  return rows.map((row) => ({
    id: row.id as AlertId,
    patientId: String(row.patient_id),
    class: String(row.class),
    signal: String(row.signal),
  }));
}

/** A doctor at work in a clinic, and which of some patients they treat. */
export interface ClinicDoctor {
  readonly clinicId: string;
  readonly accountId: AccountId;
  readonly treats: readonly string[];
}

/** Doctors at work in clinics. */
export async function doctorsOf(
  tx: Tx,
  clinicIds: readonly string[],
  patientIds: readonly string[],
  nowMs: number,
): Promise<ClinicDoctor[]> {
  const now = instantOf(nowMs);
  const rows = await tx.execute(sql`
    select d.clinic_id, d.account_id, array(
      select r.patient_id from relationships r where r.doctor_id = d.doctor_id and r.patient_id = any(${texts(patientIds)})
        and r.from_at <= ${now} and (r.until_at is null or r.until_at > ${now})) as treats
    from clinic_doctors d where d.clinic_id = any(${texts(clinicIds)}) and d.is_active order by d.account_id`);
  return rows.map((row) => ({
    clinicId: String(row.clinic_id),
    accountId: row.account_id as AccountId,
    treats: row.treats as string[],
  }));
}

/** How a chain stands after a look. */
export interface Looked {
  readonly alert: Pick<CallingAlert, "id" | "patientId" | "sinceSeq">;
  readonly run: Run;
  readonly inhibitedBy?: AlertId | undefined;
  readonly next?: { readonly to: StepTarget; readonly atMs: number } | undefined;
  readonly settingsVersion: number;
}

/** Notes how chains stand, and of which change of their alerts. Call it behind `publishChanges`. */
export async function writeLooked(tx: Tx, looked: readonly Looked[]): Promise<void> {
  if (looked.length === 0) return;
  const rows = looked.map(({ alert, run, inhibitedBy, next, settingsVersion }) => ({
    alert_id: alert.id,
    patient_id: alert.patientId,
    since_seq: alert.sinceSeq,
    from_at: new Date(run.fromMs).toISOString(),
    done: run.done,
    next_at: next && new Date(next.atMs).toISOString(),
    next_to: next?.to,
    inhibited_by: inhibitedBy,
    settings_version: settingsVersion,
  }));
  await tx.execute(sql`
    insert into escalations (alert_id, patient_id, since_seq, from_at, done, next_at, next_to, inhibited_by, cursor, settings_version)
    select r.alert_id, r.patient_id, r.since_seq, r.from_at, r.done, r.next_at, r.next_to, r.inhibited_by, a.cursor, r.settings_version
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(alert_id text, patient_id text, since_seq bigint, from_at timestamptz, done integer,
      next_at timestamptz, next_to text, inhibited_by text, settings_version integer) join alerts a on a.id = r.alert_id
    on conflict (alert_id) do update set since_seq = excluded.since_seq, from_at = excluded.from_at, done = excluded.done,
      next_at = excluded.next_at, next_to = excluded.next_to, inhibited_by = excluded.inhibited_by, cursor = excluded.cursor,
      settings_version = excluded.settings_version`);
}

/** A delivery that was made. */
export interface PageLine {
  readonly alert: PagedAlert & { readonly sinceSeq: number };
  readonly step: number;
  readonly accountId: AccountId;
  readonly pageId: string;
}
/** What makes a delivery one and the same. */
export const deliveryOf = (alertId: string, sinceSeq: number, step: number, accountId: string) =>
  `${alertId} ${sinceSeq} ${step} ${accountId}`;

/** Deliveries made about alerts, as `deliveryOf` names them. */
export async function deliveriesOf(tx: Tx, alertIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.execute(sql`select alert_id, since_seq, step, account_id from page_lines where alert_id = any(${texts(alertIds)})`);
  return new Set(
    rows.map(({ alert_id, since_seq, step, account_id }) =>
      deliveryOf(String(alert_id), Number(since_seq), Number(step), String(account_id)),
    ),
  );
}

/** Pages that accounts were sent in the last five minutes, oldest first. */
export async function recentPages(tx: Tx, accountIds: readonly string[], nowMs: number): Promise<Page[]> {
  const rows = await tx.execute(sql`
    select p.id, p.clinic_id, p.account_id, p.patient_id, p.step, p.late, ${msOf("p.first_at")} as first_ms, l.alerts
    from pages p cross join lateral (
      select json_agg(json_build_object('id', one.alert_id, 'patientId', one.patient_id, 'severity', one.severity) order by one.at) as alerts
      from (select distinct on (alert_id) * from page_lines where page_id = p.id order by alert_id, at desc) one) l
    where p.account_id = any(${texts(accountIds)}) and p.kind = 'page' and l.alerts is not null
      and p.first_at > ${instantOf(nowMs - stormMs)} and p.first_at <= ${instantOf(nowMs)}
    order by p.first_at, p.id`);
  return rows.map((row) => ({
    id: row.id as Id<"pag">,
    clinicId: row.clinic_id as ClinicId,
    accountId: row.account_id as AccountId,
    patientId: row.patient_id as PatientId | null,
    firstMs: Number(row.first_ms),
    step: Number(row.step),
    isLate: row.late === true,
    alerts: row.alerts as PagedAlert[],
  }));
}

type NewPage = Omit<Page, "alerts" | "step"> & { readonly kind: "page" | "digest"; readonly step: number | null };

/** Notes pages; those that are known stay as they are: they only grow, by their lines. */
export async function writePages(tx: Tx, pages: readonly NewPage[]): Promise<void> {
  if (pages.length === 0) return;
  const rows = pages.map(({ id, clinicId, accountId, kind, patientId, step, isLate, firstMs }) => ({
    id,
    clinic_id: clinicId,
    account_id: accountId,
    kind,
    patient_id: patientId,
    step,
    late: isLate,
    first_at: new Date(firstMs).toISOString(),
  }));
  await tx.execute(sql`
    insert into pages (id, clinic_id, account_id, kind, patient_id, step, late, first_at)
    select * from json_to_recordset(${JSON.stringify(rows)}::json) as r(id text, clinic_id text, account_id text, kind text, patient_id text,
      step integer, late boolean, first_at timestamptz)
    on conflict (id) do nothing`);
}

/** Notes deliveries. @throws a unique violation where one was made already: nobody is told twice, and the transaction tells nobody */
export async function writeLines(tx: Tx, lines: readonly PageLine[], nowMs: number): Promise<void> {
  if (lines.length === 0) return;
  const rows = lines.map(({ alert, step, accountId, pageId }) => ({
    alert_id: alert.id,
    since_seq: alert.sinceSeq,
    step,
    account_id: accountId,
    page_id: pageId,
    patient_id: alert.patientId,
    severity: alert.severity,
  }));
  await tx.execute(sql`
    insert into page_lines (alert_id, since_seq, step, account_id, page_id, patient_id, severity, at)
    select r.*, ${instantOf(nowMs)} from json_to_recordset(${JSON.stringify(rows)}::json) as r(alert_id text, since_seq bigint, step integer,
      account_id text, page_id text, patient_id text, severity text)`);
}

/** Somebody who is left in peace for now. */
export interface Hold {
  readonly alert: Pick<CallingAlert, "id" | "patientId" | "clinicId">;
  readonly accountId: AccountId;
  readonly untilMs: number;
}

/** Notes who is left in peace until when. @returns those of whom it was not known yet */
export async function writeHolds(tx: Tx, held: readonly Hold[]): Promise<Hold[]> {
  if (held.length === 0) return [];
  const rows = held.map(({ alert, accountId, untilMs }) => ({
    alert_id: alert.id,
    account_id: accountId,
    patient_id: alert.patientId,
    clinic_id: alert.clinicId,
    release_at: new Date(untilMs).toISOString(),
  }));
  const fresh = await tx.execute(sql`
    insert into page_holds (alert_id, account_id, patient_id, clinic_id, release_at)
    select * from json_to_recordset(${JSON.stringify(rows)}::json) as r(alert_id text, account_id text, patient_id text, clinic_id text, release_at timestamptz)
    on conflict (alert_id, account_id) do update set release_at = excluded.release_at where page_holds.release_at <> excluded.release_at
    returning alert_id, account_id`);
  const known = new Set(fresh.map((row) => `${row.alert_id} ${row.account_id}`));
  return held.filter(({ alert, accountId }) => known.has(`${alert.id} ${accountId}`));
}

/** Ends holds whose time is over. @returns those whose alert ended meanwhile, by account; what still calls is told by its chain */
export async function endHolds(tx: Tx, nowMs: number): Promise<(PagedAlert & { clinicId: ClinicId; accountId: AccountId })[]> {
  const rows = await tx.execute(sql`
    with ended as (delete from page_holds where release_at <= ${instantOf(nowMs)} returning alert_id, account_id, clinic_id)
    select a.id, a.patient_id, a.severity, e.clinic_id, e.account_id from ended e join alerts a on a.id = e.alert_id
    where a.status = 'resolved' order by e.account_id, a.fired_at, a.id`);
  return rows.map((row) => ({
    id: row.id as AlertId,
    patientId: row.patient_id as PatientId,
    severity: row.severity as Severity,
    clinicId: row.clinic_id as ClinicId,
    accountId: row.account_id as AccountId,
  }));
}
