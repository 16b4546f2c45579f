import type { AuditRecord } from "@episante/contracts/audit";
import { type Database, grant } from "@episante/service/db";
import { append } from "../domain/chain.ts";
import { sha256 } from "../hash.ts";
import { insertLinks, listTakenIds, lockHead } from "../storage/records.ts";

/** Appends records to the chain in one transaction; a record that is in it already has no effect. Answers how many were new. */
export async function appendRecords(db: Database, records: readonly AuditRecord[]): Promise<number> {
  return db.transaction(grant.system("append"), async (tx) => {
    const head = await lockHead(tx);
    const taken = await listTakenIds(
      tx,
      records.map((record) => record.id),
    );
    const { links, head: end } = append(head, records, taken, sha256);
    await insertLinks(tx, links, end);
    return links.length;
  });
}
