-- A visit is cancelled only after it was booked, and ends after it starts.
select appointment_id
from silver_appointments
where booked_at is null or cancelled_at < booked_at or end_at <= start_at
