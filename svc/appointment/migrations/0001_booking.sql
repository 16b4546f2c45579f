create extension if not exists btree_gist;
--> statement-breakpoint
-- Facts of other services (mirrors): clinics of auth, doctors of auth, reasons of svc/doctor. `changed_at` is the event's time: older events lose.
create table clinics (
  clinic_id text primary key,
  zone text not null,
  name text not null,
  address text not null,
  changed_at timestamptz not null
);
--> statement-breakpoint
create table doctors (
  doctor_id text primary key,
  clinic_id text not null,
  is_active boolean not null default true,
  changed_at timestamptz not null,
  reasons_changed_at timestamptz not null default 'epoch'
);
--> statement-breakpoint
create index doctors_clinic_id on doctors (clinic_id);
--> statement-breakpoint
create table reasons (
  reason_id text primary key,
  doctor_id text not null,
  minutes integer not null check (minutes between 1 and 1440),
  is_online boolean not null,
  cancel_hours integer not null,
  retired_at timestamptz
);
--> statement-breakpoint
create index reasons_doctor_id on reasons (doctor_id);
--> statement-breakpoint
create table schedules (
  doctor_id text primary key,
  zone text not null,
  windows jsonb not null,
  closures jsonb not null,
  notice_minutes integer not null,
  horizon_days integer not null,
  changed_at timestamptz not null
);
--> statement-breakpoint
-- Every taken time of a doctor, without any patient data. The exclusion constraint has the last word on double booking;
-- `holder` is the id of the hold or appointment that has the time. Lane 0 is the doctor's ordinary time.
create table busy (
  id bigint generated always as identity primary key,
  doctor_id text not null,
  lane integer not null default 0,
  during tstzrange not null check (not isempty(during) and lower_inc(during) and not upper_inc(during)),
  state text not null check (state in ('hold', 'pending', 'booked', 'arrived', 'released')),
  holder text not null unique,
  expires_at timestamptz,
  check ((state = 'hold') = (expires_at is not null)),
  constraint busy_no_overlap exclude using gist (doctor_id with =, lane with =, during with &&)
    where (state in ('hold', 'pending', 'booked', 'arrived'))
);
--> statement-breakpoint
create table holds (
  id text primary key,
  busy_id bigint references busy (id) on delete set null,
  account_id text not null,
  patient_id text,
  clinic_id text not null,
  doctor_id text not null,
  reason_id text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  zone text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
--> statement-breakpoint
create index holds_account_id on holds (account_id);
--> statement-breakpoint
create index holds_busy_id on holds (busy_id);
--> statement-breakpoint
create table appointments (
  id text primary key,
  busy_id bigint not null unique references busy (id),
  clinic_id text not null,
  doctor_id text not null,
  patient_id text not null,
  reason_id text not null,
  status text not null check (status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled', 'cancelled', 'noshow', 'entered-in-error')),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  zone text not null,
  cancel_until timestamptz not null,
  booked_at timestamptz not null,
  booked_by text not null,
  cancelled_at timestamptz,
  cancelled_by text,
  cancel_reason text,
  check ((status = 'cancelled') = (cancelled_at is not null))
);
--> statement-breakpoint
create index appointments_patient on appointments (patient_id, starts_at);
--> statement-breakpoint
create index appointments_doctor on appointments (doctor_id, starts_at);
--> statement-breakpoint
create index appointments_clinic on appointments (clinic_id, starts_at);
--> statement-breakpoint
-- Next openings as last published, and when time alone may change them.
create table published_openings (
  doctor_id text primary key,
  openings jsonb not null,
  due_at timestamptz not null
);
--> statement-breakpoint
create index published_openings_due_at on published_openings (due_at);
--> statement-breakpoint
-- The only way a row leaves `busy`: holds of one doctor that have expired and touch the wanted time. Their old hold records go a day later.
create function remove_expired_holds(p_doctor_id text, p_during tstzrange, p_now timestamptz) returns void
  language sql volatile security definer set search_path = pg_catalog, public as $$
  delete from public.busy b
    where b.doctor_id = p_doctor_id and b.state = 'hold' and b.expires_at <= p_now and b.during && p_during;
  delete from public.holds h
    where h.doctor_id = p_doctor_id and h.busy_id is null and h.expires_at < p_now - interval '1 day';
$$;
--> statement-breakpoint
revoke all on function remove_expired_holds(text, tstzrange, timestamptz) from public;
--> statement-breakpoint
grant execute on function remove_expired_holds(text, tstzrange, timestamptz) to app;
--> statement-breakpoint
alter table holds enable row level security;
--> statement-breakpoint
alter table holds force row level security;
--> statement-breakpoint
create policy holds_access on holds using (app_is_system() or app_patient_allowed(patient_id) or app_clinic_allowed(clinic_id));
--> statement-breakpoint
alter table appointments enable row level security;
--> statement-breakpoint
alter table appointments force row level security;
--> statement-breakpoint
create policy appointments_access on appointments using (app_is_system() or app_patient_allowed(patient_id) or app_clinic_allowed(clinic_id));
--> statement-breakpoint
grant select, insert, update on clinics, doctors, reasons, schedules, busy, holds, appointments, published_openings to app;
