-- A reading stands once: no two rows of silver share patient, code and time.
select patient_id, code, "at", count(*) as rows
from silver_readings
group by patient_id, code, "at"
having count(*) > 1
