-- What happens to a visit after it is booked. `sequence` is the calendar file's (RFC 5545): it rises when time, doctor or being cancelled
-- changes. `version` rises with every change. `changed_xid` lets open agendas follow: what changed since a transaction id that all older
-- transactions have ended before; no counter that bookings would have to queue for.
alter table appointments
  add column channel text check (channel in ('online', 'clinic', 'system')),
  add column sequence integer not null default 0,
  add column version integer not null default 0,
  add column changed_xid xid8 not null default pg_current_xact_id(),
  add column arrived_at timestamptz,
  add column in_room_at timestamptz,
  add column done_at timestamptz,
  add column excused boolean,
  add column noshow_at timestamptz,
  add column cancelled_kind text check (cancelled_kind in ('patient', 'relative', 'staff', 'doctor', 'system')),
  add column moved_from jsonb;
--> statement-breakpoint
-- Whose context a visit is written under tells how it was booked: as the patient, as the clinic, or by the machine. Several are written
-- together under the context of all, so the patient's own is looked for first. Older visits say nothing.
create function appointment_comes_by() returns trigger language plpgsql as $$
begin
  new.channel := coalesce(new.channel, case when app_patient_allowed(new.patient_id) then 'online'
    when app_clinic_allowed(new.clinic_id) then 'clinic' else 'system' end);
  return new;
end $$;
--> statement-breakpoint
create trigger appointments_channel before insert on appointments for each row execute function appointment_comes_by();
--> statement-breakpoint
-- Their calendar files were sent with 1.
update appointments set sequence = 1 where status = 'cancelled';
--> statement-breakpoint
create index appointments_changed on appointments (changed_xid);
--> statement-breakpoint
create index appointments_noshow on appointments (patient_id, clinic_id) where status = 'noshow' and not excused;
--> statement-breakpoint
create function appointment_moves_on() returns trigger language plpgsql as $$
begin
  new.version := old.version + 1;
  new.changed_xid := pg_current_xact_id();
  if (new.starts_at, new.ends_at, new.doctor_id, new.status = 'cancelled') is distinct from (old.starts_at, old.ends_at, old.doctor_id, old.status = 'cancelled')
    then new.sequence := old.sequence + 1; end if;
  return new;
end $$;
--> statement-breakpoint
create trigger appointments_version before update on appointments for each row execute function appointment_moves_on();
--> statement-breakpoint
-- Every change of a visit after its booking, and every refused attempt. `former` and `later` hold what changed: time, doctor, state with
-- its times. A status change that was undone stays, with the time of undoing.
create table visit_history (
  id bigint generated always as identity primary key,
  appointment_id text not null references appointments (id),
  patient_id text not null,
  clinic_id text not null,
  at timestamptz not null,
  kind text not null check (kind in ('moved', 'cancelled', 'status', 'undone', 'refused')),
  attempt text check ((attempt is null) = (kind <> 'refused') and attempt in ('move', 'cancel')),
  code text check ((code is null) = (kind <> 'refused')),
  account_id text not null,
  actor_kind text not null check (actor_kind in ('patient', 'relative', 'staff', 'doctor', 'system')),
  channel text not null check (channel in ('online', 'clinic', 'system')),
  former jsonb,
  later jsonb,
  undone_at timestamptz
);
--> statement-breakpoint
create index visit_history_appointment on visit_history (appointment_id, id);
--> statement-breakpoint
-- After how many unexcused no-shows a patient books by telephone only; without a row the default of the product, null: never.
create table no_show_policies (
  clinic_id text primary key,
  no_show_limit integer check (no_show_limit between 1 and 20),
  changed_at timestamptz not null,
  changed_by text not null
);
--> statement-breakpoint
-- No-shows before this instant do not count any more: the clinic lifted the block.
create table no_show_lifts (
  clinic_id text not null,
  patient_id text not null,
  lifted_at timestamptz not null,
  lifted_by text not null,
  primary key (clinic_id, patient_id)
);
--> statement-breakpoint
alter table visit_history enable row level security;
--> statement-breakpoint
alter table visit_history force row level security;
--> statement-breakpoint
create policy visit_history_access on visit_history using (app_is_system() or app_patient_allowed(patient_id) or app_clinic_allowed(clinic_id));
--> statement-breakpoint
alter table no_show_lifts enable row level security;
--> statement-breakpoint
alter table no_show_lifts force row level security;
--> statement-breakpoint
create policy no_show_lifts_access on no_show_lifts using (app_is_system() or app_patient_allowed(patient_id) or app_clinic_allowed(clinic_id));
--> statement-breakpoint
grant select, insert, update on visit_history, no_show_policies, no_show_lifts to app;
