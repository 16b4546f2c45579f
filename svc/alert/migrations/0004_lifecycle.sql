-- Until when an alert is quiet and an acknowledgement counts. The rows are the timers: a job looks at them, and a restart forgets none.
alter table alerts add column snoozed_until timestamptz, add column ack_expires_at timestamptz;
--> statement-breakpoint
create index alerts_snoozed on alerts (patient_id) where snoozed_until is not null;
--> statement-breakpoint
create index alerts_ack_expiry on alerts (ack_expires_at) where ack_expires_at is not null;
--> statement-breakpoint
-- How long a snooze or an acknowledgement was meant to last, and whom an alert was given to.
alter table alert_history add column until_at timestamptz, add column to_account_id text;
--> statement-breakpoint
-- Doctors of clinics as svc/auth publishes them, to whom an alert may be given. Read before any row-level-security context exists; ids only.
create table clinic_doctors (
  membership_id text primary key,
  account_id text not null,
  doctor_id text not null,
  clinic_id text not null,
  is_active boolean not null,
  changed_at timestamptz not null
);
--> statement-breakpoint
create index clinic_doctors_clinic on clinic_doctors (clinic_id, doctor_id);
--> statement-breakpoint
-- How long an acknowledgement counts in a clinic, in minutes; null: for ever. No row: the defaults of the code. A setting, no patient data.
create table ack_expiry (
  clinic_id text primary key,
  critical_minutes integer,
  warning_minutes integer,
  changed_at timestamptz not null,
  changed_by text not null
);
--> statement-breakpoint
grant select, insert, update on clinic_doctors, ack_expiry to app;
