import type { Appointment } from "@episante/contracts/appointment";
import type { AppointmentId, ClinicId, DoctorId, PatientId, ReasonId } from "@episante/contracts/ids";
import { toInstant } from "@episante/contracts/time";

/** A visit as it is booked. What happens to it afterwards: `VisitRow`. */
export interface AppointmentRow {
  readonly id: AppointmentId;
  readonly clinicId: ClinicId;
  readonly doctorId: DoctorId;
  readonly patientId: PatientId;
  readonly reasonId: ReasonId;
  readonly status: Appointment["status"];
  readonly startMs: number;
  readonly endMs: number;
  readonly zone: string;
  readonly cancelUntilMs: number;
  readonly bookedMs: number;
}

/** The new visit as the API shows it. */
export function toAppointment(row: AppointmentRow): Appointment {
  return {
    id: row.id,
    status: row.status,
    start: toInstant(row.startMs),
    end: toInstant(row.endMs),
    zone: row.zone,
    doctorId: row.doctorId,
    patientId: row.patientId,
    reasonId: row.reasonId,
    bookedAt: toInstant(row.bookedMs),
    cancelUntil: toInstant(row.cancelUntilMs),
    sequence: 0,
    version: 0,
  };
}
