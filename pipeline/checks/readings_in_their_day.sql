-- A reading lies within its day: no zone is further than 14 h from UTC.
select patient_id, code, "at"
from silver_readings
where "at" < getvariable('day')::timestamptz - interval 14 hours or "at" >= getvariable('day')::timestamptz + interval 38 hours
