import type { AccountId, ClinicId, GroupId, PatientId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { instantOf, msOf, texts } from "./rows.ts";

/** A group of patients with those who are in it now. */
export interface GroupRow {
  readonly id: GroupId;
  readonly clinicId: ClinicId;
  readonly name: string;
  readonly patientIds: readonly PatientId[];
  readonly changedAtMs: number;
  readonly changedBy?: AccountId;
}

function groupOf(row: Record<string, unknown>): GroupRow {
  return {
    id: row.id as GroupId,
    clinicId: row.clinic_id as ClinicId,
    name: String(row.name),
    patientIds: row.patient_ids as PatientId[],
    changedAtMs: Number(row.changed_ms),
    ...(row.changed_by ? { changedBy: row.changed_by as AccountId } : {}),
  };
}

const columns = sql`g.id, g.clinic_id, g.name, g.changed_by, ${msOf("g.changed_at")} as changed_ms, array(select m.patient_id from rule_group_members m
  where m.group_id = g.id and m.until_ms is null order by m.patient_id) as patient_ids`;

/** Groups of the granted clinics, by name. */
export async function listGroups(tx: Tx): Promise<GroupRow[]> {
  return (await tx.execute(sql`select ${columns} from rule_groups g where g.retired_at is null order by g.name, g.id`)).map(groupOf);
}

/** A granted clinic's group, locked until the commit; null when absent or dissolved. */
export async function findGroup(tx: Tx, id: string): Promise<GroupRow | null> {
  const [row] = await tx.execute(sql`select ${columns} from rule_groups g where g.id = ${id} and g.retired_at is null for update of g`);
  return row ? groupOf(row) : null;
}

/** Writes a new group or another name of one, without its patients. @param isRetired it is dissolved */
export async function writeGroup(tx: Tx, group: Omit<GroupRow, "patientIds">, isRetired = false): Promise<void> {
  const changedAt = instantOf(group.changedAtMs);
  await tx.execute(sql`
    insert into rule_groups (id, clinic_id, name, changed_at, changed_by, retired_at)
    values (${group.id}, ${group.clinicId}, ${group.name}, ${changedAt}, ${group.changedBy ?? null}, ${isRetired ? changedAt : sql`null`})
    on conflict (id) do update set name = excluded.name, changed_at = excluded.changed_at, changed_by = excluded.changed_by, retired_at = excluded.retired_at`);
}

/** Puts patients in and takes patients out, for readings received from an instant on. */
export async function moveMembers(tx: Tx, id: string, { added, removed }: Moved, fromMs: number): Promise<void> {
  await tx.execute(sql`
    update rule_group_members set until_ms = ${fromMs} where group_id = ${id} and until_ms is null and patient_id = any(${texts(removed)})`);
  await tx.execute(sql`
    insert into rule_group_members (group_id, patient_id, from_ms) select ${id}, patient_id, ${fromMs} from unnest(${texts(added)}) as p(patient_id)
    on conflict (group_id, patient_id, from_ms) do update set until_ms = null`);
}

/** Who comes into a group and who leaves it. */
export interface Moved {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** When a patient was in a group, by the receive time of readings: from the first instant on, before the second. */
export type Membership = readonly [fromMs: number, untilMs: number];

/** Every membership there was, by group and patient, of what the context shows. */
export async function loadMemberships(tx: Tx): Promise<Map<string, Map<string, Membership[]>>> {
  const rows = await tx.execute(
    sql`select group_id, patient_id, from_ms, until_ms from rule_group_members order by group_id, patient_id, from_ms`,
  );
  const groups = new Map<string, Map<string, Membership[]>>();
  for (const row of rows) {
    const group = groups.get(String(row.group_id)) ?? new Map<string, Membership[]>();
    groups.set(String(row.group_id), group);
    const membership = [Number(row.from_ms), row.until_ms === null ? Number.POSITIVE_INFINITY : Number(row.until_ms)] as const;
    group.set(String(row.patient_id), [...(group.get(String(row.patient_id)) ?? []), membership]);
  }
  return groups;
}
