-- Doctors whose next opening has passed: nobody, or few until the job comes. The planner cannot know how many, so it is told: else it plans
-- every search anew, or reads the whole table for them.
create function doctors_passed(moment timestamptz) returns setof text language sql stable rows 1 set enable_seqscan = off
  as 'select doctor_id from doctors where next_at <= moment and published_at is not null and is_active';
