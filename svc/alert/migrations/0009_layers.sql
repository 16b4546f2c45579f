-- Patients of a clinic who share rules.
create table rule_groups (
  id text primary key,
  clinic_id text not null,
  name text not null,
  changed_at timestamptz not null,
  changed_by text,
  retired_at timestamptz
);
--> statement-breakpoint
create index rule_groups_clinic on rule_groups (clinic_id);
--> statement-breakpoint
-- Who was in a group, by the receive time of readings: a replay finds the same members as the first time.
create table rule_group_members (
  group_id text not null references rule_groups (id),
  patient_id text not null,
  from_ms bigint not null,
  until_ms bigint,
  primary key (group_id, patient_id, from_ms)
);
--> statement-breakpoint
alter table rule_groups enable row level security;
--> statement-breakpoint
alter table rule_groups force row level security;
--> statement-breakpoint
create policy rule_groups_access on rule_groups using (app_is_system() or app_clinic_allowed(clinic_id));
--> statement-breakpoint
alter table rule_group_members enable row level security;
--> statement-breakpoint
alter table rule_group_members force row level security;
--> statement-breakpoint
create policy rule_group_members_access on rule_group_members using (app_is_system() or exists (select 1 from rule_groups g where g.id = group_id and app_clinic_allowed(g.clinic_id)));
--> statement-breakpoint
alter table rules drop constraint rules_scope_kind_check;
--> statement-breakpoint
alter table rules add constraint rules_scope_kind_check check (scope_kind in ('clinic', 'group', 'patient'));
--> statement-breakpoint
-- The wider rule a version stands in place of for its patients, and why it was published.
alter table rules add column replaces text, add column reason text;
--> statement-breakpoint
alter table rule_versions add column replaces text, add column reason text;
--> statement-breakpoint
-- The longest stretch for which an alert's condition was met: what a longer hold would have spared is counted from it.
alter table alerts add column longest_ms double precision;
--> statement-breakpoint
create index alerts_clinic_fired on alerts (clinic_id, fired_at);
--> statement-breakpoint
-- Alerts of a clinic as far as they are counted: no values. Whose they are is shown only to those who treat.
create function alert_load(of_clinic text, from_at timestamptz, to_at timestamptz) returns table (patient_id text, rule_id text, rule_name text, rule_kind text,
    severity text, class text, status text, late boolean, fired_ms double precision, hold_seconds double precision, longest_ms double precision,
    acked_ms double precision)
  language sql stable security definer set search_path = public as
  $$ select a.patient_id, a.rule_id, a.rule_name, a.rule_kind, a.severity, a.class, a.status, a.late, (extract(epoch from a.fired_at) * 1000)::float8, a.hold_seconds,
      a.longest_ms, (select (extract(epoch from min(h.at)) * 1000)::float8 from alert_history h where h.alert_id = a.id and h.action = 'acked')
    from alerts a where a.clinic_id = of_clinic and a.fired_at >= from_at and a.fired_at < to_at $$;
--> statement-breakpoint
-- Patients of a clinic of whom something was judged since an instant.
create function patients_judged(of_clinic text, since timestamptz) returns table (patient_id text)
  language sql stable security definer set search_path = public as
  $$ select distinct s.patient_id from engine_states s join rules r on r.id = s.rule_id where r.clinic_id = of_clinic and s.last_at >= since $$;
--> statement-breakpoint
revoke all on function alert_load(text, timestamptz, timestamptz), patients_judged(text, timestamptz) from public;
--> statement-breakpoint
grant execute on function alert_load(text, timestamptz, timestamptz), patients_judged(text, timestamptz) to app;
--> statement-breakpoint
grant select, insert, update on rule_groups, rule_group_members to app;
