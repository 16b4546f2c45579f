-- Readings per minute (step 60) and hour (step 3600), kept by the store in the transaction that changes readings. Flagged and superseded ones are not in them.
create table rollups (
  patient_id text not null,
  signal text not null,
  step smallint not null,
  at timestamptz not null,
  min double precision not null,
  max double precision not null,
  sum double precision not null,
  n integer not null,
  primary key (patient_id, signal, step, at)
) with (fillfactor = 70);
--> statement-breakpoint
insert into rollups (patient_id, signal, step, at, min, max, sum, n)
select patient_id, signal, 60, date_bin('1 minute', at, timestamptz 'epoch'), min(value), max(value), sum(value), count(*)
from readings where flag is null and not superseded group by 1, 2, 4;
--> statement-breakpoint
insert into rollups (patient_id, signal, step, at, min, max, sum, n)
select patient_id, signal, 3600, date_bin('1 hour', at, timestamptz 'epoch'), min(min), max(max), sum(sum), sum(n)
from rollups where step = 60 group by 1, 2, 4;
--> statement-breakpoint
alter table rollups enable row level security;
--> statement-breakpoint
alter table rollups force row level security;
--> statement-breakpoint
create policy rollups_access on rollups using (app_is_system() or app_patient_allowed(patient_id));
--> statement-breakpoint
-- Delete: a correction can leave a minute without a reading that counts.
grant select, insert, update, delete on rollups to app;
