-- Where patients go: the doctor's own place, or the clinic's. The earliest opening over all open online reasons; infinity when none is known,
-- and moved on by a job when it has passed.
alter table doctors add column at_lat double precision, add column at_lng double precision,
  add column next_at timestamptz not null default 'infinity';
--> statement-breakpoint
update doctors d set at_lat = coalesce(d.lat, c.lat), at_lng = coalesce(d.lng, c.lng) from clinics c where c.clinic_id = d.clinic_id;
--> statement-breakpoint
update doctors d set next_at = coalesce((
  select min(o.starts_at) from openings o join reasons r on r.id = o.reason_id
  where o.doctor_id = d.doctor_id and r.retired_at is null and r.is_online), 'infinity');
--> statement-breakpoint
create index doctors_next_at on doctors (next_at, doctor_id collate "C") where published_at is not null and is_active;
--> statement-breakpoint
create index doctors_name_key on doctors (name_key collate "C", doctor_id collate "C") where published_at is not null and is_active;
--> statement-breakpoint
-- What a doctor is found under: beginnings of words, names with one typing error, the speciality. Made by `domain/search.ts`; a job makes
-- them again where `version` is older than the code's. Found by equality, so a plain array index answers and no extension is needed.
create table search_keys (
  doctor_id text primary key references doctors (doctor_id),
  keys text[] not null,
  version integer not null
);
--> statement-breakpoint
-- Without the list of pending entries, a search right after many changes costs what it always costs.
create index search_keys_keys on search_keys using gin (keys) with (fastupdate = off);
--> statement-breakpoint
alter table reasons add column keys text[] not null default '{}';
--> statement-breakpoint
create index reasons_keys on reasons using gin (keys) with (fastupdate = off) where retired_at is null and is_online;
--> statement-breakpoint
create index reasons_video on reasons (doctor_id) where retired_at is null and is_online and rules ->> 'mode' = 'video';
--> statement-breakpoint
grant select, insert, update on search_keys to app;
