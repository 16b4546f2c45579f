-- When the patient said to come, by the link of a mail. Another time has to be confirmed anew, whoever moved the visit.
alter table appointments add column confirmed_at timestamptz;
--> statement-breakpoint
create function confirmation_ends() returns trigger language plpgsql as $$
begin
  new.confirmed_at := null;
  return new;
end $$;
--> statement-breakpoint
create trigger appointments_confirmed before update on appointments for each row
  when (new.confirmed_at is not null and new.starts_at <> old.starts_at) execute function confirmation_ends();
--> statement-breakpoint
-- Reasons a clinic offers when a visit is cancelled: `[{"fr": …, "en": …}, …]` for patients and for its members. Without a row the product's own.
create table cancel_reasons (
  clinic_id text primary key,
  patient jsonb not null,
  staff jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null
);
--> statement-breakpoint
grant select, insert, update on cancel_reasons to app;
