-- Visits that were booked together and repeat. No patient data, as in `busy`: whose it is stands with its visits.
create table series (
  id text primary key,
  clinic_id text not null,
  doctor_id text not null,
  rhythm jsonb not null,
  booked_at timestamptz not null
);
--> statement-breakpoint
-- Its series, its number there in order of time, and of how many: as they were booked, for good.
alter table appointments
  add column series_id text references series (id),
  add column series_number integer,
  add column series_size integer,
  add constraint appointments_series check ((series_id is null) = (series_number is null) and (series_id is null) = (series_size is null));
--> statement-breakpoint
create index appointments_series on appointments (series_id) where series_id is not null;
--> statement-breakpoint
-- Done to several visits of a series in one step, not to this visit alone.
alter table visit_history add column of_series boolean not null default false;
--> statement-breakpoint
grant select, insert on series to app;
