import type { AuditRecord } from "@episante/contracts/audit";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { Head, Link } from "../domain/chain.ts";

/** The end of the chain, locked until the transaction ends: one appender at a time. */
export async function lockHead(tx: Tx): Promise<Head> {
  const [row] = await tx.execute(sql`select seq, hash from chain_head for update`);
  return headOf(row);
}

/** The end of the chain. */
export async function getHead(tx: Tx): Promise<Head> {
  const [row] = await tx.execute(sql`select seq, hash from chain_head`);
  return headOf(row);
}

function headOf(row: Record<string, unknown> | undefined): Head {
  if (!row) throw new Error("the chain has no head");
  return { seq: Number(row.seq), hash: String(row.hash) };
}

/** Which of the given record ids are in the chain. */
export async function listTakenIds(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx.execute(sql`select id from records where id = any (${sql.param(ids)}::text[])`);
  return new Set(rows.map((row) => String(row.id)));
}

/** Adds links and moves the end of the chain. */
export async function insertLinks(tx: Tx, links: readonly Link[], head: Head): Promise<void> {
  if (links.length === 0) return;
  await tx.execute(sql`
    insert into records (seq, id, patient_ids, record, prev, hash)
    select x.seq, x.id, x."patientIds", x.record, x.prev, x.hash
    from jsonb_to_recordset(${JSON.stringify(links)}::text::jsonb) as x(seq bigint, id text, "patientIds" text[], record text, prev text, hash text)`);
  await tx.execute(sql`update chain_head set seq = ${head.seq}, hash = ${head.hash}`);
}

/** The next links after a number, in the order of the chain. */
export async function listLinks(tx: Tx, afterSeq: number, limit: number): Promise<Link[]> {
  const rows = await tx.execute(
    sql`select seq, id, to_json(patient_ids)::text as patient_ids, record, prev, hash from records where seq > ${afterSeq} order by seq limit ${limit}`,
  );
  return rows.map((row) => ({
    seq: Number(row.seq),
    id: String(row.id),
    patientIds: JSON.parse(String(row.patient_ids)) as string[],
    record: String(row.record),
    prev: String(row.prev),
    hash: String(row.hash),
  }));
}

/** Records, newest first, of one patient when given. What is visible is row-level security's to say. @param beforeSeq exclusive */
export async function listRecords(
  tx: Tx,
  { patientId, beforeSeq, limit }: { patientId: string | undefined; beforeSeq: number | undefined; limit: number },
): Promise<(AuditRecord & { seq: number; hash: string })[]> {
  const rows = await tx.execute(sql`
    select seq, record, hash from records
    where (${beforeSeq ?? null}::bigint is null or seq < ${beforeSeq ?? null}::bigint)
      and (${patientId ?? null}::text is null or patient_ids @> array[${patientId ?? ""}::text])
    order by seq desc limit ${limit}`);
  return rows.map((row) => ({ ...(JSON.parse(String(row.record)) as AuditRecord), seq: Number(row.seq), hash: String(row.hash) }));
}
