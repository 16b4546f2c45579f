-- Profiles, the clinics that know a patient, the visits and the care relationships they back. Everything about a patient is under forced
-- row-level security; the doctors are a mirror and name no patient.
create sequence file_numbers start 1001;
--> statement-breakpoint
create table patients (
  id text primary key,
  account_id text unique,
  given_name text not null,
  family_name text not null,
  search_name text not null,
  birth_date date not null,
  gender text not null default 'unknown' check (gender in ('female', 'male', 'other', 'unknown')),
  phone text,
  locale text not null check (locale in ('fr', 'en')),
  file_number text not null unique default 'P' || nextval('file_numbers'),
  created_at timestamptz not null
);
--> statement-breakpoint
create index patients_search_idx on patients (search_name, id);
--> statement-breakpoint
create table patient_clinics (
  patient_id text not null,
  clinic_id text not null,
  since timestamptz not null,
  primary key (patient_id, clinic_id)
);
--> statement-breakpoint
create index patient_clinics_clinic_idx on patient_clinics (clinic_id);
--> statement-breakpoint
create table relationships (
  id text primary key,
  patient_id text not null,
  doctor_id text not null,
  clinic_id text not null,
  basis text not null check (basis in ('booking', 'patient-invitation')),
  starts_at timestamptz not null,
  ends_at timestamptz,
  -- Set when somebody ended it before its time: it then stays ended, whatever its visits do.
  closed_at timestamptz,
  created_at timestamptz not null
);
--> statement-breakpoint
create index relationships_patient_idx on relationships (patient_id, doctor_id);
--> statement-breakpoint
create table visits (
  appointment_id text primary key,
  patient_id text not null,
  doctor_id text not null,
  -- None for a visit that was cancelled before its booking was heard.
  relationship_id text references relationships (id),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  cancelled_at timestamptz
);
--> statement-breakpoint
create index visits_relationship_idx on visits (relationship_id);
--> statement-breakpoint
create table doctors (
  id text primary key,
  clinic_id text not null,
  is_active boolean not null,
  -- Instant of the event that said so: an older one that is delivered again changes nothing.
  changed_at timestamptz not null
);
--> statement-breakpoint
alter table patients enable row level security;
--> statement-breakpoint
alter table patients force row level security;
--> statement-breakpoint
alter table patient_clinics enable row level security;
--> statement-breakpoint
alter table patient_clinics force row level security;
--> statement-breakpoint
alter table relationships enable row level security;
--> statement-breakpoint
alter table relationships force row level security;
--> statement-breakpoint
alter table visits enable row level security;
--> statement-breakpoint
alter table visits force row level security;
--> statement-breakpoint
create policy patient_clinics_access on patient_clinics using (
  app_is_system() or app_patient_allowed(patient_id) or app_clinic_allowed(clinic_id)
);
--> statement-breakpoint
-- A clinic sees the patients it knows, and changes none of them by that.
create policy patients_read on patients for select using (
  app_is_system()
  or app_patient_allowed(id)
  or exists (
    select 1 from patient_clinics
    where patient_clinics.patient_id = patients.id and app_clinic_allowed(patient_clinics.clinic_id)
  )
);
--> statement-breakpoint
create policy patients_add on patients for insert with check (app_is_system() or app_patient_allowed(id));
--> statement-breakpoint
create policy patients_change on patients for update using (app_is_system() or app_patient_allowed(id));
--> statement-breakpoint
create policy relationships_access on relationships using (app_is_system() or app_patient_allowed(patient_id));
--> statement-breakpoint
create policy visits_access on visits using (app_is_system() or app_patient_allowed(patient_id));
--> statement-breakpoint
-- What an access decision needs to know before any row-level context exists: three yes-or-no facts, no row leaves.
create function care_facts(
  asked_patient text, doctor_ids text[], doctor_clinics text[], staff_clinics text[], at timestamptz,
  out is_treating boolean, out is_known_to_doctor boolean, out is_known_to_staff boolean
)
language sql stable security definer set search_path = public, pg_temp as $$
  select
    exists (
      select 1 from relationships
      where patient_id = asked_patient and doctor_id = any (doctor_ids)
        and starts_at <= at and (ends_at is null or ends_at > at)
    ),
    exists (select 1 from patient_clinics where patient_id = asked_patient and clinic_id = any (doctor_clinics)),
    exists (select 1 from patient_clinics where patient_id = asked_patient and clinic_id = any (staff_clinics))
$$;
--> statement-breakpoint
revoke execute on function care_facts from public;
--> statement-breakpoint
grant execute on function care_facts to app;
--> statement-breakpoint
grant select, insert, update on patients, patient_clinics, relationships, visits, doctors to app;
--> statement-breakpoint
grant usage on sequence file_numbers to app;
