-- One order for entries and freed times: an entry waits for what is freed after it. Both are written under the doctor's lock.
create sequence waitlist_places;
--> statement-breakpoint
-- Doctors somebody waits or waited for. No patient data. `due_at`: when there is something to look at, null: nothing to. `open_hours`: when the
-- doctor worked as last looked at, to see what a change opened; `open_key` names the facts and the day they were worked out for.
create table waitlist_doctors (
  doctor_id text primary key,
  mode text not null default 'one-by-one' check (mode in ('one-by-one', 'first-come', 'off')),
  offer_minutes integer not null default 120 check (offer_minutes between 15 and 2880),
  due_at timestamptz,
  open_hours jsonb,
  open_key text
);
--> statement-breakpoint
create index waitlist_doctors_due_at on waitlist_doctors (due_at);
--> statement-breakpoint
-- What became free and has not passed. `reason_ids`: opened for these reasons only; null: a visit gave it up.
create table waitlist_freed (
  place bigint primary key default nextval('waitlist_places'),
  doctor_id text not null,
  during tstzrange not null,
  reason_ids text[]
);
--> statement-breakpoint
create index waitlist_freed_doctor on waitlist_freed (doctor_id);
--> statement-breakpoint
-- `wishes`: doctors of the clinic with a reason of each, in the order they were named. Ended entries stay.
create table waitlist_entries (
  id text primary key,
  place bigint not null default nextval('waitlist_places'),
  clinic_id text not null,
  patient_id text not null,
  account_id text not null,
  wishes jsonb not null,
  days integer[],
  hour_from text,
  hour_to text,
  from_day date,
  until_day date,
  instead_of text references appointments (id),
  status text not null default 'waiting' check (status in ('waiting', 'served', 'left', 'over')),
  created_at timestamptz not null,
  ended_at timestamptz
);
--> statement-breakpoint
create index waitlist_entries_waiting on waitlist_entries (clinic_id, place) where status = 'waiting';
--> statement-breakpoint
create index waitlist_entries_patient on waitlist_entries (patient_id) where status = 'waiting';
--> statement-breakpoint
-- One open offer per entry. A held one has a row in `busy` with its id as holder, and one in `holds`, so that it counts as any hold does.
create table waitlist_offers (
  id text primary key,
  entry_id text not null references waitlist_entries (id),
  clinic_id text not null,
  patient_id text not null,
  doctor_id text not null,
  reason_id text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  zone text not null,
  until_at timestamptz not null,
  is_held boolean not null,
  status text not null default 'open' check (status in ('open', 'accepted', 'declined', 'expired', 'withdrawn')),
  offered_at timestamptz not null,
  ended_at timestamptz,
  appointment_id text references appointments (id)
);
--> statement-breakpoint
create unique index waitlist_offers_open on waitlist_offers (entry_id) where status = 'open';
--> statement-breakpoint
create index waitlist_offers_entry on waitlist_offers (entry_id, doctor_id);
--> statement-breakpoint
create index waitlist_offers_doctor on waitlist_offers (doctor_id) where status = 'open';
--> statement-breakpoint
-- A visit gave up its time, or a hold is gone: whoever did it, by whichever way.
create function busy_frees_time() returns trigger language plpgsql as $$
begin
  update waitlist_doctors set due_at = 'epoch' where doctor_id = old.doctor_id;
  if found and old.state <> 'hold' then insert into waitlist_freed (doctor_id, during) values (old.doctor_id, old.during); end if;
  return null;
end $$;
--> statement-breakpoint
create trigger busy_given_up after update of state, during, doctor_id, lane on busy for each row
  when (old.lane = 0 and old.state <> 'released'
    and (new.state = 'released' or new.lane <> 0 or new.doctor_id <> old.doctor_id or new.during <> old.during))
  execute function busy_frees_time();
--> statement-breakpoint
create trigger busy_hold_gone after delete on busy for each row when (old.lane = 0 and old.state = 'hold') execute function busy_frees_time();
--> statement-breakpoint
-- Whatever bookings are judged by has changed: hours, absences, closed days, reasons.
create function doctor_facts_changed() returns trigger language plpgsql as $$
begin
  update waitlist_doctors set due_at = 'epoch' where doctor_id = new.doctor_id;
  return null;
end $$;
--> statement-breakpoint
create trigger doctors_waitlist after update on doctors for each row when (new.version <> old.version) execute function doctor_facts_changed();
--> statement-breakpoint
-- Whose an entry or offer is, before an access decision. No row leaves.
create function owner_of_waiting(p_id text) returns table (patient_id text, clinic_id text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select e.patient_id, e.clinic_id from public.waitlist_entries e where e.id = p_id
  union all
  select o.patient_id, o.clinic_id from public.waitlist_offers o where o.id = p_id
$$;
--> statement-breakpoint
revoke all on function owner_of_waiting(text) from public;
--> statement-breakpoint
grant execute on function owner_of_waiting(text) to app;
--> statement-breakpoint
alter table waitlist_entries enable row level security;
--> statement-breakpoint
alter table waitlist_entries force row level security;
--> statement-breakpoint
create policy waitlist_entries_access on waitlist_entries using (app_is_system() or app_patient_allowed(patient_id) or app_clinic_allowed(clinic_id));
--> statement-breakpoint
alter table waitlist_offers enable row level security;
--> statement-breakpoint
alter table waitlist_offers force row level security;
--> statement-breakpoint
create policy waitlist_offers_access on waitlist_offers using (app_is_system() or app_patient_allowed(patient_id) or app_clinic_allowed(clinic_id));
--> statement-breakpoint
grant usage on sequence waitlist_places to app;
--> statement-breakpoint
grant select, insert, update on waitlist_doctors, waitlist_entries, waitlist_offers to app;
--> statement-breakpoint
grant select, insert, delete on waitlist_freed to app;
