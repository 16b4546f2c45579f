-- A visit keeps its time. Looking every booking's time up by a foreign key cost more than it guarded: `busy` has no right to delete for the
-- app, and whoever deletes by a function gives back holds, or rooms with the time they belong to, and nothing else.
create function visits_keep_their_time() returns trigger language plpgsql as $$
begin
  raise exception 'the time of a visit is released, not deleted' using errcode = '23503';
end $$;
--> statement-breakpoint
create trigger busy_visits_keep before delete on busy for each row when (old.part_of is null and old.state <> 'hold')
  execute function visits_keep_their_time();
--> statement-breakpoint
alter table appointments drop constraint appointments_busy_id_fkey;
--> statement-breakpoint
-- Whoever writes many visits under the context of all tells each one's channel itself.
drop trigger appointments_channel on appointments;
--> statement-breakpoint
create trigger appointments_channel before insert on appointments for each row when (new.channel is null) execute function appointment_comes_by();
--> statement-breakpoint
-- Writes judged bookings that need nothing but a free time, in one statement: every array has an element for each booking, and `messages_to`
-- says up to which one of the messages, after those of the booking before, are its own. Tells which were written and whether the doctor's openings
-- became due; what it does not tell is for `book_visits`: the key was used, the facts are old, an own hold is there, another has the time,
-- be it a booking of the same call. No key may stand there twice. The doctors are locked in one order, so that two calls cannot deadlock.
-- Under the context of all (`all_patients`, `all_clinics`), so the own context (`patients`, `clinics`) is asked for by hand.
-- Finds every row by an index and is never planned anew, whatever the planner thought of the tables' size when they were empty.
create function write_visits(all_patients text, all_clinics text, actors text[], keys text[], actions text[], input_hashes text[], answers text[],
  patients text[], clinics text[], messages_to integer[], message_ids text[], message_types text[], message_subjects text[], message_payloads text[],
  ids text[], versions bigint[], lanes integer[], overbooked_reasons text[], busy_from text[], busy_to text[], clinic_ids text[], doctor_ids text[],
  patient_ids text[], reason_ids text[], starts_at text[], ends_at text[], zones text[], cancel_until text[], booked_at text[], booked_by text[])
  returns table (id text, is_due boolean) language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  context text;
begin
  perform 1 from doctors d where d.doctor_id = any (doctor_ids) order by d.doctor_id for update;
  context := set_config('app.patients', all_patients, true);
  context := set_config('app.clinics', all_clinics, true);
  context := set_config('app.system', '', true);
  return query with won as (
    insert into busy (doctor_id, lane, during, state, holder)
      select doctor_ids[i], lanes[i], tstzrange(busy_from[i]::timestamptz, busy_to[i]::timestamptz, '[)'), 'booked', ids[i]
      from generate_subscripts(ids, 1) i join doctors d on d.doctor_id = doctor_ids[i] and d.version = versions[i]
      where (patient_ids[i] = any (string_to_array(patients[i], ',')) or clinic_ids[i] = any (string_to_array(clinics[i], ',')))
        and not exists (select 1 from idempotency k where k.actor = actors[i] and k.key = keys[i])
        and not exists (
          select 1 from holds h join busy b on b.id = h.busy_id
          where h.account_id = booked_by[i] and h.doctor_id = doctor_ids[i] and b.state = 'hold')
      on conflict on constraint busy_no_overlap do nothing returning id as busy_id, holder
  ), booked as materialized (
    select array_position(ids, won.holder) as i, won.busy_id from won
  ), visits as (
    insert into appointments (id, busy_id, clinic_id, doctor_id, patient_id, reason_id, status, starts_at, ends_at, zone, cancel_until, booked_at, booked_by, overbooked_reason, channel)
      select ids[i], v.busy_id, clinic_ids[i], doctor_ids[i], patient_ids[i], reason_ids[i], 'booked', starts_at[i]::timestamptz, ends_at[i]::timestamptz,
        zones[i], cancel_until[i]::timestamptz, booked_at[i]::timestamptz, booked_by[i], overbooked_reasons[i],
        case when patient_ids[i] = any (string_to_array(patients[i], ',')) then 'online' else 'clinic' end
      from booked v
  ), kept as (
    insert into idempotency (actor, key, action, input_hash, answer) select actors[i], keys[i], actions[i], input_hashes[i], answers[i] from booked v
  ), sent as (
    insert into outbox (id, type, subject, payload) select message_ids[m], message_types[m], message_subjects[m], message_payloads[m]
      from booked v, generate_series(coalesce(messages_to[i - 1], 0) + 1, messages_to[i]) m
  ), due as (
    -- Works out nothing here: openings become due, unless they are already or the times lie behind all of them.
    insert into published_openings (doctor_id, openings, due_at)
      select doctor_ids[i], '[]', min(booked_at[i]::timestamptz) from booked v left join published_openings o on o.doctor_id = doctor_ids[i]
      where o.doctor_id is null
        or o.due_at > booked_at[i]::timestamptz and (o.behind_at is null or o.behind_at > busy_from[i]::timestamptz)
      group by 1
      on conflict (doctor_id) do update set due_at = excluded.due_at where published_openings.due_at > excluded.due_at
      returning doctor_id
  )
  select ids[i], doctor_ids[i] in (select due.doctor_id from due) from booked v;
end $$;
--> statement-breakpoint
-- As before, but for the step that wrote plain bookings together: they come by `write_visits`, and here only what is left of them. What comes
-- here all the same (from a process of the version before) is written one by one.
create or replace function book_visits(commands jsonb) returns table (id text, outcome text, told text) language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  c record;
  known record;
  taken bigint;
  with_resources text[];
begin
  perform 1 from doctors where doctor_id in (select x ->> 'doctor_id' from jsonb_array_elements(commands) x) order by doctor_id for update;

  select array_agg(x ->> 'clinic_id') into with_resources from jsonb_array_elements(commands) x where x ? 'resource_types';
  if with_resources is not null then perform lock_resources(with_resources); end if;
  perform set_config('app.system', '', true);

  -- In the order given, each under its own row-level-security context, each seeing what the ones before it wrote.
  for c in
    select x.*, tstzrange(x.busy_from, x.busy_to, '[)') as during from jsonb_to_recordset(commands) as x (
      actor text, key text, action text, input_hash text, answer text, patients text, clinics text, messages jsonb,
      version bigint, hold_id text, lane integer, busy_from timestamptz, busy_to timestamptz, overbooked_reason text, resource_types text[],
      id text, clinic_id text, doctor_id text, patient_id text, reason_id text, starts_at timestamptz, ends_at timestamptz, zone text,
      cancel_until timestamptz, booked_at timestamptz, booked_by text)
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
grant execute on function write_visits(text, text, text[], text[], text[], text[], text[], text[], text[], integer[], text[], text[], text[], text[],
  text[], bigint[], integer[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[]) to app;
