-- Hours of single dates that replace the weekly ones.
alter table schedules add column overrides jsonb not null default '[]';
--> statement-breakpoint
-- What a reason asks for, as svc/doctor says it; reasons from before ask for nothing.
alter table reasons
  add column move_hours integer,
  add column buffer_before_minutes integer not null default 0,
  add column buffer_after_minutes integer not null default 0,
  add column notice_minutes integer,
  add column horizon_days integer,
  add column visitors text not null default 'all' check (visitors in ('all', 'new', 'known')),
  add column min_age integer,
  add column max_age integer,
  add column daily_cap integer,
  add column mode text not null default 'in-person' check (mode in ('in-person', 'video')),
  add column resource_types text[] not null default '{}';
--> statement-breakpoint
-- Days on which a whole clinic is closed.
create table clinic_closures (
  clinic_id text not null,
  day date not null,
  name text not null,
  primary key (clinic_id, day)
);
--> statement-breakpoint
-- Times at which a doctor is away. No patient data; the note is for members of the clinic.
create table absences (
  id text primary key,
  doctor_id text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > starts_at),
  note text,
  created_at timestamptz not null,
  created_by text not null
);
--> statement-breakpoint
create index absences_doctor on absences (doctor_id, ends_at);
--> statement-breakpoint
create trigger clinic_closures_version after insert or update or delete on clinic_closures for each row execute function facts_of_clinic_move_on();
--> statement-breakpoint
create trigger absences_version after insert or update or delete on absences for each row execute function facts_of_doctor_move_on();
--> statement-breakpoint
-- Starts of what counts towards a reason's daily cap: visits that take place, and times that others hold. Starts only, they name nobody: so
-- it may look past row-level security, which would show a patient the own visits only.
create function capped_starts(p_doctor_id text, p_reason_id text, p_from timestamptz, p_to timestamptz, p_account text, p_now timestamptz)
  returns setof timestamptz language sql stable security definer set search_path = pg_catalog, public as $$
  select a.starts_at from public.appointments a
    where a.doctor_id = p_doctor_id and a.reason_id = p_reason_id and a.starts_at >= p_from and a.starts_at < p_to
      and a.status not in ('cancelled', 'noshow', 'entered-in-error')
  union all
  select h.starts_at from public.holds h join public.busy b on b.id = h.busy_id
    where h.doctor_id = p_doctor_id and h.reason_id = p_reason_id and h.starts_at >= p_from and h.starts_at < p_to
      and b.state = 'hold' and b.expires_at > p_now and h.account_id <> p_account
$$;
--> statement-breakpoint
-- Who was judged while a place was left must not be written once the day is full: filling it moves the doctor's version on, under the lock
-- that every booking takes. Only the step from not full to full does: beyond it (staff) nobody is judged otherwise.
create function days_filled_move_on() returns trigger language plpgsql as $$
declare
  filled record;
begin
  for filled in
    select n.doctor_id, n.reason_id, r.daily_cap, n.day at time zone n.zone as day_from, (n.day + interval '1 day') at time zone n.zone as day_to,
      count(*) as added, max(n.now) as now
    from (select x.*, date_trunc('day', x.starts_at at time zone x.zone) as day,
        coalesce((to_jsonb(x) ->> 'booked_at')::timestamptz, (to_jsonb(x) ->> 'created_at')::timestamptz) as now from added x) n
    join reasons r on r.reason_id = n.reason_id and r.daily_cap is not null
    group by 1, 2, 3, 4, 5
  loop
    update doctors set version = version + 1 where doctor_id = filled.doctor_id and (
      select count(*) >= filled.daily_cap and count(*) - filled.added < filled.daily_cap
      from capped_starts(filled.doctor_id, filled.reason_id, filled.day_from, filled.day_to, '', filled.now));
  end loop;
  return null;
end $$;
--> statement-breakpoint
create trigger appointments_fill_day after insert on appointments referencing new table as added
  for each statement execute function days_filled_move_on();
--> statement-breakpoint
create trigger holds_fill_day after insert on holds referencing new table as added
  for each statement execute function days_filled_move_on();
--> statement-breakpoint
-- A visit that is moved to another day, or takes place after all.
create function capped_visit_moves_on() returns trigger language plpgsql as $$
begin
  update doctors set version = version + 1 where doctor_id = new.doctor_id
    and exists (select 1 from reasons r where r.reason_id = new.reason_id and r.daily_cap is not null);
  return null;
end $$;
--> statement-breakpoint
create trigger appointments_capped after update of starts_at, doctor_id, reason_id, status on appointments
  for each row when (new.status not in ('cancelled', 'noshow', 'entered-in-error')) execute function capped_visit_moves_on();
--> statement-breakpoint
revoke all on function capped_starts(text, text, timestamptz, timestamptz, text, timestamptz) from public;
--> statement-breakpoint
grant execute on function capped_starts(text, text, timestamptz, timestamptz, text, timestamptz) to app;
--> statement-breakpoint
grant select, insert, update, delete on clinic_closures, absences to app;
