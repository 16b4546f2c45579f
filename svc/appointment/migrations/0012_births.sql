-- When patients were born, for reasons with an age: read from svc/patient, which events do not say. Null: not read yet, or not known there.
create table births (
  patient_id text primary key,
  birth_date date,
  is_due boolean not null default true
);
--> statement-breakpoint
insert into births (patient_id) select patient_id from patients;
--> statement-breakpoint
create index births_due on births (patient_id) where is_due;
--> statement-breakpoint
alter table births enable row level security;
--> statement-breakpoint
alter table births force row level security;
--> statement-breakpoint
create policy births_access on births using (app_is_system() or app_patient_allowed(patient_id));
--> statement-breakpoint
grant select, insert, update on births to app;
