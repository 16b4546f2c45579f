-- Every reading of bronze stands in silver, and silver holds nothing else.
(select distinct patient_id, code, "at" from bronze_readings except select patient_id, code, "at" from silver_readings)
union all
(select patient_id, code, "at" from silver_readings except select distinct patient_id, code, "at" from bronze_readings)
