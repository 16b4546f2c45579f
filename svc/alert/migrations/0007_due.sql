-- When a state decides something although nothing comes: the deadline of a silence, for example. Not indexed: each partition reads them once, when it
-- takes its lease, and a changing indexed column would make every write of a state dearer.
alter table engine_states add column due_at timestamptz;
--> statement-breakpoint
-- Whether consoles were last told that an open alert's readings have stopped: the job that tells them compares it with what is so now.
alter table alerts add column stale_told boolean not null default false;
