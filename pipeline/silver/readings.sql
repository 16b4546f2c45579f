-- One row per (patient, code, at). A value seen before is a duplicate; another value is a new version, and the version
-- that arrived last stands. `seq` and `ord` order arrivals: a message's place in the stream, and the place within it.
with arrivals as (
  select *, row_number() over (partition by patient_id, code, "at", value order by seq, ord) as nth
  from bronze_readings
),
standing as (
  select *, count(*) over (partition by patient_id, code, "at")::integer as versions
  from arrivals
  where nth = 1
  qualify row_number() over (partition by patient_id, code, "at" order by seq desc, ord desc) = 1
)
select
  patient_id,
  clinic_id,
  device_id,
  code,
  signal,
  "at",
  value,
  unit,
  coalesce(flag not in ('implausible', 'sensor-fault'), true) as plausible,
  versions,
  received_at
from standing
left join signals using (signal)
order by patient_id, code, "at"
