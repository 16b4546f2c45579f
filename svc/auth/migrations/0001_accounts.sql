-- Accounts, clinics, memberships, invitations, sessions and the counters of refused sign-ins.
create table accounts (
  id text primary key,
  email text not null check (email = lower(email)),
  password_hash text,
  given_name text not null,
  family_name text not null,
  birth_date date,
  locale text not null check (locale in ('fr', 'en')),
  patient_id text,
  demo boolean not null,
  preferences jsonb not null default '{}',
  created_at timestamptz not null,
  constraint accounts_email_key unique (email),
  constraint accounts_patient_id_key unique (patient_id)
);
--> statement-breakpoint
create table clinics (
  id text primary key,
  name text not null,
  zone text not null,
  city text not null,
  address text not null,
  phone text not null,
  lat double precision not null,
  lng double precision not null,
  created_at timestamptz not null
);
--> statement-breakpoint
create table memberships (
  id text primary key,
  account_id text not null references accounts (id),
  clinic_id text not null references clinics (id),
  role text not null check (role in ('doctor', 'staff', 'admin')),
  doctor_id text unique,
  status text not null check (status in ('invited', 'active', 'ended')),
  created_at timestamptz not null,
  changed_at timestamptz not null,
  check ((role = 'doctor') = (doctor_id is not null))
);
--> statement-breakpoint
create index memberships_account_idx on memberships (account_id);
--> statement-breakpoint
create index memberships_clinic_idx on memberships (clinic_id);
--> statement-breakpoint
create table invitations (
  id text primary key,
  membership_id text not null references memberships (id),
  secret_hash text not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
--> statement-breakpoint
create index invitations_membership_idx on invitations (membership_id);
--> statement-breakpoint
-- Instants of sessions and sign-in attempts are real time, never the test clock.
create table sessions (
  id text primary key,
  account_id text not null references accounts (id),
  secret_hash text not null unique,
  user_agent text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
--> statement-breakpoint
create index sessions_account_idx on sessions (account_id) where ended_at is null;
--> statement-breakpoint
create table attempts (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('login', 'register', 'invitation')),
  account_key text not null,
  ip_key text not null,
  at timestamptz not null,
  succeeded boolean not null default false
);
--> statement-breakpoint
create index attempts_ip_idx on attempts (ip_key, kind, at) where not succeeded;
--> statement-breakpoint
create index attempts_at_idx on attempts (at);
--> statement-breakpoint
-- Names, birth dates and addresses: visible to the person, to the clinics they work in, and to system work (sign-in itself).
alter table accounts enable row level security;
--> statement-breakpoint
alter table accounts force row level security;
--> statement-breakpoint
create policy accounts_access on accounts using (
  app_is_system()
  or (patient_id is not null and app_patient_allowed(patient_id))
  or exists (
    select 1 from memberships
    where memberships.account_id = accounts.id and app_clinic_allowed(memberships.clinic_id)
  )
);
--> statement-breakpoint
grant select, insert, update on accounts, clinics, memberships, invitations, sessions to app;
--> statement-breakpoint
-- Attempts hold network addresses: they are technical, and deleted after a day.
grant select, insert, update, delete on attempts to app;
