-- One row per (patient, code, at). A value seen before is a duplicate; another value is a new version, and the version
-- that arrived last stands. `position` orders arrivals: a patient's readings share one partition of the stream.
with arrivals as (
  select *, seq * 65536 + ord as position from bronze_readings
),
versions as (
  select patient_id, code, "at", value, min(position) as first_position
  from arrivals
  group by patient_id, code, "at", value
),
standing as (
  select patient_id, code, "at", max(first_position) as position, count(*)::integer as versions
  from versions
  group by patient_id, code, "at"
)
select
  arrivals.patient_id,
  arrivals.clinic_id,
  arrivals.device_id,
  arrivals.code,
  arrivals.signal,
  arrivals."at",
  arrivals.value,
  signals.unit,
  arrivals.flag is null as plausible,
  standing.versions,
  arrivals.received_at
from standing
join arrivals using (patient_id, code, "at", position)
left join signals using (signal)
order by patient_id, code, "at"
