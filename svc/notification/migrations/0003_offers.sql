-- A message may be about an offered time, where there is no visit yet.
alter table messages alter column appointment_id drop not null;
--> statement-breakpoint
alter table messages add column offer_id text;
--> statement-breakpoint
alter table messages add constraint messages_subject check (appointment_id is not null or offer_id is not null);
