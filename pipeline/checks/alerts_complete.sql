-- An alert has a patient, a severity and a time.
select alert_id from silver_alerts where patient_id is null or severity is null or fired_at is null
