-- What every service database has: the group role's rights, the row-level-security context, outbox, inbox, reader and mirror bookkeeping.
do $$ begin
  if not exists (select 1 from pg_roles where rolname = 'app') then create role app nologin; end if;
end $$;
--> statement-breakpoint
create function app_is_system() returns boolean language sql stable parallel safe as
  $$ select coalesce(current_setting('app.system', true), '') <> '' $$;
--> statement-breakpoint
create function app_patient_allowed(patient_id text) returns boolean language sql stable parallel safe as
  $$ select patient_id = any (string_to_array(coalesce(current_setting('app.patients', true), ''), ',')) $$;
--> statement-breakpoint
create function app_clinic_allowed(clinic_id text) returns boolean language sql stable parallel safe as
  $$ select clinic_id = any (string_to_array(coalesce(current_setting('app.clinics', true), ''), ',')) $$;
--> statement-breakpoint
create table outbox (
  seq bigint generated always as identity primary key,
  id text not null unique,
  type text not null,
  subject text not null,
  payload text not null,
  created_at timestamptz not null default now()
);
--> statement-breakpoint
-- Stream position of the last published event of each type: what this service's heartbeat tells its mirrors.
create table outbox_positions (type text primary key, stream_seq bigint not null);
--> statement-breakpoint
create table inbox (consumer text not null, event_id text not null, handled_at timestamptz not null default now(), primary key (consumer, event_id));
--> statement-breakpoint
create index inbox_handled_at on inbox (handled_at);
--> statement-breakpoint
create table mirrors (name text primary key, applied_seq bigint not null);
--> statement-breakpoint
create table reader_leases (
  reader text not null,
  partition integer not null,
  owner text not null,
  epoch bigint not null,
  checkpoint bigint not null,
  expires_at timestamptz not null,
  primary key (reader, partition)
);
--> statement-breakpoint
-- De-duplication marks: every sequence up to `low` was seen, and those in `above`.
create table reader_marks (
  reader text not null,
  device_id text not null,
  boot text not null,
  low bigint not null,
  above bigint[] not null,
  touched_at timestamptz not null default now(),
  primary key (reader, device_id, boot)
);
--> statement-breakpoint
create table idempotency (
  actor text not null,
  key text not null,
  action text not null,
  input_hash text not null,
  answer text,
  created_at timestamptz not null default now(),
  primary key (actor, key)
);
--> statement-breakpoint
grant usage on schema public to app;
--> statement-breakpoint
grant select, insert, delete on outbox to app;
--> statement-breakpoint
grant select, insert, update on outbox_positions, mirrors, reader_leases, idempotency to app;
--> statement-breakpoint
grant select, insert, update, delete on reader_marks to app;
--> statement-breakpoint
grant select, insert, delete on inbox to app;
