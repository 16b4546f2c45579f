-- The hash chain. `record` is the canonical JSON text that was hashed; `hash` covers seq, the previous hash and the record.
create table records (
  seq bigint primary key check (seq > 0),
  id text not null unique,
  patient_ids text[] not null,
  record text not null,
  prev text not null,
  hash text not null
);
--> statement-breakpoint
create index records_patient_ids on records using gin (patient_ids);
--> statement-breakpoint
-- The end of the chain: a row removed from the end shows against it.
create table chain_head (one boolean primary key default true check (one), seq bigint not null, hash text not null);
--> statement-breakpoint
insert into chain_head (seq, hash) values (0, repeat('0', 64));
--> statement-breakpoint
create function refuse_change() returns trigger language plpgsql as $$ begin raise exception 'audit records are append-only'; end $$;
--> statement-breakpoint
create trigger records_append_only before update or delete on records for each row execute function refuse_change();
--> statement-breakpoint
create trigger records_no_truncate before truncate on records for each statement execute function refuse_change();
--> statement-breakpoint
-- Dead letters that were published again: each at most once.
create table replays (dead_letter bigint primary key, replayed_at timestamptz not null, account_id text not null);
--> statement-breakpoint
alter table records enable row level security;
--> statement-breakpoint
alter table records force row level security;
--> statement-breakpoint
create policy records_access on records using (
  app_is_system() or patient_ids && string_to_array(coalesce(current_setting('app.patients', true), ''), ',')
) with check (app_is_system());
--> statement-breakpoint
grant select, insert on records, replays to app;
--> statement-breakpoint
grant select, update on chain_head to app;
