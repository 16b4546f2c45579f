-- Who may act for whom (mirror of svc/patient). Ids only; an ended link stays, so that an attempt after its end is told from a stranger's.
create table proxies (
  proxy_id text primary key,
  patient_id text not null,
  proxy_patient_id text not null,
  scopes text[] not null,
  until_at timestamptz,
  changed_at timestamptz not null
);
--> statement-breakpoint
create index proxies_pair on proxies (patient_id, proxy_patient_id);
--> statement-breakpoint
-- Whom a visit is for, before an access decision. No row leaves.
create function patient_of_visit(p_appointment_id text) returns text
  language sql stable security definer set search_path = pg_catalog, public as $$
  select a.patient_id from public.appointments a where a.id = p_appointment_id
$$;
--> statement-breakpoint
revoke all on function patient_of_visit(text) from public;
--> statement-breakpoint
grant execute on function patient_of_visit(text) to app;
--> statement-breakpoint
grant select, insert, update on proxies to app;
