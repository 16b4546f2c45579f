-- Every reading has a signal of the registry, and so a unit.
select patient_id, code, signal, "at" from silver_readings where unit is null
