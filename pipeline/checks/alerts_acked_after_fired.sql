-- Nobody acknowledges an alert before it fired.
select alert_id, fired_at, acked_at from silver_alerts where acked_at < fired_at
