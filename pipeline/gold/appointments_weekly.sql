-- Visits per week (from Monday) and doctor: `booked` counts every visit booked into the week, `cancelled` those of them called off.
select
  getvariable('part')::date as week_start,
  doctor_id,
  count(*)::bigint as booked,
  count(cancelled_at)::bigint as cancelled
from silver_appointments
group by doctor_id
order by doctor_id
