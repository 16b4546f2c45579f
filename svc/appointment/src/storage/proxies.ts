import type { EventData } from "@episante/contracts/events";
import type { ProxyScope } from "@episante/contracts/patient";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { at } from "./rows.ts";

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

/** Whether one patient has a right for another now, and whether there is or was a link between them at all. */
export async function findProxyFacts(
  tx: Tx,
  { patientId, proxyPatientId, scope, nowMs }: { patientId: string; proxyPatientId: string; scope: ProxyScope; nowMs: number },
): Promise<{ isLinked: boolean; isAllowed: boolean }> {
  const [row] = await tx.execute(sql`
    select count(*) > 0 as is_linked,
      coalesce(bool_or(${scope} = any (scopes) and (until_at is null or until_at > ${at(nowMs)})), false) as is_allowed
    from proxies where patient_id = ${patientId} and proxy_patient_id = ${proxyPatientId}`);
  return { isLinked: row?.is_linked === true, isAllowed: row?.is_allowed === true };
}

/** Whom a visit is for, or null; needs no row-level context. */
export async function findPatientOfVisit(tx: Tx, appointmentId: string): Promise<string | null> {
  const [row] = await tx.execute(sql`select patient_of_visit(${appointmentId}) as id`);
  return row?.id ? String(row.id) : null;
}
