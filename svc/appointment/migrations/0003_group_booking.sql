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
-- Ends what an account holds with a doctor whose lock the caller has.
create function end_own_holds(p_account text, p_doctor text, p_at timestamptz) returns void language plpgsql as $$
declare
  ended record;
begin
  for ended in
    update busy b set expires_at = p_at from holds h
      where h.account_id = p_account and h.doctor_id = p_doctor and b.id = h.busy_id and b.state = 'hold' returning b.during
  loop
    perform remove_expired_holds(p_doctor, ended.during, p_at);
  end loop;
end $$;
--> statement-breakpoint
-- Writes judged bookings, each for itself and in the order given, in one transaction. Every command runs under its own row-level-security
-- context and has an outcome of its own: written (`told`: whether the doctor's openings became due), replayed (`told`: the stored answer),
-- mismatch, stale, taken, hold-expired. Only `written` writes. The doctors are locked in one order, so that two calls cannot deadlock.
-- Rights are the caller's, and so is the schema the names are looked up in.
create function book_visits(commands jsonb) returns table (outcome text, told text) language plpgsql as $$
declare
  c record;
  known record;
  taken bigint;
begin
  perform 1 from doctors where doctor_id in (select x ->> 'doctor_id' from jsonb_array_elements(commands) x) order by doctor_id for update;
  for c in
    select x.*, tstzrange(x.busy_from, x.busy_to, '[)') as during from jsonb_to_recordset(commands) as x (
      actor text, key text, action text, input_hash text, answer text, patients text, clinics text, messages jsonb,
      version bigint, hold_id text, lane integer, busy_from timestamptz, busy_to timestamptz, overbooked_reason text,
      id text, clinic_id text, doctor_id text, patient_id text, reason_id text, starts_at timestamptz, ends_at timestamptz, zone text,
      cancel_until timestamptz, booked_at timestamptz, booked_by text)
  loop
    told := null;
    taken := null;
    perform set_config('app.patients', c.patients, true), set_config('app.clinics', c.clinics, true), set_config('app.system', '', true);

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
    else
      insert into busy (doctor_id, lane, during, state, holder) values (c.doctor_id, c.lane, c.during, 'booked', c.id)
        on conflict do nothing returning id into taken;
      -- The caller's own hold and expired ones are not in the way. A refusal must leave the own hold, so look before ending it.
      if taken is null and not exists (
        select 1 from busy b where b.doctor_id = c.doctor_id and b.lane = c.lane and b.during && c.during and b.state <> 'released'
          and (b.state <> 'hold' or (b.expires_at > c.booked_at
            and not exists (select 1 from holds h where h.busy_id = b.id and h.account_id = c.booked_by)))
      ) then
        perform end_own_holds(c.booked_by, c.doctor_id, c.booked_at), remove_expired_holds(c.doctor_id, c.during, c.booked_at);
        insert into busy (doctor_id, lane, during, state, holder) values (c.doctor_id, c.lane, c.during, 'booked', c.id)
          on conflict do nothing returning id into taken;
        if taken is null then raise exception 'a free time was taken without the lock of its doctor' using errcode = '40001'; end if;
      elsif taken is not null then
        perform end_own_holds(c.booked_by, c.doctor_id, c.booked_at);
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
    -- Works out nothing here: the openings become due, unless they are already or the time lies behind all of them.
    insert into published_openings (doctor_id, openings, due_at) values (c.doctor_id, '[]', c.booked_at)
      on conflict (doctor_id) do update set due_at = excluded.due_at
        where published_openings.due_at > excluded.due_at
          and (published_openings.behind_at is null or published_openings.behind_at > lower(c.during));
    outcome := 'written';
    told := case when found then 'openings-due' end;
    return next;
  end loop;
end $$;
--> statement-breakpoint
grant execute on function end_own_holds(text, text, timestamptz), book_visits(jsonb) to app;
