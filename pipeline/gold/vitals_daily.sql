-- Vitals per day, patient and signal. Implausible values are kept in silver and never counted here.
-- The mean is summed in decimals, so that it does not depend on the order of addition.
select
  getvariable('part')::date as day,
  patient_id,
  signal,
  any_value(unit) as unit,
  count(*)::bigint as n,
  min(value) as min,
  round(sum(try_cast(value as decimal(18, 6)))::double / count(*), 4) as mean,
  max(value) as max
from silver_readings
where plausible
group by patient_id, signal
order by patient_id, signal
