-- How far each stream (and partition) is landed. `intended` fixes the end of an object before it is written, so that a repeat after a crash writes the same one.
create table landing (
  stream text not null,
  partition integer not null,
  checkpoint bigint not null default 0,
  intended bigint,
  primary key (stream, partition)
);
--> statement-breakpoint
-- Every bronze object: what the later stages read.
create table bronze_objects (
  key text primary key,
  stream text not null,
  partition integer not null,
  day date not null,
  arrived_on date not null,
  first_seq bigint not null,
  last_seq bigint not null,
  rows integer not null,
  sha256 text not null,
  landed_at timestamptz not null
);
--> statement-breakpoint
create index bronze_objects_day on bronze_objects (day);
--> statement-breakpoint
create index bronze_objects_arrived_on on bronze_objects (arrived_on);
--> statement-breakpoint
-- Zone of each clinic, from clinic.changed: it cuts the days.
create table clinic_zones (clinic_id text primary key, zone text not null, seq bigint not null);
--> statement-breakpoint
-- What the gold of a day was built from (bronze objects and SQL files): a day whose hash differs is due.
create table built_days (day date primary key, inputs text not null, built_at timestamptz not null);
--> statement-breakpoint
create table runs (
  id text primary key,
  stage text not null check (stage in ('bronze', 'silver', 'gold', 'all')),
  day date not null,
  days date[] not null default '{}',
  status text not null check (status in ('running', 'done', 'failed')),
  started_at timestamptz not null,
  finished_at timestamptz,
  rows_in bigint not null default 0,
  rows_out bigint not null default 0,
  changed boolean not null default false,
  error text
);
--> statement-breakpoint
create table quality (
  check_name text not null,
  day date not null,
  offending bigint not null,
  run_id text not null references runs (id),
  at timestamptz not null,
  primary key (check_name, day)
);
--> statement-breakpoint
-- Content hash of each part of gold as it stands in the tables below.
create table gold_parts (table_name text not null, part date not null, sha256 text not null, primary key (table_name, part));
--> statement-breakpoint
create table gold_built (one boolean primary key default true check (one), at timestamptz not null);
--> statement-breakpoint
create table vitals_daily (
  day date not null,
  patient_id text not null,
  signal text not null,
  unit text not null,
  n bigint not null,
  min double precision not null,
  mean double precision not null,
  max double precision not null,
  primary key (day, patient_id, signal)
);
--> statement-breakpoint
create index vitals_daily_patient on vitals_daily (patient_id, day);
--> statement-breakpoint
create table alerts_daily (
  day date not null,
  patient_id text not null,
  severity text not null,
  n bigint not null,
  acked bigint not null,
  ack_seconds double precision[] not null,
  primary key (day, patient_id, severity)
);
--> statement-breakpoint
create index alerts_daily_patient on alerts_daily (patient_id, day);
--> statement-breakpoint
create table appointments_weekly (
  week_start date not null,
  doctor_id text not null,
  booked bigint not null,
  cancelled bigint not null,
  primary key (week_start, doctor_id)
);
--> statement-breakpoint
alter table vitals_daily enable row level security;
--> statement-breakpoint
alter table vitals_daily force row level security;
--> statement-breakpoint
create policy vitals_daily_access on vitals_daily using (app_is_system() or app_patient_allowed(patient_id));
--> statement-breakpoint
alter table alerts_daily enable row level security;
--> statement-breakpoint
alter table alerts_daily force row level security;
--> statement-breakpoint
create policy alerts_daily_access on alerts_daily using (app_is_system() or app_patient_allowed(patient_id));
--> statement-breakpoint
grant select, insert, update on landing, bronze_objects, clinic_zones, built_days, runs, quality, gold_parts, gold_built to app;
--> statement-breakpoint
-- Gold is derived: a day is replaced as a whole, so rows of it are deleted. Nothing of record lives here.
grant select, insert, delete on vitals_daily, alerts_daily, appointments_weekly to app;
--> statement-breakpoint
-- The published face of gold: views with the owner's rights, for readers of other services.
create schema mart;
--> statement-breakpoint
create view mart.vitals_daily as select day, patient_id, signal, unit, n, min, mean, max from public.vitals_daily;
--> statement-breakpoint
create view mart.alerts_daily as select day, patient_id, severity, n, acked, ack_seconds from public.alerts_daily;
--> statement-breakpoint
create view mart.appointments_weekly as select week_start, doctor_id, booked, cancelled from public.appointments_weekly;
--> statement-breakpoint
create view mart.built as select at from public.gold_built;
--> statement-breakpoint
do $$ begin
  if exists (select 1 from pg_roles where rolname = 'gold_reader') then
    grant usage on schema mart to gold_reader;
    grant select on all tables in schema mart to gold_reader;
  end if;
end $$;
