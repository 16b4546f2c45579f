-- Whether a patient has an account, and so an address to write to. Where it is not known it is false: somebody is called who was written to,
-- never nobody told.
alter table patients add column has_account boolean not null default false;
--> statement-breakpoint
grant update (has_account) on patients to app;
