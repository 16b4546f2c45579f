-- One row per visit, folded from its events; an event delivered twice counts once. A visit belongs to the day it takes place: one that was
-- moved to another day has left this one (its last event here is marked so), and brings its booking along to the other.
with events as (
  select id, min(seq) as seq, max(ord) as has_left, any_value(type) as type, any_value("at") as "at", any_value(data::json) as data,
    -- A cancellation that was undone.
    any_value(type = 'appointment.status-changed' and (data::json ->> '$.from') = 'cancelled') as is_restored
  from bronze_events
  where type in ('appointment.booked', 'appointment.moved', 'appointment.status-changed', 'appointment.cancelled')
  group by id
)
select
  data ->> '$.appointmentId' as appointment_id,
  arg_max(data ->> '$.doctorId', seq) as doctor_id,
  arg_max(data ->> '$.patientId', seq) as patient_id,
  arg_max(data ->> '$.clinicId', seq) as clinic_id,
  arg_max(data ->> '$.reasonId', seq) as reason_id,
  arg_max((data ->> '$.start')::timestamptz, seq) as start_at,
  arg_max((data ->> '$.end')::timestamptz, seq) as end_at,
  coalesce(min("at") filter (where type = 'appointment.booked'), min((data ->> '$.bookedAt')::timestamptz)) as booked_at,
  case when max(seq) filter (where type = 'appointment.cancelled') > coalesce(max(seq) filter (where is_restored), -1)
    then max("at") filter (where type = 'appointment.cancelled') end as cancelled_at,
  case when max(seq) filter (where type = 'appointment.cancelled') > coalesce(max(seq) filter (where is_restored), -1)
    then arg_max(data ->> '$.by', seq) filter (where type = 'appointment.cancelled') end as cancelled_by,
  arg_max(data ->> '$.to', seq) filter (where type = 'appointment.status-changed') as floor_status,
  count(*) filter (where type = 'appointment.moved') as moves
from events
group by appointment_id
having arg_max(has_left, seq) = 0
order by appointment_id
