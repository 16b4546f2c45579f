-- Alerts per day fired, patient and severity, with the seconds each acknowledged one waited. Withdrawn alerts do not count.
select
  getvariable('part')::date as day,
  patient_id,
  severity,
  count(*)::bigint as n,
  count(acked_at)::bigint as acked,
  coalesce(
    list(epoch_ms(acked_at) / 1000.0 - epoch_ms(fired_at) / 1000.0 order by acked_at - fired_at, alert_id)
      filter (where acked_at >= fired_at),
    []
  )::double[] as ack_seconds
from silver_alerts
where status <> 'withdrawn'
group by patient_id, severity
order by patient_id, severity
