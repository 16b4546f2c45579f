import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import { reasonKeys, type Specialty, searchKeys } from "../domain/search.ts";

/** Counts up when `searchKeys` or `reasonKeys` give other keys than before: everybody is then indexed again. */
const version = 1;
type Names = { fr: string; en: string };

/** Indexes a doctor after a change of profile or reasons. */
export async function indexDoctor(tx: Tx, doctorId: string): Promise<void> {
  await indexWhere(tx, sql`d.doctor_id = ${doctorId}`);
}

/** Indexes published doctors whose keys an older version made, or none. @returns how many there were, at most `limit` */
export function indexOutdated(tx: Tx, limit: number): Promise<number> {
  return indexWhere(
    tx,
    sql`d.doctor_id in (
      select d.doctor_id from doctors d left join search_keys k using (doctor_id)
      where d.published_at is not null and k.version is distinct from ${version} order by d.doctor_id limit ${limit})`,
  );
}

async function indexWhere(tx: Tx, which: SQL): Promise<number> {
  const rows = await tx.execute(sql`
    select d.doctor_id, d.given_name, d.family_name, d.specialty,
      coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name)) filter (where r.is_online), '[]') as reasons
    from doctors d left join reasons r on r.doctor_id = d.doctor_id and r.retired_at is null
    where ${which} group by d.doctor_id`);
  const doctors = rows.map((row) => {
    const reasons = row.reasons as { id: string; name: Names }[];
    const name = `${String(row.given_name)} ${String(row.family_name)}`;
    const specialty = row.specialty as Specialty | null;
    const keyed = reasons.map(({ id, name: { fr, en } }) => ({ id, keys: reasonKeys(`${fr} ${en}`) }));
    const keys = searchKeys({ name, specialty, reasons: reasons.flatMap(({ name: { fr, en } }) => [fr, en]) });
    return { id: String(row.doctor_id), keys, reasons: keyed };
  });
  if (doctors.length === 0) return 0;
  await tx.execute(sql`
    insert into search_keys (doctor_id, keys, version)
    select e.id, array(select jsonb_array_elements_text(e.keys)), ${version}
    from jsonb_to_recordset(${JSON.stringify(doctors)}::jsonb) as e (id text, keys jsonb)
    on conflict (doctor_id) do update set keys = excluded.keys, version = excluded.version`);
  await tx.execute(sql`
    update reasons r set keys = array(select jsonb_array_elements_text(e.keys))
    from jsonb_to_recordset(${JSON.stringify(doctors.flatMap(({ reasons }) => reasons))}::jsonb) as e (id text, keys jsonb) where r.id = e.id`);
  return doctors.length;
}
