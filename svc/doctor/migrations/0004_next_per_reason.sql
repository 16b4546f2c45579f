-- The next opening of every reason, so that a search for a reason sorts without reading openings; moved on by the same job.
alter table reasons add column next_at timestamptz not null default 'infinity';
--> statement-breakpoint
create index openings_reason on openings (reason_id, starts_at);
--> statement-breakpoint
update reasons r set next_at = coalesce((select min(o.starts_at) from openings o where o.reason_id = r.id), 'infinity');
--> statement-breakpoint
create index reasons_next_at on reasons (next_at) where next_at < 'infinity';
--> statement-breakpoint
-- The planner takes comparing two lists of words for cheap and reads the whole table; it is the one thing that never is. So: by the index.
create function doctors_under(wanted text[]) returns setof text language sql stable rows 50 set enable_seqscan = off
  as 'select doctor_id from search_keys where keys && wanted';
--> statement-breakpoint
create function reasons_under(wanted text[]) returns setof reasons language sql stable rows 500 set enable_seqscan = off
  as 'select * from reasons where keys && wanted and retired_at is null and is_online';
