-- Who may read a relative's access log (mirror of svc/patient). Ids only.
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
grant select, insert, update on proxies to app;
