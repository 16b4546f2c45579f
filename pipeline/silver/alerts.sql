-- One row per alert, folded from its events; an event delivered twice counts once. Every event of an alert carries `firedAt`,
-- so a late acknowledgement lands in the day the alert fired.
with events as (
  select id, min(seq) as seq, any_value(type) as type, any_value(data::json) as data
  from bronze_alerts
  where type in (
    'alert.raised', 'alert.acked', 'alert.resolved', 'alert.withdrawn', 'alert.snoozed', 'alert.snooze-ended', 'alert.assigned',
    'alert.commented', 'alert.ack-expired'
  )
  group by id
)
select
  data ->> '$.id' as alert_id,
  arg_max(data ->> '$.patientId', seq) as patient_id,
  arg_max(data ->> '$.clinicId', seq) as clinic_id,
  arg_max(data ->> '$.class', seq) as class,
  arg_max(data ->> '$.severity', seq) as severity,
  arg_max(data ->> '$.status', seq) as status,
  arg_max(data ->> '$.signal', seq) as signal,
  arg_max(data ->> '$.code', seq) as code,
  arg_max(data ->> '$.ruleId', seq) as rule_id,
  arg_max((data ->> '$.ruleVersion')::integer, seq) as rule_version,
  coalesce(bool_or((data ->> '$.late')::boolean), false) as late,
  arg_max((data ->> '$.onsetAt')::timestamptz, seq) as onset_at,
  arg_max((data ->> '$.firedAt')::timestamptz, seq) as fired_at,
  min((data ->> '$.ackedAt')::timestamptz) as acked_at,
  arg_max((data ->> '$.clearedAt')::timestamptz, seq) as cleared_at
from events
group by alert_id
order by alert_id
