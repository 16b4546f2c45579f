-- What the screen that shows a code is told: the device it became, and that device's first reading (device time, canonical value).
alter table pairings add column device_id text;
--> statement-breakpoint
alter table device_status
  add column first_signal text,
  add column first_code text,
  add column first_value double precision,
  add column first_at timestamptz;
--> statement-breakpoint
-- The patient and clinic of a pairing, to decide access before the pairing may be read.
create function pairing_owner(pairing_id text) returns table (patient_id text, clinic_id text)
  language sql stable security definer set search_path = public as
  $$ select p.patient_id, p.clinic_id from pairings p where p.id = pairing_id $$;
--> statement-breakpoint
revoke all on function pairing_owner(text) from public;
--> statement-breakpoint
grant execute on function pairing_owner(text) to app;
