-- Doctors who were called by an alert, of a patient and in its clinic, and until when they may therefore see that patient's alerts there. Read before
-- any row-level-security context exists, like relationships, so unprotected; ids only. Written by the transaction that calls.
create table paged_grants (
  account_id text not null,
  clinic_id text not null,
  patient_id text not null,
  until_at timestamptz not null,
  primary key (account_id, patient_id, clinic_id)
);
--> statement-breakpoint
create index paged_grants_until on paged_grants (until_at);
--> statement-breakpoint
-- A grant names a patient whose alerts of one clinic only may be seen as 'patient@clinic'. What hangs on an alert follows it. Functions, not
-- subqueries in the policies: they cost nothing where the first words of a policy have decided.
create function alert_visible(of_alert text) returns boolean language sql stable parallel safe as
  $$ select exists (select 1 from alerts a where a.id = of_alert) $$;
--> statement-breakpoint
create function alert_of_rule_visible(of_patient text, of_rule text) returns boolean language sql stable parallel safe as
  $$ select exists (select 1 from alerts a where a.patient_id = of_patient and a.rule_id = of_rule) $$;
--> statement-breakpoint
alter policy alerts_access on alerts
  using (app_is_system() or app_patient_allowed(patient_id) or app_patient_allowed(patient_id || '@' || clinic_id));
--> statement-breakpoint
alter policy alert_history_access on alert_history using (app_is_system() or app_patient_allowed(patient_id) or alert_visible(alert_id));
--> statement-breakpoint
alter policy hand_closures_access on hand_closures using (app_is_system() or app_patient_allowed(patient_id) or alert_visible(alert_id));
--> statement-breakpoint
alter policy escalations_access on escalations using (app_is_system() or app_patient_allowed(patient_id) or alert_visible(alert_id));
--> statement-breakpoint
alter policy engine_states_access on engine_states
  using (app_is_system() or app_patient_allowed(patient_id) or alert_of_rule_visible(patient_id, rule_id));
--> statement-breakpoint
grant select, insert, update, delete on paged_grants to app;
