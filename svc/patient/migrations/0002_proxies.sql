-- Clinics (mirror of svc/auth): their zone says when a day begins, so when a link ends and when a child comes of age.
create table clinics (
  id text primary key,
  name text not null,
  zone text not null,
  changed_at timestamptz not null
);
--> statement-breakpoint
-- Who may act for whom. Asked first, verified by staff of one clinic or by the grown-up relative; never deleted.
create table proxies (
  id text primary key,
  -- The relative: the file that fits what was asked, or the id that a new file will get.
  patient_id text not null,
  -- True when the asker gave a file number that fits: then the relative may agree alone.
  is_matched boolean not null,
  proxy_patient_id text not null,
  clinic_id text not null,
  basis text not null check (basis in ('parent', 'guardian', 'carer-mandate', 'spouse-consent', 'patient-consent')),
  scopes text[] not null check (cardinality(scopes) > 0 and scopes <@ array['book', 'documents', 'record']),
  asked_given_name text not null,
  asked_family_name text not null,
  asked_birth_date date not null,
  asked_file_number text,
  requested_at timestamptz not null,
  verified_at timestamptz,
  verified_as text check (verified_as in ('clinic', 'patient')),
  verified_by text,
  seen text,
  -- Last day on which it counts, and the instant after it in the clinic's zone.
  last_day date,
  ends_at timestamptz,
  -- When the relative comes of age: from then on the link grants nothing until the relative agrees.
  review_at timestamptz,
  closed_at timestamptz,
  closed_as text check (closed_as in ('proxy', 'patient', 'clinic')),
  closed_by text,
  check ((verified_at is null) = (verified_as is null) and (verified_at is null) = (verified_by is null)),
  check ((closed_at is null) = (closed_as is null)),
  check ((last_day is null) = (ends_at is null)),
  check (patient_id <> proxy_patient_id)
);
--> statement-breakpoint
create index proxies_patient_idx on proxies (patient_id, proxy_patient_id);
--> statement-breakpoint
create index proxies_proxy_idx on proxies (proxy_patient_id);
--> statement-breakpoint
create index proxies_clinic_idx on proxies (clinic_id);
--> statement-breakpoint
alter table proxies enable row level security;
--> statement-breakpoint
alter table proxies force row level security;
--> statement-breakpoint
create policy proxies_access on proxies using (
  app_is_system() or app_patient_allowed(patient_id) or app_patient_allowed(proxy_patient_id) or app_clinic_allowed(clinic_id)
);
--> statement-breakpoint
-- What one patient may do for another now, and whether there is or was a link at all. No row leaves.
create function proxy_facts(asked_patient text, acting_patient text, at timestamptz, out scopes text[], out is_linked boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  select
    coalesce((
      select array_agg(distinct scope) from proxies p, unnest(p.scopes) as scope
      where p.patient_id = asked_patient and p.proxy_patient_id = acting_patient and p.verified_at is not null and p.closed_at is null
        and (p.ends_at is null or p.ends_at > at) and (p.review_at is null or p.review_at > at)
    ), '{}'),
    exists (select 1 from proxies p where p.patient_id = asked_patient and p.proxy_patient_id = acting_patient and p.verified_at is not null)
$$;
--> statement-breakpoint
-- The two people and the clinic of a link, for an access decision.
create function proxy_parties(asked_proxy text, out patient_id text, out proxy_patient_id text, out clinic_id text)
language sql stable security definer set search_path = public, pg_temp as $$
  select p.patient_id, p.proxy_patient_id, p.clinic_id from proxies p where p.id = asked_proxy
$$;
--> statement-breakpoint
-- The patient whose number, name and birth day all fit; null otherwise.
create function match_patient(asked_number text, asked_name text, asked_birth_date date) returns text
language sql stable security definer set search_path = public, pg_temp as $$
  select id from patients where file_number = asked_number and search_name = asked_name and birth_date = asked_birth_date
$$;
--> statement-breakpoint
-- How the other person of each open link is called, for one of the two: the asker learns it once the link was verified.
create function linked_people(reader text) returns table (proxy_id text, given_name text, family_name text, birth_date date)
language sql stable security definer set search_path = public, pg_temp as $$
  select p.id, o.given_name, o.family_name, o.birth_date from proxies p join patients o on o.id = p.patient_id
  where p.proxy_patient_id = reader and p.verified_at is not null and p.closed_at is null
  union all
  select p.id, o.given_name, o.family_name, null from proxies p join patients o on o.id = p.proxy_patient_id
  where p.patient_id = reader and p.closed_at is null
$$;
--> statement-breakpoint
-- Who is written to about a patient without an account: the proxy who has been allowed to book for longest.
create function contact_proxy(asked_patient text, at timestamptz) returns text
language sql stable security definer set search_path = public, pg_temp as $$
  select p.proxy_patient_id from proxies p
  where p.patient_id = asked_patient and 'book' = any (p.scopes) and p.verified_at is not null and p.closed_at is null
    and (p.ends_at is null or p.ends_at > at) and (p.review_at is null or p.review_at > at)
  order by p.verified_at, p.id limit 1
$$;
--> statement-breakpoint
revoke execute on function proxy_facts, proxy_parties, match_patient, linked_people, contact_proxy from public;
--> statement-breakpoint
grant execute on function proxy_facts, proxy_parties, match_patient, linked_people, contact_proxy to app;
--> statement-breakpoint
grant select, insert, update on clinics, proxies to app;
