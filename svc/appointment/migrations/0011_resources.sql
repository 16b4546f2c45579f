-- Rooms and devices of a clinic. No patient data. Retired ones stay: visits have them.
create table resources (
  id text primary key,
  clinic_id text not null,
  name text not null,
  type text not null,
  is_active boolean not null default true
);
--> statement-breakpoint
create index resources_clinic on resources (clinic_id, type);
--> statement-breakpoint
-- One row for each clinic that has any. Whoever takes a room or device locks it, behind the doctors' locks and before anything else: so two
-- doctors do not wait for each other's rooms. `due_at`: when the openings of doctors whose visits need one must be worked out again.
create table resource_plans (
  clinic_id text primary key,
  due_at timestamptz
);
--> statement-breakpoint
create index resource_plans_due_at on resource_plans (due_at);
--> statement-breakpoint
-- The time of a room or device is a row like a doctor's, under the same constraint: `doctor_id` is its id, `part_of` the row of the doctor's
-- time that it comes and goes with. No foreign key: every booking would pay for looking at it.
alter table busy add column part_of bigint;
--> statement-breakpoint
create index busy_parts on busy (part_of) where part_of is not null;
--> statement-breakpoint
create function lock_resources(p_clinics text[]) returns void language plpgsql as $$
begin
  perform 1 from resource_plans where clinic_id = any (p_clinics) order by clinic_id for update;
end $$;
--> statement-breakpoint
-- A room or device of a kind that is free, or null. `p_own`: rows whose parts count as free, and are preferred.
create function free_resource(p_clinic text, p_type text, p_from timestamptz, p_to timestamptz, p_now timestamptz, p_own bigint[]) returns text
  language sql stable as $$
  select r.id from resources r where r.clinic_id = p_clinic and r.type = p_type and r.is_active and not exists (
    select 1 from busy b where b.doctor_id = r.id and b.state <> 'released' and upper(b.during) > p_from and lower(b.during) < p_to
      and (b.expires_at is null or b.expires_at > p_now) and b.part_of <> all (p_own))
  order by exists (select 1 from busy b where b.part_of = any (p_own) and b.doctor_id = r.id) desc, r.id limit 1
$$;
--> statement-breakpoint
-- Gives a doctor's taken time one free room or device of each kind, for the same time and state, in place of those it has. Under the clinic's
-- lock. False when a kind has none free: the others are taken all the same, the caller takes everything back or (overbooking) does not.
create function take_resources(p_busy bigint, p_clinic text, p_types text[], p_now timestamptz) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare
  own public.busy;
  kind text;
  one text;
  chosen text[] := '{}';
begin
  select * into strict own from public.busy where id = p_busy;
  foreach kind in array p_types loop
    chosen := chosen || public.free_resource(p_clinic, kind, lower(own.during), upper(own.during), p_now, array[p_busy]);
  end loop;
  delete from public.busy where part_of = p_busy;
  foreach one in array array_remove(chosen, null) loop
    -- Expired holds in the way go with the doctor's time that they belong to: without its room a hold is none.
    delete from public.busy m using public.busy b where m.id = b.part_of and b.doctor_id = one and b.state = 'hold' and b.expires_at <= p_now
      and upper(b.during) > lower(own.during) and lower(b.during) < upper(own.during);
    insert into public.busy (doctor_id, during, state, holder, expires_at, part_of)
      values (one, own.during, own.state, one || ' ' || p_busy, own.expires_at, p_busy);
  end loop;
  if own.state <> 'hold' then update public.resource_plans set due_at = 'epoch' where clinic_id = p_clinic; end if;
  return array_position(chosen, null) is null;
end $$;
--> statement-breakpoint
-- Cancelled, entered in error or taken back, confirmed, extended: whoever did it, by whichever way. What is taken again must be free still.
create function busy_parts_follow() returns trigger language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  if new.state <> old.state then
    update public.resource_plans p set due_at = 'epoch'
      from public.busy b join public.resources r on r.id = b.doctor_id where b.part_of = new.id and p.clinic_id = r.clinic_id;
  end if;
  update public.busy set state = new.state, expires_at = new.expires_at where part_of = new.id;
  return null;
end $$;
--> statement-breakpoint
create trigger busy_parts_follow after update of state, expires_at on busy for each row
  when (new.part_of is null and (new.state <> old.state or new.expires_at is distinct from old.expires_at))
  execute function busy_parts_follow();
--> statement-breakpoint
create function busy_parts_go() returns trigger language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  delete from public.busy where part_of = old.id;
  return null;
end $$;
--> statement-breakpoint
create trigger busy_parts_go after delete on busy for each row when (old.part_of is null) execute function busy_parts_go();
--> statement-breakpoint
-- As before, and a booking whose reason needs rooms or devices (`resource_types`, always `counted`) takes one free of each kind or is `taken`.
create or replace function book_visits(commands jsonb) returns table (id text, outcome text, told text) language plpgsql
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
  with_resources text[];
begin
  perform 1 from doctors where doctor_id in (select x ->> 'doctor_id' from jsonb_array_elements(commands) x) order by doctor_id for update;

  -- Together: no hold, no used key, no old facts, nothing that other bookings of this call could change. Under the context of all, so the
  -- own context is asked for by hand. Who loses against another row, even of this statement, is left over.
  select string_agg(nullif(x ->> 'patients', ''), ','), string_agg(nullif(x ->> 'clinics', ''), ','),
      array_agg(x ->> 'clinic_id') filter (where x ? 'resource_types')
    into all_patients, all_clinics, with_resources from jsonb_array_elements(commands) x;
  if with_resources is not null then perform lock_resources(with_resources); end if;
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
      version bigint, hold_id text, lane integer, busy_from timestamptz, busy_to timestamptz, overbooked_reason text, resource_types text[],
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
    ) and (c.lane <> 0 or not exists (
      select 1 from unnest(c.resource_types) t (type) where free_resource(c.clinic_id, t.type, c.busy_from, c.busy_to, c.booked_at,
        array(select h.busy_id from holds h where h.account_id = c.booked_by and h.doctor_id = c.doctor_id and h.busy_id is not null)) is null
    )) then
      perform end_own_holds(c.booked_by, c.doctor_id, c.booked_at), remove_expired_holds(c.doctor_id, c.during, c.booked_at);
      insert into busy (doctor_id, lane, during, state, holder) values (c.doctor_id, c.lane, c.during, 'booked', c.id)
        on conflict do nothing returning busy.id into taken;
      if taken is null then raise exception 'a free time was taken without the lock of its doctor' using errcode = '40001'; end if;
      if c.resource_types is not null and not take_resources(taken, c.clinic_id, c.resource_types, c.booked_at) and c.lane = 0 then
        raise exception 'a free room or device was taken without the lock of its clinic' using errcode = '40001';
      end if;
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
revoke all on function take_resources(bigint, text, text[], timestamptz) from public;
--> statement-breakpoint
grant execute on function take_resources(bigint, text, text[], timestamptz) to app;
--> statement-breakpoint
grant select, insert, update on resources, resource_plans to app;
