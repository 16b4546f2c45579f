-- Care relationships as svc/patient publishes them. Read before any row-level-security context exists, so unprotected; ids only.
create table relationships (
  relationship_id text primary key,
  patient_id text not null,
  doctor_id text not null,
  clinic_id text not null,
  from_at timestamptz not null,
  until_at timestamptz
);
--> statement-breakpoint
create index relationships_doctor on relationships (doctor_id, patient_id);
--> statement-breakpoint
create index relationships_patient on relationships (patient_id);
--> statement-breakpoint
create table clinics (clinic_id text primary key);
--> statement-breakpoint
-- Names of alert owners, fetched from svc/auth: they never travel in events.
create table account_names (account_id text primary key, name text not null, fetched_at timestamptz not null);
--> statement-breakpoint
create table rules (
  id text primary key,
  clinic_id text not null,
  version integer not null,
  name text not null,
  scope_kind text not null check (scope_kind in ('clinic', 'patient')),
  scope_id text,
  enabled boolean not null,
  body jsonb not null,
  changed_at timestamptz not null,
  changed_by text,
  retired_at timestamptz
);
--> statement-breakpoint
create index rules_clinic on rules (clinic_id);
--> statement-breakpoint
-- Every version, with the receive time from which it judges.
create table rule_versions (
  rule_id text not null references rules (id),
  version integer not null,
  from_ms bigint not null,
  name text not null,
  enabled boolean not null,
  body jsonb not null,
  changed_at timestamptz not null,
  changed_by text,
  primary key (rule_id, version)
);
--> statement-breakpoint
-- Raised with every rule change, so that engines know when to load rules again.
create table rule_epoch (one boolean primary key default true check (one), epoch bigint not null);
--> statement-breakpoint
insert into rule_epoch (epoch) values (1);
--> statement-breakpoint
create table engine_states (
  patient_id text not null,
  rule_id text not null,
  state text not null,
  last_at timestamptz,
  last_value double precision,
  trend jsonb not null,
  primary key (patient_id, rule_id)
);
--> statement-breakpoint
create table engine_blocks (
  patient_id text not null,
  rule_id text not null,
  to_at timestamptz not null,
  block text not null,
  stored_at timestamptz not null default now(),
  primary key (patient_id, rule_id, to_at)
);
--> statement-breakpoint
create index engine_blocks_stored on engine_blocks (stored_at);
--> statement-breakpoint
create table alerts (
  id text primary key,
  patient_id text not null,
  clinic_id text not null,
  rule_id text not null references rules (id),
  rule_version integer not null,
  rule_name text not null,
  rule_kind text not null,
  class text not null check (class in ('clinical', 'technical')),
  severity text not null,
  status text not null check (status in ('open', 'acked', 'resolved', 'withdrawn')),
  code text not null,
  signal text not null,
  unit text not null,
  op text not null,
  threshold double precision not null,
  hold_seconds double precision not null,
  gap_seconds double precision not null,
  clear_value double precision not null,
  clear_seconds double precision not null,
  value double precision not null,
  samples_used integer not null,
  samples_rejected integer not null,
  delay_seconds double precision not null,
  onset_at timestamptz not null,
  fired_at timestamptz not null,
  cleared_at timestamptz,
  late boolean not null,
  owner_account_id text,
  acked_at timestamptz,
  closed_by_hand_at timestamptz,
  last_reading_at timestamptz not null,
  trend jsonb not null,
  cursor bigint not null,
  check ((status = 'acked') <= (owner_account_id is not null))
);
--> statement-breakpoint
-- The store has the last word: one open alert per patient and rule.
create unique index alerts_one_open on alerts (patient_id, rule_id) where status in ('open', 'acked');
--> statement-breakpoint
create index alerts_cursor on alerts (cursor);
--> statement-breakpoint
create index alerts_patient on alerts (patient_id, fired_at desc);
--> statement-breakpoint
create table alert_history (
  seq bigint generated always as identity primary key,
  alert_id text not null references alerts (id),
  patient_id text not null,
  at timestamptz not null,
  action text not null,
  account_id text,
  text text
);
--> statement-breakpoint
create index alert_history_alert on alert_history (alert_id);
--> statement-breakpoint
-- Alerts closed by hand that the engine has not taken into its state yet.
create table hand_closures (alert_id text primary key references alerts (id), patient_id text not null, rule_id text not null, at_ms bigint not null, taken boolean not null default false);
--> statement-breakpoint
create index hand_closures_open on hand_closures (patient_id) where not taken;
--> statement-breakpoint
-- One row, updated last in every transaction that changes alerts: its lock makes cursors visible in commit order, without gaps.
create table alert_cursor (one boolean primary key default true check (one), value bigint not null);
--> statement-breakpoint
insert into alert_cursor (value) values (0);
--> statement-breakpoint
-- The patient and clinic of an alert, to decide access before anything clinical may be read.
create function alert_subject(alert_id text) returns table (patient_id text, clinic_id text)
  language sql stable security definer set search_path = public as
  $$ select a.patient_id, a.clinic_id from alerts a where a.id = alert_id $$;
--> statement-breakpoint
-- Whose alerts changed between two cursors, to decide access before they may be read.
create function alert_changes(after bigint, up_to bigint) returns table (patient_id text)
  language sql stable security definer set search_path = public as
  $$ select distinct a.patient_id from alerts a where a.cursor > after and a.cursor <= up_to $$;
--> statement-breakpoint
revoke all on function alert_subject(text), alert_changes(bigint, bigint) from public;
--> statement-breakpoint
grant execute on function alert_subject(text), alert_changes(bigint, bigint) to app;
--> statement-breakpoint
do $$ declare protected text; begin
  foreach protected in array array['engine_states', 'engine_blocks', 'alerts', 'alert_history', 'hand_closures'] loop
    execute format('alter table %I enable row level security', protected);
    execute format('alter table %I force row level security', protected);
    execute format('create policy %I on %I using (app_is_system() or app_patient_allowed(patient_id))', protected || '_access', protected);
  end loop;
end $$;
--> statement-breakpoint
alter table rules enable row level security;
--> statement-breakpoint
alter table rules force row level security;
--> statement-breakpoint
create policy rules_access on rules using (app_is_system() or app_clinic_allowed(clinic_id));
--> statement-breakpoint
alter table rule_versions enable row level security;
--> statement-breakpoint
alter table rule_versions force row level security;
--> statement-breakpoint
create policy rule_versions_access on rule_versions using (app_is_system() or exists (select 1 from rules r where r.id = rule_id and app_clinic_allowed(r.clinic_id)));
--> statement-breakpoint
grant select, insert, update on relationships, clinics, account_names, rules, rule_versions, rule_epoch, engine_states, alerts, alert_history, hand_closures, alert_cursor to app;
--> statement-breakpoint
grant select, insert, update, delete on engine_blocks to app;
