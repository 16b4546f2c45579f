-- Private calendars of doctors, read from elsewhere. The address is a secret of its owner: it is shown to nobody again. What became of the last
-- reading is kept as a code, when the calendar last answered (perhaps that nothing changed), and when it was last read in full.
create table busy_feeds (
  id text primary key,
  clinic_id text not null,
  doctor_id text not null,
  url text not null,
  etag text,
  last_modified text,
  created_at timestamptz not null,
  created_by text not null,
  next_at timestamptz not null,
  tried_at timestamptz,
  answered_at timestamptz,
  read_at timestamptz,
  fault text
);
--> statement-breakpoint
create index busy_feeds_doctor on busy_feeds (doctor_id);
--> statement-breakpoint
create index busy_feeds_next on busy_feeds (next_at);
--> statement-breakpoint
alter table busy_feeds enable row level security;
--> statement-breakpoint
alter table busy_feeds force row level security;
--> statement-breakpoint
create policy busy_feeds_access on busy_feeds using (app_is_system() or app_clinic_allowed(clinic_id));
--> statement-breakpoint
-- When those calendars say that a doctor is busy: `[[from, to], …]` in ms since the epoch, half-open, in order. Times only, like absences: no row
-- of it is protected. One row for each calendar, so that a reading that changed moves the doctor's facts on once.
create table busy_blocks (
  feed_id text primary key references busy_feeds (id) on delete cascade,
  doctor_id text not null,
  blocks jsonb not null
);
--> statement-breakpoint
create index busy_blocks_doctor on busy_blocks (doctor_id);
--> statement-breakpoint
create trigger busy_blocks_version after insert or update or delete on busy_blocks for each row execute function facts_of_doctor_move_on();
--> statement-breakpoint
grant select, insert, update, delete on busy_feeds, busy_blocks to app;
