-- How alerts reach people in a clinic. No row: no steps, nobody on call, no quiet hours. `version` grows with every change, so that chains
-- that run are looked at again.
create table on_call (
  clinic_id text primary key,
  version integer not null,
  zone text,
  chains jsonb not null,
  rota jsonb not null,
  quiet jsonb,
  changed_at timestamptz not null,
  changed_by text not null
);
--> statement-breakpoint
-- Zones of clinics and accounts of their members as svc/auth publishes them. Read before any row-level-security context exists; ids only.
create table clinic_zones (clinic_id text primary key, zone text not null, changed_at timestamptz not null);
--> statement-breakpoint
create table clinic_people (
  membership_id text primary key,
  account_id text not null,
  clinic_id text not null,
  is_active boolean not null,
  changed_at timestamptz not null
);
--> statement-breakpoint
insert into clinic_people (membership_id, account_id, clinic_id, is_active, changed_at)
  select membership_id, account_id, clinic_id, is_active, changed_at from clinic_doctors;
--> statement-breakpoint
create index clinic_people_clinic on clinic_people (clinic_id, account_id);
--> statement-breakpoint
-- How far the chain of an alert has come since it last began to call, which is an entry of its history. The rows are the timers.
create table escalations (
  alert_id text primary key references alerts (id),
  patient_id text not null,
  -- The entry of the history with which the alert began to call.
  since_seq bigint not null,
  from_at timestamptz not null,
  done integer not null,
  next_at timestamptz,
  -- An account, 'on-call' or 'doctors'.
  next_to text,
  inhibited_by text,
  -- What was known at the last look: the alert's own change, and the clinic's setting.
  cursor bigint not null,
  settings_version integer not null
);
--> statement-breakpoint
-- What somebody was sent; `patient_id` is null on the page that gathers everybody's alerts while they storm, and on a digest.
create table pages (
  id text primary key,
  clinic_id text not null,
  account_id text not null,
  kind text not null check (kind in ('page', 'digest')),
  patient_id text,
  step integer,
  late boolean not null,
  first_at timestamptz not null
);
--> statement-breakpoint
create index pages_account on pages (account_id, first_at);
--> statement-breakpoint
-- The store has the last word: one delivery per alert, time it called, step and recipient.
create table page_lines (
  alert_id text not null references alerts (id),
  since_seq bigint not null,
  step integer not null,
  account_id text not null,
  page_id text not null references pages (id),
  patient_id text not null,
  severity text not null,
  at timestamptz not null,
  primary key (alert_id, since_seq, step, account_id)
);
--> statement-breakpoint
create index page_lines_page on page_lines (page_id);
--> statement-breakpoint
-- Who was left in peace until when: if the alert has ended by then, it stands in their digest.
create table page_holds (
  alert_id text not null references alerts (id),
  account_id text not null,
  patient_id text not null,
  clinic_id text not null,
  release_at timestamptz not null,
  primary key (alert_id, account_id)
);
--> statement-breakpoint
create index page_holds_release on page_holds (release_at);
--> statement-breakpoint
do $$ declare protected text; begin
  foreach protected in array array['escalations', 'page_lines', 'page_holds'] loop
    execute format('alter table %I enable row level security', protected);
    execute format('alter table %I force row level security', protected);
    execute format('create policy %I on %I using (app_is_system() or app_patient_allowed(patient_id))', protected || '_access', protected);
  end loop;
  foreach protected in array array['on_call', 'pages'] loop
    execute format('alter table %I enable row level security', protected);
    execute format('alter table %I force row level security', protected);
    execute format('create policy %I on %I using (app_is_system() or app_clinic_allowed(clinic_id))', protected || '_access', protected);
  end loop;
end $$;
--> statement-breakpoint
grant select, insert, update on on_call, clinic_zones, clinic_people, escalations, pages, page_lines, page_holds to app;
--> statement-breakpoint
grant delete on page_holds to app;
