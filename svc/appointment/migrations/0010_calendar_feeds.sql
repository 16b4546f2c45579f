-- Private calendar addresses. Of the token only its SHA-256 is kept. `clinic_id` is null for a patient's feed, which spans clinics.
create table calendar_feeds (
  id text primary key,
  token_hash text not null unique,
  kind text not null check (kind in ('patient', 'doctor')),
  account_id text not null,
  patient_id text check ((patient_id is not null) = (kind = 'patient')),
  doctor_id text check ((doctor_id is not null) = (kind = 'doctor')),
  clinic_id text check ((clinic_id is not null) = (kind = 'doctor')),
  details boolean not null,
  locale text not null check (locale in ('fr', 'en')),
  created_at timestamptz not null,
  last_read_on date,
  revoked_at timestamptz
);
--> statement-breakpoint
create index calendar_feeds_account on calendar_feeds (account_id) where revoked_at is null;
--> statement-breakpoint
-- Whose a token is, before an access decision. No visit leaves; a revoked feed and that of a doctor who left are not found.
create function owner_of_feed(p_token_hash text) returns table (id text, patient_id text, clinic_id text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select f.id, f.patient_id, f.clinic_id from public.calendar_feeds f left join public.doctors d on d.doctor_id = f.doctor_id
  where f.token_hash = p_token_hash and f.revoked_at is null and (f.kind = 'patient' or (d.is_active and d.clinic_id = f.clinic_id))
$$;
--> statement-breakpoint
revoke all on function owner_of_feed(text) from public;
--> statement-breakpoint
grant execute on function owner_of_feed(text) to app;
--> statement-breakpoint
alter table calendar_feeds enable row level security;
--> statement-breakpoint
alter table calendar_feeds force row level security;
--> statement-breakpoint
create policy calendar_feeds_access on calendar_feeds using (app_is_system() or app_patient_allowed(patient_id) or app_clinic_allowed(clinic_id));
--> statement-breakpoint
grant select, insert, update on calendar_feeds to app;
