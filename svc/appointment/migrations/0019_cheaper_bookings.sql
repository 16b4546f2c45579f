-- The last word on double booking in one box instead of two columns: doctor and lane as a number give its place across, the time its height, in
-- microseconds and without the instant at which it ends. An index over such boxes costs a third less per booking. Boxes half as wide as
-- the numbers stand apart have an area that grows with time alone. Two doctors whose numbers were alike would be refused each other's times, never booked twice.
create function busy_box(doctor_id text, lane integer, during tstzrange) returns box language sql immutable parallel safe as $$
  select box(
    point((hashtextextended(doctor_id, lane) & 1125899906842623)::float8, date_part('epoch', lower(during) - timestamptz '2000-01-01 00:00:00+00') * 1000000),
    point((hashtextextended(doctor_id, lane) & 1125899906842623)::float8 + 0.5,
      date_part('epoch', coalesce(upper(during), 'infinity') - timestamptz '2000-01-01 00:00:00+00') * 1000000 - 0.5))
$$;
--> statement-breakpoint
grant execute on function busy_box(text, integer, tstzrange) to app;
--> statement-breakpoint
alter table busy drop constraint busy_no_overlap;
--> statement-breakpoint
alter table busy add constraint busy_no_overlap exclude using gist (busy_box(doctor_id, lane, during) with &&)
  where (state in ('hold', 'pending', 'booked', 'arrived'));
--> statement-breakpoint
-- As `write_visits`, with three differences. Texts come as one text for each field, every value closed by U+001E and null told by U+001F, and
-- instants in milliseconds: both are read faster than arrays of text. A time that is taken is looked for by doctor, and then written without
-- looking again: the constraint checks it once, behind the insert. So no two of a call may want the same time; if the constraint
-- raises all the same, nothing is written. `write_visits` stays for processes of the version before.
create function write_plain_visits(
  all_patients text, all_clinics text, joined_actors text, joined_keys text, joined_actions text, joined_input_hashes text, joined_answers text,
  joined_patients text, joined_clinics text, messages_to integer[], joined_message_ids text, joined_message_types text, joined_message_subjects text,
  joined_message_payloads text, joined_ids text, versions bigint[], lanes integer[], joined_overbooked_reasons text, busy_from bigint[],
  busy_to bigint[], joined_clinic_ids text, joined_doctor_ids text, joined_patient_ids text, joined_reason_ids text, starts_at bigint[],
  ends_at bigint[], joined_zones text, cancel_until bigint[], booked_at bigint[], joined_booked_by text)
  returns table (id text, is_due boolean) language plpgsql
  set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off
  set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  actors text[] := string_to_array(joined_actors, E'\x1e', E'\x1f');
  keys text[] := string_to_array(joined_keys, E'\x1e', E'\x1f');
  actions text[] := string_to_array(joined_actions, E'\x1e', E'\x1f');
  input_hashes text[] := string_to_array(joined_input_hashes, E'\x1e', E'\x1f');
  answers text[] := string_to_array(joined_answers, E'\x1e', E'\x1f');
  patients text[] := string_to_array(joined_patients, E'\x1e', E'\x1f');
  clinics text[] := string_to_array(joined_clinics, E'\x1e', E'\x1f');
  message_ids text[] := string_to_array(joined_message_ids, E'\x1e', E'\x1f');
  message_types text[] := string_to_array(joined_message_types, E'\x1e', E'\x1f');
  message_subjects text[] := string_to_array(joined_message_subjects, E'\x1e', E'\x1f');
  message_payloads text[] := string_to_array(joined_message_payloads, E'\x1e', E'\x1f');
  ids text[] := string_to_array(joined_ids, E'\x1e', E'\x1f');
  overbooked_reasons text[] := string_to_array(joined_overbooked_reasons, E'\x1e', E'\x1f');
  clinic_ids text[] := string_to_array(joined_clinic_ids, E'\x1e', E'\x1f');
  doctor_ids text[] := string_to_array(joined_doctor_ids, E'\x1e', E'\x1f');
  patient_ids text[] := string_to_array(joined_patient_ids, E'\x1e', E'\x1f');
  reason_ids text[] := string_to_array(joined_reason_ids, E'\x1e', E'\x1f');
  zones text[] := string_to_array(joined_zones, E'\x1e', E'\x1f');
  booked_by text[] := string_to_array(joined_booked_by, E'\x1e', E'\x1f');
  context text;
begin
  perform 1 from doctors d where d.doctor_id = any (doctor_ids) order by d.doctor_id for update;
  context := set_config('app.patients', all_patients, true);
  context := set_config('app.clinics', all_clinics, true);
  context := set_config('app.system', '', true);
  return query with won as (
    insert into busy (doctor_id, lane, during, state, holder)
      select doctor_ids[i], lanes[i], tstzrange(to_timestamp(busy_from[i]::float8 / 1000), to_timestamp(busy_to[i]::float8 / 1000), '[)'), 'booked', ids[i]
      from generate_subscripts(versions, 1) i join doctors d on d.doctor_id = doctor_ids[i] and d.version = versions[i]
      where (patient_ids[i] = any (string_to_array(patients[i], ',')) or clinic_ids[i] = any (string_to_array(clinics[i], ',')))
        and not exists (select 1 from idempotency k where k.actor = actors[i] and k.key = keys[i])
        and not exists (
          select 1 from holds h join busy b on b.id = h.busy_id
          where h.account_id = booked_by[i] and h.doctor_id = doctor_ids[i] and b.state = 'hold')
        and coalesce((
          select lower(b.during) from busy b where b.doctor_id = doctor_ids[i] and b.lane = lanes[i] and b.state <> 'released'
            and upper(b.during) > to_timestamp(busy_from[i]::float8 / 1000) order by upper(b.during) limit 1) >= to_timestamp(busy_to[i]::float8 / 1000), true)
      returning id as busy_id, holder
  ), booked as materialized (
    select array_position(ids, won.holder) as i, won.busy_id from won
  ), visits as (
    insert into appointments (id, busy_id, clinic_id, doctor_id, patient_id, reason_id, status, starts_at, ends_at, zone, cancel_until, booked_at, booked_by, overbooked_reason, channel)
      select ids[i], v.busy_id, clinic_ids[i], doctor_ids[i], patient_ids[i], reason_ids[i], 'booked', to_timestamp(starts_at[i]::float8 / 1000), to_timestamp(ends_at[i]::float8 / 1000),
        zones[i], to_timestamp(cancel_until[i]::float8 / 1000), to_timestamp(booked_at[i]::float8 / 1000), booked_by[i], overbooked_reasons[i],
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
      select doctor_ids[i], '[]', min(to_timestamp(booked_at[i]::float8 / 1000)) from booked v left join published_openings o on o.doctor_id = doctor_ids[i]
      where o.doctor_id is null
        or o.due_at > to_timestamp(booked_at[i]::float8 / 1000) and (o.behind_at is null or o.behind_at > to_timestamp(busy_from[i]::float8 / 1000))
      group by 1
      on conflict (doctor_id) do update set due_at = excluded.due_at where published_openings.due_at > excluded.due_at
      returning doctor_id
  )
  select ids[i], doctor_ids[i] in (select due.doctor_id from due) from booked v;
end $$;
--> statement-breakpoint
grant execute on function write_plain_visits(text, text, text, text, text, text, text, text, text, integer[], text, text, text, text, text, bigint[],
  integer[], text, bigint[], bigint[], text, text, text, text, bigint[], bigint[], text, bigint[], bigint[], text) to app;
