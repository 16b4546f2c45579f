-- A visit that came with a file of the clinic: doctor, patient and start as the file had them. A repeat finds it by that, also once it was moved.
alter table appointments add column imported_as text;
--> statement-breakpoint
create index appointments_imported on appointments (imported_as) where imported_as is not null;
