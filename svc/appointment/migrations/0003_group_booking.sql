-- Judged facts have a version: whatever a booking is judged by (the doctor, hours, reasons, the clinic's zone) moves it on, in the same
-- transaction. A judgement made of older facts is told so by `book_visits`, so that any process may keep what it has read in memory.
alter table doctors add column version bigint not null default 0;
--> statement-breakpoint
alter table appointments add column overbooked_reason text;
--> statement-breakpoint
-- A taken time that begins at or after this instant changes nothing of what is published; null: not known.
alter table published_openings add column behind_at timestamptz;
--> statement-breakpoint
create function doctor_moves_on() returns trigger language plpgsql as $$
begin
  if (new.clinic_id, new.is_active) is distinct from (old.clinic_id, old.is_active) then new.version := old.version + 1; end if;
  return new;
end $$;
--> statement-breakpoint
create trigger doctors_version before update on doctors for each row execute function doctor_moves_on();
--> statement-breakpoint
-- For every table whose rows belong to a doctor (column `doctor_id`) and are judged by.
create function facts_of_doctor_move_on() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then update doctors set version = version + 1 where doctor_id = old.doctor_id; end if;
  if tg_op <> 'DELETE' then update doctors set version = version + 1 where doctor_id = new.doctor_id; end if;
  return null;
end $$;
--> statement-breakpoint
-- The same for rows that belong to a clinic (column `clinic_id`). Locks in the order in which bookings lock.
create function facts_of_clinic_move_on() returns trigger language plpgsql as $$
declare
  p_clinic_id text := case when tg_op = 'DELETE' then old.clinic_id else new.clinic_id end;
begin
  perform 1 from doctors where clinic_id = p_clinic_id order by doctor_id for update;
  update doctors set version = version + 1 where clinic_id = p_clinic_id;
  return null;
end $$;
--> statement-breakpoint
create trigger schedules_version after insert or update or delete on schedules for each row execute function facts_of_doctor_move_on();
--> statement-breakpoint
create trigger reasons_version after insert or update or delete on reasons for each row execute function facts_of_doctor_move_on();
--> statement-breakpoint
create trigger clinics_version after insert or update or delete on clinics for each row execute function facts_of_clinic_move_on();
--> statement-breakpoint
-- The same constraint over one number for doctor and lane: an index over the id's text costs three times as much per booking.
-- Two doctors whose numbers were alike would be refused each other's times, never booked twice.
alter table busy drop constraint busy_no_overlap;
--> statement-breakpoint
alter table busy add constraint busy_no_overlap exclude using gist (hashtextextended(doctor_id, lane) with =, during with &&)
  where (state in ('hold', 'pending', 'booked', 'arrived'));
--> statement-breakpoint
-- What is taken of a doctor from some instant on.
create index busy_doctor_until on busy (doctor_id, upper(during)) where state <> 'released';
--> statement-breakpoint
create index busy_holds on busy (doctor_id) where state = 'hold';
--> statement-breakpoint
-- Ends what an account holds with a doctor whose lock the caller has. One by one, so that no plan ever looks through all of `busy`.
create function end_own_holds(p_account text, p_doctor text, p_at timestamptz) returns void language plpgsql as $$
declare
  own bigint;
  ended tstzrange;
begin
  for own in select h.busy_id from holds h where h.account_id = p_account and h.doctor_id = p_doctor and h.busy_id is not null loop
    update busy b set expires_at = p_at where b.id = own and b.state = 'hold' returning b.during into ended;
    if found then perform remove_expired_holds(p_doctor, ended, p_at); end if;
  end loop;
end $$;
--> statement-breakpoint
-- Writes judged bookings, each for itself, in one transaction. Every command has an outcome of its own (`id` tells whose): written (`told`:
-- whether the doctor's openings became due), replayed (`told`: the stored answer), mismatch, stale, taken, hold-expired. Only `written`
-- writes. The doctors are locked in one order, so that two calls cannot deadlock. Rights are the caller's, and so is the schema the names
-- are looked up in. Two steps that write the same: all plain commands together, in one statement; whatever that leaves, one by one.
-- It finds every row by an index, whatever the planner thought of the tables' size when they were empty.
create function book_visits(commands jsonb) returns table (id text, outcome text, told text) language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  c record;
  known record;
  taken bigint;
  wrote text[];
  became_due text[];
  all_patients text;
  all_clinics text;
begin
  perform 1 from doctors where doctor_id in (select x ->> 'doctor_id' from jsonb_array_elements(commands) x) order by doctor_id for update;

  -- Together: no hold, no used key, no old facts, nothing that other bookings of this call could change. Under the context of all, so the
  -- own context is asked for by hand. Who loses against another row, even of this statement, is left over.
  select string_agg(nullif(x ->> 'patients', ''), ','), string_agg(nullif(x ->> 'clinics', ''), ',') into all_patients, all_clinics
    from jsonb_array_elements(commands) x;
  perform set_config('app.patients', coalesce(all_patients, ''), true), set_config('app.clinics', coalesce(all_clinics, ''), true),
    set_config('app.system', '', true);
  with c as materialized (
    select x.*, row_number() over (partition by x.actor, x.key) as turn from jsonb_to_recordset(commands) as x (
      actor text, key text, action text, input_hash text, answer text, patients text, clinics text, messages jsonb,
      version bigint, counted boolean, hold_id text, lane integer, busy_from timestamptz, busy_to timestamptz, overbooked_reason text,
      id text, clinic_id text, doctor_id text, patient_id text, reason_id text, starts_at timestamptz, ends_at timestamptz, zone text,
      cancel_until timestamptz, booked_at timestamptz, booked_by text)
  ), plain as materialized (
    select c.* from c join doctors d on d.doctor_id = c.doctor_id and d.version = c.version
    where c.hold_id is null and not c.counted and c.turn = 1
      and (c.patient_id = any (string_to_array(c.patients, ',')) or c.clinic_id = any (string_to_array(c.clinics, ',')))
      and not exists (select 1 from idempotency k where k.actor = c.actor and k.key = c.key)
      and not exists (
        select 1 from holds h join busy b on b.id = h.busy_id
        where h.account_id = c.booked_by and h.doctor_id = c.doctor_id and b.state = 'hold')
  ), won as (
    insert into busy (doctor_id, lane, during, state, holder)
      select p.doctor_id, p.lane, tstzrange(p.busy_from, p.busy_to, '[)'), 'booked', p.id from plain p
      on conflict do nothing returning id as busy_id, holder
  ), booked as materialized (
    select p.*, won.busy_id from won join plain p on p.id = won.holder
  ), visits as (
    insert into appointments (id, busy_id, clinic_id, doctor_id, patient_id, reason_id, status, starts_at, ends_at, zone, cancel_until, booked_at, booked_by, overbooked_reason)
      select v.id, v.busy_id, v.clinic_id, v.doctor_id, v.patient_id, v.reason_id, 'booked', v.starts_at, v.ends_at, v.zone, v.cancel_until, v.booked_at, v.booked_by, v.overbooked_reason from booked v
  ), answers as (
    insert into idempotency (actor, key, action, input_hash, answer) select v.actor, v.key, v.action, v.input_hash, v.answer from booked v
  ), sent as (
    insert into outbox (id, type, subject, payload) select m.id, m.type, m.subject, m.payload
      from booked v, jsonb_to_recordset(v.messages) as m (id text, type text, subject text, payload text)
  ), due as (
    -- Works out nothing here: openings become due, unless they are already or the times lie behind all of them.
    insert into published_openings (doctor_id, openings, due_at)
      select v.doctor_id, '[]', min(v.booked_at) from booked v left join published_openings o on o.doctor_id = v.doctor_id
      where o.doctor_id is null or o.behind_at is null or o.behind_at > v.busy_from group by v.doctor_id
      on conflict (doctor_id) do update set due_at = excluded.due_at where published_openings.due_at > excluded.due_at
      returning doctor_id
  )
  select coalesce(array_agg(v.id), '{}'), (select array_agg(due.doctor_id) from due) into wrote, became_due from booked v;
  return query select x ->> 'id', 'written', case when x ->> 'doctor_id' = any (became_due) then 'openings-due' end
    from jsonb_array_elements(commands) x where x ->> 'id' = any (wrote);
  if cardinality(wrote) = jsonb_array_length(commands) then return; end if;

  -- One by one: in the order given, each under its own row-level-security context, each seeing what the ones before it wrote.
  for c in
    select x.*, tstzrange(x.busy_from, x.busy_to, '[)') as during from jsonb_to_recordset(commands) as x (
      actor text, key text, action text, input_hash text, answer text, patients text, clinics text, messages jsonb,
      version bigint, hold_id text, lane integer, busy_from timestamptz, busy_to timestamptz, overbooked_reason text,
      id text, clinic_id text, doctor_id text, patient_id text, reason_id text, starts_at timestamptz, ends_at timestamptz, zone text,
      cancel_until timestamptz, booked_at timestamptz, booked_by text)
    where x.id <> all (wrote)
  loop
    id := c.id;
    told := null;
    taken := null;
    perform set_config('app.patients', c.patients, true), set_config('app.clinics', c.clinics, true);

    select d.version, k.input_hash, k.answer into known
      from doctors d left join idempotency k on k.actor = c.actor and k.key = c.key where d.doctor_id = c.doctor_id;
    if known.input_hash is not null then
      if known.input_hash = c.input_hash then outcome := 'replayed'; told := known.answer; else outcome := 'mismatch'; end if;
      return next;
      continue;
    end if;
    -- A held time was judged when it was held.
    if c.hold_id is null and known.version is distinct from c.version then
      outcome := 'stale';
      return next;
      continue;
    end if;

    if c.hold_id is not null then
      update busy b set state = 'booked', expires_at = null, holder = c.id
        where b.holder = c.hold_id and b.doctor_id = c.doctor_id and b.state = 'hold' and b.expires_at > c.booked_at
          and exists (select 1 from holds h where h.busy_id = b.id and h.account_id = c.booked_by)
        returning b.id into taken;
    -- The caller's own hold and expired ones are not in the way. A refusal must leave the own hold, so look before ending it.
    elsif not exists (
      select 1 from busy b where b.doctor_id = c.doctor_id and b.lane = c.lane and b.state <> 'released'
        and upper(b.during) > c.busy_from and lower(b.during) < c.busy_to
        and (b.state <> 'hold' or (b.expires_at > c.booked_at
          and not exists (select 1 from holds h where h.busy_id = b.id and h.account_id = c.booked_by)))
    ) then
      perform end_own_holds(c.booked_by, c.doctor_id, c.booked_at), remove_expired_holds(c.doctor_id, c.during, c.booked_at);
      insert into busy (doctor_id, lane, during, state, holder) values (c.doctor_id, c.lane, c.during, 'booked', c.id)
        on conflict do nothing returning busy.id into taken;
      if taken is null then raise exception 'a free time was taken without the lock of its doctor' using errcode = '40001'; end if;
    end if;
    if taken is null then
      outcome := case when c.hold_id is null then 'taken' else 'hold-expired' end;
      return next;
      continue;
    end if;

    insert into appointments (id, busy_id, clinic_id, doctor_id, patient_id, reason_id, status, starts_at, ends_at, zone, cancel_until, booked_at, booked_by, overbooked_reason)
      values (c.id, taken, c.clinic_id, c.doctor_id, c.patient_id, c.reason_id, 'booked', c.starts_at, c.ends_at, c.zone, c.cancel_until, c.booked_at, c.booked_by, c.overbooked_reason);
    insert into idempotency (actor, key, action, input_hash, answer) values (c.actor, c.key, c.action, c.input_hash, c.answer);
    insert into outbox (id, type, subject, payload)
      select m.id, m.type, m.subject, m.payload from jsonb_to_recordset(c.messages) as m (id text, type text, subject text, payload text);
    insert into published_openings (doctor_id, openings, due_at) values (c.doctor_id, '[]', c.booked_at)
      on conflict (doctor_id) do update set due_at = excluded.due_at
        where published_openings.due_at > excluded.due_at
          and (published_openings.behind_at is null or published_openings.behind_at > c.busy_from);
    outcome := 'written';
    told := case when found then 'openings-due' end;
    return next;
  end loop;
end $$;
--> statement-breakpoint
grant execute on function end_own_holds(text, text, timestamptz), book_visits(jsonb) to app;
