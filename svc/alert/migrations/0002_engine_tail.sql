-- What a state took in since it was written: short, so that a batch of readings does not write the whole state again.
alter table engine_states add column tail text not null default '';
--> statement-breakpoint
-- Room for the next versions of a row on its own page.
alter table engine_states set (fillfactor = 50);
