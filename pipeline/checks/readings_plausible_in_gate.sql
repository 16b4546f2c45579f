-- A reading that counts lies within its signal's gate.
select patient_id, code, "at", value
from silver_readings
join signals using (signal)
where plausible and (value < signals.min or value > signals.max)
