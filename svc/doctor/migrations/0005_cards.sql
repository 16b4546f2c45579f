-- What a page of the directory shows of a doctor, in one row and in one value, so that it is read as it is sent: everything but what changes
-- with time. Null as long as the clinic is not known here. `json`, not `jsonb`: its text is copied, not written anew.
alter table doctors add column card json, add column next_reason_id text;
--> statement-breakpoint
create function card_of(d doctors) returns json language sql stable as $$
  select json_strip_nulls(json_build_object('id', d.doctor_id, 'clinicId', d.clinic_id, 'givenName', d.given_name, 'familyName', d.family_name,
    'specialty', d.specialty, 'languages', d.languages, 'clinicName', c.name, 'address', coalesce(d.address, c.address), 'city', c.city,
    'phone', c.phone, 'zone', c.zone, 'lat', d.at_lat, 'lng', d.at_lng, 'sector', d.sector, 'wheelchair', d.wheelchair,
    'acceptsNew', d.accepts_new, 'about', d.about, 'video', exists (
      select 1 from reasons r where r.doctor_id = d.doctor_id and r.retired_at is null and r.is_online and r.rules ->> 'mode' = 'video')))
  from clinics c where c.clinic_id = d.clinic_id
$$;
--> statement-breakpoint
create function doctor_gets_card() returns trigger language plpgsql as $$
begin
  new.card := card_of(new);
  return new;
end $$;
--> statement-breakpoint
-- By triggers, so that whoever writes, code of before too, leaves it true.
create trigger doctors_card before insert or update of clinic_id, given_name, family_name, specialty, languages, sector, wheelchair, accepts_new,
  about, address, at_lat, at_lng on doctors for each row execute function doctor_gets_card();
--> statement-breakpoint
create function doctors_get_cards() returns trigger language plpgsql as $$
begin
  update doctors set clinic_id = clinic_id where clinic_id = new.clinic_id;
  return null;
end $$;
--> statement-breakpoint
create trigger clinics_cards after insert or update of name, address, city, phone, zone on clinics for each row execute function doctors_get_cards();
--> statement-breakpoint
create function doctor_of_reason_gets_card() returns trigger language plpgsql as $$
begin
  update doctors set clinic_id = clinic_id where doctor_id = new.doctor_id;
  return null;
end $$;
--> statement-breakpoint
create trigger reasons_cards_new after insert on reasons for each row
  when (new.rules ->> 'mode' = 'video') execute function doctor_of_reason_gets_card();
--> statement-breakpoint
create trigger reasons_cards after update of rules, is_online, retired_at on reasons for each row
  when (old.rules ->> 'mode' = 'video' or new.rules ->> 'mode' = 'video') execute function doctor_of_reason_gets_card();
--> statement-breakpoint
-- Whose opening `next_at` is: worked out with it.
create function doctor_gets_next_reason() returns trigger language plpgsql as $$
begin
  new.next_reason_id := (
    select r.id from reasons r where r.doctor_id = new.doctor_id and r.retired_at is null and r.is_online and r.next_at = new.next_at
      and r.next_at < 'infinity' order by r.position limit 1);
  return new;
end $$;
--> statement-breakpoint
create trigger doctors_next_reason before insert or update of next_at on doctors for each row execute function doctor_gets_next_reason();
--> statement-breakpoint
update doctors set clinic_id = clinic_id, next_at = next_at;
--> statement-breakpoint
-- Who may be within a radius: a box around it.
create index doctors_place on doctors (at_lat, at_lng) where published_at is not null and is_active;
