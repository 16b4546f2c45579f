-- What a clinic's former software called its patients: unique within the clinic, by which an import that is repeated finds them again.
alter table patient_clinics add column external_id text;
--> statement-breakpoint
create unique index patient_clinics_external_idx on patient_clinics (clinic_id, external_id) where external_id is not null;
--> statement-breakpoint
-- As the clinic's former software had it. Nobody is written to there: mail goes to accounts, whose address was proved.
alter table patients add column email text;
--> statement-breakpoint
-- A clinic that says it knows a new patient opens the file: what a patient's own context does for one file, for a whole list.
create policy patients_add_by_clinic on patients for insert with check (
  exists (select 1 from patient_clinics where patient_clinics.patient_id = patients.id and app_clinic_allowed(patient_clinics.clinic_id))
);
