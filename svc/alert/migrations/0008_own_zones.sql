-- Zones that members chose for themselves, as svc/notification publishes them; null: the clinic's. Read before any row-level-security context exists.
create table account_zones (account_id text primary key, zone text, changed_at timestamptz not null);
--> statement-breakpoint
grant select, insert, update on account_zones to app;
