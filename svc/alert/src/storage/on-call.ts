import type { EventData } from "@episante/contracts/events";
import type { AccountId } from "@episante/contracts/ids";
import type { OnCallSettings } from "@episante/contracts/on-call";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { instantOf, texts } from "./rows.ts";

/** Zone of a clinic that svc/auth has not told of yet. */
const defaultZone = "Europe/Paris";

/** A clinic's setting; version 0: nothing set yet. */
export interface StoredOnCall {
  readonly version: number;
  readonly settings: OnCallSettings;
}

/** Settings of clinics, by clinic, as far as the grant reaches; the clinic's own zone and empty chains where nothing is set. */
export async function onCallOf(tx: Tx, clinicIds: readonly string[]): Promise<Map<string, StoredOnCall>> {
  const rows = await tx.execute(sql`
    select c.clinic_id, z.zone as own_zone, o.version, o.zone, o.chains, o.rota, o.quiet
    from unnest(${texts(clinicIds)}) as c(clinic_id) left join clinic_zones z on z.clinic_id = c.clinic_id
    left join on_call o on o.clinic_id = c.clinic_id`);
  return new Map(
    rows.map(({ clinic_id, own_zone, version, zone, chains, rota, quiet }) => [
      String(clinic_id),
      {
        version: Number(version ?? 0),
        settings: {
          zone: String(zone ?? own_zone ?? defaultZone),
          chains: (chains as OnCallSettings["chains"] | null) ?? { critical: [], warning: [] },
          rota: (rota as OnCallSettings["rota"] | null) ?? { weekly: [], exceptions: [] },
          quiet: (quiet as OnCallSettings["quiet"]) ?? null,
        },
      },
    ]),
  );
}

/** Replaces a clinic's setting. @param zone undefined: the clinic's own */
export async function writeOnCall(
  tx: Tx,
  clinicId: string,
  { zone, chains, rota, quiet }: Omit<OnCallSettings, "zone"> & { readonly zone?: string | undefined },
  accountId: string,
  nowMs: number,
): Promise<void> {
  await tx.execute(sql`
    insert into on_call (clinic_id, version, zone, chains, rota, quiet, changed_at, changed_by)
    values (${clinicId}, 1, ${zone ?? null}, ${JSON.stringify(chains)}::text::jsonb, ${JSON.stringify(rota)}::text::jsonb,
      ${quiet && JSON.stringify(quiet)}::text::jsonb, ${instantOf(nowMs)}, ${accountId})
    on conflict (clinic_id) do update set version = on_call.version + 1, zone = excluded.zone, chains = excluded.chains, rota = excluded.rota,
      quiet = excluded.quiet, changed_at = excluded.changed_at, changed_by = excluded.changed_by`);
}

/** Keeps a clinic's zone as svc/auth published it, unless a later change is known already. */
export async function writeZone(
  tx: Tx,
  { clinicId, zone }: Pick<EventData<"clinic.changed">, "clinicId" | "zone">,
  atMs: number,
): Promise<void> {
  await tx.execute(sql`
    insert into clinic_zones (clinic_id, zone, changed_at) values (${clinicId}, ${zone}, ${instantOf(atMs)})
    on conflict (clinic_id) do update set zone = excluded.zone, changed_at = excluded.changed_at where clinic_zones.changed_at <= excluded.changed_at`);
}

/** Keeps a membership as svc/auth published it, unless a later change of it is known already. */
export async function writePerson(tx: Tx, membership: EventData<"membership.changed">, atMs: number): Promise<void> {
  const { membershipId, accountId, clinicId, status } = membership;
  await tx.execute(sql`
    insert into clinic_people (membership_id, account_id, clinic_id, is_active, changed_at)
    values (${membershipId}, ${accountId}, ${clinicId}, ${status === "active"}, ${instantOf(atMs)})
    on conflict (membership_id) do update set account_id = excluded.account_id, clinic_id = excluded.clinic_id,
      is_active = excluded.is_active, changed_at = excluded.changed_at where clinic_people.changed_at <= excluded.changed_at`);
}

/** Keeps the zone somebody chose, as svc/notification published it, unless a later choice is known already. */
export async function writeOwnZone(tx: Tx, { accountId, zone }: EventData<"preferences.changed">, atMs: number): Promise<void> {
  await tx.execute(sql`
    insert into account_zones (account_id, zone, changed_at) values (${accountId}, ${zone ?? null}, ${instantOf(atMs)})
    on conflict (account_id) do update set zone = excluded.zone, changed_at = excluded.changed_at where account_zones.changed_at <= excluded.changed_at`);
}

/** An active member of a clinic. */
export interface Person {
  readonly clinicId: string;
  readonly accountId: AccountId;
  /** Empty until svc/auth has told it. */
  readonly name: string;
  /** The one they chose; absent: the clinic's. */
  readonly zone?: string;
  /** A doctor of the clinic: a page opens the alerts it is about. */
  readonly isDoctor: boolean;
}

/** Active members of clinics, by clinic and then by name. Needs no row-level-security context. */
export async function peopleOf(tx: Tx, clinicIds: readonly string[]): Promise<Person[]> {
  const rows = await tx.execute(sql`
    select p.clinic_id, p.account_id, coalesce(n.name, '') as name, z.zone,
      exists (select 1 from clinic_doctors d where d.clinic_id = p.clinic_id and d.account_id = p.account_id and d.is_active) as is_doctor
    from (select distinct clinic_id, account_id from clinic_people where clinic_id = any(${texts(clinicIds)}) and is_active) p
    left join account_names n on n.account_id = p.account_id left join account_zones z on z.account_id = p.account_id
    order by p.clinic_id, name, p.account_id`);
  return rows.map((row) => ({
    clinicId: String(row.clinic_id),
    accountId: row.account_id as AccountId,
    name: String(row.name),
    isDoctor: row.is_doctor === true,
    ...(row.zone === null ? {} : { zone: String(row.zone) }),
  }));
}
