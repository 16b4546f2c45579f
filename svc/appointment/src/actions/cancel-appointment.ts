import type { Appointment } from "@episante/contracts/appointment";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import type { Deps } from "../deps.ts";
import { judgeCancel } from "../domain/policy.ts";
import { findAppointment, markCancelled, toAppointment } from "../storage/appointments.ts";
import { findDoctorOfHolder, freeTime } from "../storage/busy.ts";
import { lockDoctor } from "../storage/doctors.ts";
import { publishOpenings } from "./publish-openings.ts";
import { accountOf, viewOfVisit, worksAt } from "./viewpoint.ts";

/** Cancels a visit and frees its time. Patients until the reason's limit, members of the clinic at any time. Nothing is deleted. */
export const cancelAppointment = defineAction<Deps, { id: string; reason?: string | undefined }, Appointment>({
  name: "appointment.cancel",
  access: ({ input, ...asking }) => viewOfVisit(asking, input.id),
  run: async ({ actor, input, tx, now, emit, audit }) => {
    const doctor = await findDoctorOfHolder(tx, input.id);
    if (doctor) await lockDoctor(tx, doctor.doctorId);
    const visit = await findAppointment(tx, input.id, { lock: true });
    if (!visit) return refuse("not-found");
    const { id, doctorId, patientId, clinicId, reasonId } = visit;
    audit({ patientIds: [patientId], clinicIds: [clinicId], entity: { type: "appointment", id } });
    const byMember = worksAt(actor, clinicId);
    const refusal = judgeCancel(visit, now, byMember);
    if (refusal) return refusal;
    const reason = input.reason || undefined;
    await markCancelled(tx, id, { accountId: accountOf(actor), reason, nowMs: now });
    await freeTime(tx, id);
    const cancelled = toAppointment({ ...visit, status: "cancelled", cancelledMs: now, cancelReason: reason ?? null });
    const { start, end } = cancelled;
    const by = byMember ? "clinic" : "patient";
    await emit("appointment.cancelled", { appointmentId: id, doctorId, patientId, clinicId, reasonId, start, end, by });
    await publishOpenings(tx, doctorId, now, emit, visit);
    return cancelled;
  },
});
