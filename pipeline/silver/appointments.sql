-- One row per visit, folded from its events; an event delivered twice counts once. A visit belongs to the day it takes place.
with events as (
  select id, min(seq) as seq, any_value(type) as type, any_value("at") as "at", any_value(data::json) as data
  from bronze_events
  where type in ('appointment.booked', 'appointment.cancelled')
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
  min("at") filter (where type = 'appointment.booked') as booked_at,
  min("at") filter (where type = 'appointment.cancelled') as cancelled_at,
  arg_max(data ->> '$.by', seq) filter (where type = 'appointment.cancelled') as cancelled_by
from events
group by appointment_id
order by appointment_id
