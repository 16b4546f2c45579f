import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { at, ms } from "./rows.ts";

/** Missed visits that count, and whether the clinic lets them count. */
export interface NoShows {
  readonly count: number;
  readonly limit: number | null;
  readonly liftedMs: number | null;
}

/** The product's default: after two unexcused no-shows within a year. */
export const defaultNoShowLimit = 2;
const yearMs = 365 * 86_400_000;

/** A clinic's limit; null: missed visits have no consequence. */
export async function findNoShowLimit(tx: Tx, clinicId: string): Promise<number | null> {
  const [row] = await tx.execute(sql`select no_show_limit from no_show_policies where clinic_id = ${clinicId}`);
  if (!row) return defaultNoShowLimit;
  return row.no_show_limit === null ? null : Number(row.no_show_limit);
}

/** Sets a clinic's limit. */
export async function saveNoShowLimit(
  tx: Tx,
  policy: { clinicId: string; limit: number | null; accountId: string; nowMs: number },
): Promise<void> {
  await tx.execute(sql`
    insert into no_show_policies (clinic_id, no_show_limit, changed_at, changed_by)
    values (${policy.clinicId}, ${policy.limit}::integer, ${at(policy.nowMs)}, ${policy.accountId})
    on conflict (clinic_id) do update set no_show_limit = excluded.no_show_limit, changed_at = excluded.changed_at, changed_by = excluded.changed_by`);
}

/** A patient's unexcused no-shows with a clinic within the last year and since the block was last lifted. Under a grant that shows them. */
export async function countNoShows(
  tx: Tx,
  { clinicId, patientId, nowMs }: { clinicId: string; patientId: string; nowMs: number },
): Promise<NoShows> {
  const [row] = await tx.execute(sql`
    select (select count(*) from appointments a where a.patient_id = ${patientId} and a.clinic_id = ${clinicId} and a.status = 'noshow'
        and not a.excused and a.noshow_at > greatest(coalesce(l.lifted_at, 'epoch'), ${at(nowMs - yearMs)}))::integer as count,
      case when p.clinic_id is null then ${defaultNoShowLimit}::integer else p.no_show_limit end as no_show_limit, ${ms(sql`l.lifted_at`)} as lifted_ms
    from (select ${clinicId}::text as clinic_id) as asked
    left join no_show_policies p on p.clinic_id = asked.clinic_id
    left join no_show_lifts l on l.clinic_id = asked.clinic_id and l.patient_id = ${patientId}`);
  return {
    count: Number(row?.count ?? 0),
    limit: row?.no_show_limit == null ? null : Number(row.no_show_limit),
    liftedMs: row?.lifted_ms == null ? null : Number(row.lifted_ms),
  };
}

/** Who has an unexcused no-show within the last year, as `<clinic> <patient>`. Under a system grant. */
export async function listMissers(tx: Tx, nowMs: number): Promise<ReadonlySet<string>> {
  const rows = await tx.execute(sql`
    select distinct clinic_id, patient_id from appointments where status = 'noshow' and not excused and noshow_at > ${at(nowMs - yearMs)}`);
  return new Set(rows.map((row) => `${row.clinic_id} ${row.patient_id}`));
}

/** True for a patient who may act for somebody else now. */
export async function isProxyOfSomebody(tx: Tx, { patientId, nowMs }: { patientId: string; nowMs: number }): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 from proxies where proxy_patient_id = ${patientId} and (until_at is null or until_at > ${at(nowMs)}) limit 1`);
  return rows.length > 0;
}

/** True for a patient who has, or had, a visit with the clinic. */
export async function hasVisits(tx: Tx, clinicId: string, patientId: string): Promise<boolean> {
  return (await tx.execute(sql`select 1 from appointments where patient_id = ${patientId} and clinic_id = ${clinicId} limit 1`)).length > 0;
}

/** From now on earlier no-shows do not count. */
export async function saveLift(tx: Tx, lift: { clinicId: string; patientId: string; accountId: string; nowMs: number }): Promise<void> {
  await tx.execute(sql`
    insert into no_show_lifts (clinic_id, patient_id, lifted_at, lifted_by)
    values (${lift.clinicId}, ${lift.patientId}, ${at(lift.nowMs)}, ${lift.accountId})
    on conflict (clinic_id, patient_id) do update set lifted_at = excluded.lifted_at, lifted_by = excluded.lifted_by`);
}
