-- Patients that exist, by id only: a member of the clinic cannot book for an id that names nobody.
create table patients (patient_id text primary key);
--> statement-breakpoint
grant select, insert on patients to app;
