import type { EventData } from "@episante/contracts/events";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";

/** Keeps a link between relatives as its owner last published it. @param changedAt instant of the event: an older one changes nothing */
export async function saveProxy(tx: Tx, link: EventData<"proxy.changed">, changedAt: string): Promise<void> {
  const { proxyId, patientId, proxyPatientId, scopes, until } = link;
  await tx.execute(sql`
    insert into proxies (proxy_id, patient_id, proxy_patient_id, scopes, until_at, changed_at)
    values (${proxyId}, ${patientId}, ${proxyPatientId}, string_to_array(${scopes.join(",")}, ','), ${until ?? null}::timestamptz, ${changedAt}::timestamptz)
    on conflict (proxy_id) do update set patient_id = excluded.patient_id, proxy_patient_id = excluded.proxy_patient_id, scopes = excluded.scopes,
      until_at = excluded.until_at, changed_at = excluded.changed_at
    where proxies.changed_at <= excluded.changed_at`);
}

/** Whether one patient may see another's record now, and whether there is or was a link between them at all. */
export async function findProxyFacts(
  tx: Tx,
  { patientId, proxyPatientId, nowMs }: { patientId: string; proxyPatientId: string; nowMs: number },
): Promise<{ isLinked: boolean; isAllowed: boolean }> {
  const [row] = await tx.execute(sql`
    select count(*) > 0 as is_linked,
      coalesce(bool_or('record' = any (scopes) and (until_at is null or until_at > ${new Date(nowMs).toISOString()}::timestamptz)), false) as is_allowed
    from proxies where patient_id = ${patientId} and proxy_patient_id = ${proxyPatientId}`);
  return { isLinked: row?.is_linked === true, isAllowed: row?.is_allowed === true };
}
