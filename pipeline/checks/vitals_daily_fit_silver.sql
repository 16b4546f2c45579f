-- Gold counts what silver holds, and its mean lies between its extremes.
select coalesce(gold.patient_id, silver.patient_id) as patient_id, coalesce(gold.signal, silver.signal) as signal
from gold_vitals_daily as gold
full join (select patient_id, signal, count(*) as n from silver_readings where plausible group by patient_id, signal) as silver
  on silver.patient_id = gold.patient_id and silver.signal = gold.signal
where gold.n is distinct from silver.n or gold.mean < gold.min - 0.0001 or gold.mean > gold.max + 0.0001
