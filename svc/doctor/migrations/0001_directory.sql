-- Mirror of auth's clinics. `changed_at` is the event's time: older events lose.
create table clinics (
  clinic_id text primary key,
  name text not null,
  zone text not null,
  city text not null,
  address text not null,
  phone text not null,
  lat double precision not null,
  lng double precision not null,
  changed_at timestamptz not null
);
--> statement-breakpoint
-- A doctor is a draft (from the membership) until the doctor publishes a profile. Address and place default to the clinic's.
create table doctors (
  doctor_id text primary key,
  clinic_id text not null,
  account_id text not null,
  is_active boolean not null,
  member_at timestamptz not null,
  given_name text not null,
  family_name text not null,
  specialty text,
  languages jsonb not null default '[]',
  sector text,
  wheelchair boolean not null default false,
  accepts_new boolean not null default false,
  about jsonb,
  address text,
  lat double precision,
  lng double precision,
  search_text text not null default '',
  name_key text not null default '',
  published_at timestamptz
);
--> statement-breakpoint
create index doctors_specialty on doctors (specialty) where published_at is not null;
--> statement-breakpoint
create table reasons (
  id text primary key,
  doctor_id text not null references doctors (doctor_id),
  name jsonb not null,
  minutes integer not null check (minutes between 5 and 240),
  is_online boolean not null,
  cancel_hours integer not null,
  position integer not null,
  retired_at timestamptz
);
--> statement-breakpoint
create index reasons_doctor_id on reasons (doctor_id);
--> statement-breakpoint
-- Next bookable starts, as svc/appointment last published them, one row each so that a search finds the next one by index.
create table openings (
  doctor_id text not null,
  starts_at timestamptz not null,
  reason_id text not null,
  primary key (doctor_id, starts_at, reason_id)
);
--> statement-breakpoint
create table openings_heard (doctor_id text primary key, changed_at timestamptz not null);
--> statement-breakpoint
-- Mirror of svc/patient's care relationships: which patients a doctor's figures may cover.
create table relationships (
  relationship_id text primary key,
  patient_id text not null,
  doctor_id text not null,
  valid_from timestamptz not null,
  valid_until timestamptz,
  changed_at timestamptz not null
);
--> statement-breakpoint
create index relationships_doctor_id on relationships (doctor_id);
--> statement-breakpoint
grant select, insert, update on clinics, doctors, reasons, openings_heard, relationships to app;
--> statement-breakpoint
-- Not a record of its own: replaced as a whole with each event.
grant select, insert, delete on openings to app;
