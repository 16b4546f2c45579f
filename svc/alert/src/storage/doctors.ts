import type { EventData } from "@episante/contracts/events";
import type { AccountId, DoctorId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { instantOf } from "./rows.ts";

/** A doctor to whom an alert may be given. */
export interface Assignee {
  readonly doctorId: DoctorId;
  readonly accountId: AccountId;
  /** Absent until svc/auth has told it. */
  readonly name?: string;
}

/** Keeps a doctor's membership as svc/auth published it, unless a later change of it is known already. */
export async function writeDoctor(tx: Tx, membership: EventData<"membership.changed">, atMs: number): Promise<void> {
  const { membershipId, accountId, doctorId, clinicId, status } = membership;
  if (!doctorId) return;
  await tx.execute(sql`
    insert into clinic_doctors (membership_id, account_id, doctor_id, clinic_id, is_active, changed_at)
    values (${membershipId}, ${accountId}, ${doctorId}, ${clinicId}, ${status === "active"}, ${instantOf(atMs)})
    on conflict (membership_id) do update set account_id = excluded.account_id, doctor_id = excluded.doctor_id, clinic_id = excluded.clinic_id,
      is_active = excluded.is_active, changed_at = excluded.changed_at where clinic_doctors.changed_at <= excluded.changed_at`);
}

/** Doctors at work in a clinic who treat a patient at an instant, by name. Needs no row-level-security context. */
export async function assigneesOf(
  tx: Tx,
  { clinicId, patientId }: { readonly clinicId: string; readonly patientId: string },
  nowMs: number,
): Promise<Assignee[]> {
  const now = instantOf(nowMs);
  const rows = await tx.execute(sql`
    select d.doctor_id, d.account_id, n.name from clinic_doctors d left join account_names n on n.account_id = d.account_id
    where d.clinic_id = ${clinicId} and d.is_active and exists (
      select 1 from relationships r where r.doctor_id = d.doctor_id and r.patient_id = ${patientId}
        and r.from_at <= ${now} and (r.until_at is null or r.until_at > ${now}))
    order by n.name, d.doctor_id`);
  return rows.map(({ doctor_id, account_id, name }) => ({
    doctorId: doctor_id as DoctorId,
    accountId: account_id as AccountId,
    ...(name === null ? {} : { name: String(name) }),
  }));
}
