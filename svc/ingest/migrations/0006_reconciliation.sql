-- What bronze holds of the log, as the pipeline tells it: sequences, ids of devices and counts, no readings. Unprotected, as all tables here.
create table landed (partition integer primary key, checkpoint bigint not null);
--> statement-breakpoint
-- One range of a partition of the log that is one turn of landing. counts: [{deviceId, boot, readings}]. Kept a little longer than the log keeps its messages.
create table landed_ranges (
  partition integer not null,
  first_seq bigint not null,
  last_seq bigint not null,
  counts jsonb not null,
  landed_at timestamptz not null,
  primary key (partition, first_seq)
);
--> statement-breakpoint
-- How far each partition of the log is compared with the store and with bronze.
create table reconciled (partition integer primary key, checkpoint bigint not null);
--> statement-breakpoint
-- The passes of the reconciler: what is due, and what the last one did.
create table reconciliation (
  one boolean primary key default true check (one),
  due_at timestamptz not null default '-infinity',
  is_whole boolean not null default false,
  finished_at timestamptz,
  messages bigint not null default 0,
  readings bigint not null default 0,
  repaired bigint not null default 0
);
--> statement-breakpoint
insert into reconciliation default values;
--> statement-breakpoint
-- What is missing and cannot be repaired. `bronze`: of first_seq..last_seq of the log, bronze has fewer readings of a batch sender (expected, found).
-- `sequence`: batches first_seq..last_seq of a device's boot, which no reader ever saw.
create table reading_findings (
  kind text not null check (kind in ('bronze', 'sequence')),
  device_id text not null,
  boot text not null,
  first_seq bigint not null,
  last_seq bigint not null,
  expected bigint not null,
  found bigint not null,
  found_at timestamptz not null,
  primary key (kind, device_id, boot, first_seq)
);
--> statement-breakpoint
-- For each UTC day with readings: the last message of the log that wrote to it, per partition of the log, and when that was (business time).
create table reading_days (
  day date not null,
  partition integer not null,
  last_seq bigint not null,
  stored_at timestamptz not null,
  primary key (day, partition)
);
--> statement-breakpoint
-- Days from before this table: as if the last message of every partition had written to each.
insert into reading_days (day, partition, last_seq, stored_at)
select d.day, l.partition, l.checkpoint, now()
from (
  select to_date(right(c.relname, 8), 'YYYYMMDD') as day from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'readings'::regclass and c.relname ~ '^readings_[0-9]{8}$'
  union select distinct (at at time zone 'UTC')::date from readings_other
) d cross join reader_leases l where l.reader = 'store';
--> statement-breakpoint
-- Days of which a class of readings or roll-ups was deleted, and when last.
create table thinned_days (day date not null, class text not null, thinned_at timestamptz not null, primary key (day, class));
--> statement-breakpoint
-- Finds the roll-ups of a day for retention; summarising, so that the store's updates stay cheap.
create index rollups_at on rollups using brin (at) with (pages_per_range = 32);
--> statement-breakpoint
-- Deletes the readings of these signals of a UTC day, and the day's partition when nothing is left in it. The rest is written anew, so that the
-- room is free at once. Gives up after 2 s behind others: the next turn tries again.
create function thin_reading_day(day date, signals text[]) returns bigint language plpgsql security definer set search_path = public set lock_timeout = '2s' as $$
declare
  name text := 'readings_' || to_char(day, 'YYYYMMDD');
  starts timestamptz := day::timestamp at time zone 'UTC';
  ends timestamptz := (day + 1)::timestamp at time zone 'UTC';
  removed bigint;
  kept boolean;
begin
  if to_regclass(name) is null then
    delete from readings_other r where r.at >= starts and r.at < ends and r.signal = any (signals);
    get diagnostics removed = row_count;
    return removed;
  end if;
  execute format('lock table %I in access exclusive mode', name);
  execute format('select count(*) filter (where signal = any ($1)), coalesce(bool_or(not signal = any ($1)), false) from %I', name) into removed, kept using signals;
  if not kept then
    execute format('drop table %I', name);
  elsif removed > 0 then
    execute format('create temp table kept_readings on commit drop as select * from %I where not signal = any ($1)', name) using signals;
    execute format('truncate %I', name);
    execute format('insert into %I select * from kept_readings', name);
    drop table kept_readings;
  end if;
  return removed;
end $$;
--> statement-breakpoint
revoke all on function thin_reading_day(date, text[]) from public;
--> statement-breakpoint
grant execute on function thin_reading_day(date, text[]) to app;
--> statement-breakpoint
grant select, insert, update on landed, reconciled, reconciliation, reading_days, thinned_days to app;
--> statement-breakpoint
grant select, insert, update, delete on landed_ranges, reading_findings to app;
