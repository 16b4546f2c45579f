-- The batch a reading came in, so that each version tells who sent it when. Null for what was stored before.
alter table readings
  add column boot text,
  add column seq bigint;
