-- One row per event and template: the queue, and what the patient's inbox shows. No address and no text: both are made at send time.
create table messages (
  id text primary key,
  event_id text not null,
  template text not null,
  channel text not null check (channel in ('email')),
  patient_id text not null,
  clinic_id text not null,
  appointment_id text not null,
  status text not null check (status in ('queued', 'sent', 'failed', 'skipped')),
  subject text not null,
  created_at timestamptz not null,
  sent_at timestamptz,
  attempts integer not null default 0,
  -- Real time, not the business clock: when the next attempt is due.
  next_attempt_at timestamptz not null default now(),
  fault text,
  unique (event_id, template)
);
--> statement-breakpoint
create index messages_due on messages (next_attempt_at) where status = 'queued';
--> statement-breakpoint
create index messages_patient on messages (patient_id, id);
--> statement-breakpoint
-- Demo and test only: mail as the built-in SMTP sink received it. `message_id` makes a mail that is sent again the same mail.
create table captured_mails (
  id text primary key,
  message_id text not null unique,
  patient_id text,
  clinic_id text,
  mail_to text not null,
  mail_from text not null,
  subject text not null,
  body_text text not null,
  body_html text,
  attachments jsonb not null,
  received_at timestamptz not null
);
--> statement-breakpoint
alter table messages enable row level security;
--> statement-breakpoint
alter table messages force row level security;
--> statement-breakpoint
create policy messages_access on messages using (app_is_system() or app_patient_allowed(patient_id) or app_clinic_allowed(clinic_id));
--> statement-breakpoint
alter table captured_mails enable row level security;
--> statement-breakpoint
alter table captured_mails force row level security;
--> statement-breakpoint
create policy captured_mails_access on captured_mails using (app_is_system() or app_patient_allowed(patient_id) or app_clinic_allowed(clinic_id));
--> statement-breakpoint
grant select, insert, update on messages, captured_mails to app;
