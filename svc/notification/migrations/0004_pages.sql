-- One row per page of svc/alert and recipient: what the inbox shows, and the queue of its one mail. No address, no name, no value, no text.
create table pages (
  id text not null,
  account_id text not null,
  clinic_id text not null,
  kind text not null check (kind in ('page', 'digest')),
  severity text not null check (severity in ('critical', 'warning', 'notice')),
  alerts jsonb not null,
  step integer,
  is_late boolean not null,
  -- Business time: when it first called, when it last grew, when it was read, when its mail may leave.
  called_at timestamptz not null,
  changed_at timestamptz not null,
  read_at timestamptz,
  mail_due_at timestamptz not null,
  message_id text not null unique,
  mail_status text not null check (mail_status in ('queued', 'sent', 'failed', 'skipped')),
  subject text not null,
  sent_at timestamptz,
  attempts integer not null default 0,
  -- Real time, as in `messages`: when the next attempt is due.
  next_attempt_at timestamptz not null default now(),
  fault text,
  traceparent text,
  primary key (account_id, id)
);
--> statement-breakpoint
create index pages_due on pages (next_attempt_at) where mail_status = 'queued';
--> statement-breakpoint
create index pages_newest on pages (account_id, called_at desc, id desc);
--> statement-breakpoint
create index pages_unread on pages (account_id) where read_at is null;
--> statement-breakpoint
alter table pages enable row level security;
--> statement-breakpoint
alter table pages force row level security;
--> statement-breakpoint
create policy pages_access on pages using (app_is_system() or app_clinic_allowed(clinic_id));
--> statement-breakpoint
-- A member's own choice; no row: every mail, nights in the clinic's zone. Critical pages are always told by mail.
create table preferences (
  account_id text primary key,
  warning_mail boolean not null,
  notice_mail boolean not null,
  zone text,
  changed_at timestamptz not null
);
--> statement-breakpoint
grant select, insert, update on pages, preferences to app;
