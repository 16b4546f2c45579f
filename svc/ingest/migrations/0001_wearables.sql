-- Care relationships as svc/patient publishes them. Read before any row-level-security context exists, so unprotected; ids only.
create table relationships (
  relationship_id text primary key,
  patient_id text not null,
  doctor_id text not null,
  clinic_id text not null,
  from_at timestamptz not null,
  until_at timestamptz
);
--> statement-breakpoint
create index relationships_doctor on relationships (doctor_id, patient_id);
--> statement-breakpoint
create index relationships_patient on relationships (patient_id);
--> statement-breakpoint
create table clinics (clinic_id text primary key, known_at timestamptz not null default now());
--> statement-breakpoint
create table pairings (
  id text primary key,
  code_hash text not null unique,
  patient_id text not null,
  clinic_id text not null,
  created_by text not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
--> statement-breakpoint
create table devices (
  id text primary key,
  patient_id text not null,
  clinic_id text not null,
  kind text not null,
  model text not null,
  serial text not null,
  token_hash text not null,
  paired_at timestamptz not null,
  revoked_at timestamptz
);
--> statement-breakpoint
create index devices_patient on devices (patient_id);
--> statement-breakpoint
-- Apart from devices, so that the store never waits for somebody who changes a device.
create table device_status (
  device_id text primary key,
  patient_id text not null,
  last_seen_at timestamptz not null,
  battery double precision
);
--> statement-breakpoint
-- One row per reading and version; a day is a partition. `superseded`: a later version of the same (device, code, at) exists.
create table readings (
  patient_id text not null,
  signal text not null,
  code text not null,
  at timestamptz not null,
  value double precision not null,
  device_id text not null,
  received_at timestamptz not null,
  flag text,
  version integer not null default 1,
  superseded boolean not null default false,
  primary key (patient_id, signal, at, device_id, code, version)
) partition by range (at);
--> statement-breakpoint
-- Days that got no partition of their own: readings of a distant past.
create table readings_other partition of readings default;
--> statement-breakpoint
-- Makes the partition of a UTC day. True when the day has one afterwards; false when its readings already live in `readings_other`.
create function ensure_reading_day(day date) returns boolean language plpgsql security definer set search_path = public as $$
declare
  name text := 'readings_' || to_char(day, 'YYYYMMDD');
  starts timestamptz := day::timestamp at time zone 'UTC';
  ends timestamptz := (day + 1)::timestamp at time zone 'UTC';
begin
  if to_regclass(name) is not null then return true; end if;
  perform pg_advisory_xact_lock(hashtext('episante.readings.partitions'));
  if exists (select 1 from readings_other r where r.at >= starts and r.at < ends) then return false; end if;
  -- `if not exists`: another transaction may have made it while this one waited.
  execute format('create table if not exists %I partition of readings for values from (%L) to (%L)', name, starts, ends);
  return true;
end $$;
--> statement-breakpoint
-- The patient a pairing code was made for, to decide access before the pairing may be read.
create function pairing_subject(hash text) returns table (patient_id text)
  language sql stable security definer set search_path = public as
  $$ select p.patient_id from pairings p where p.code_hash = hash $$;
--> statement-breakpoint
-- The patient and clinic of a device, to decide access before the device may be read.
create function device_subject(device_id text) returns table (patient_id text, clinic_id text)
  language sql stable security definer set search_path = public as
  $$ select d.patient_id, d.clinic_id from devices d where d.id = device_id $$;
--> statement-breakpoint
revoke all on function ensure_reading_day(date), pairing_subject(text), device_subject(text) from public;
--> statement-breakpoint
grant execute on function ensure_reading_day(date), pairing_subject(text), device_subject(text) to app;
--> statement-breakpoint
do $$ declare protected text; begin
  foreach protected in array array['pairings', 'devices', 'device_status', 'readings'] loop
    execute format('alter table %I enable row level security', protected);
    execute format('alter table %I force row level security', protected);
    execute format('create policy %I on %I using (app_is_system() or app_patient_allowed(patient_id))', protected || '_access', protected);
  end loop;
end $$;
--> statement-breakpoint
-- Partitions have no grants of their own: they are reached through `readings` and its policy only.
grant select, insert, update on relationships, clinics, pairings, devices, device_status, readings to app;
