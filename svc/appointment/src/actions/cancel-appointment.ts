import type { Appointment } from "@episante/contracts/appointment";
import { refuse } from "@episante/contracts/problem";
import { type Action, defineAction } from "@episante/service/action";
import type { Deps } from "../deps.ts";
import { cancelPolicyOf, judgeCancel } from "../domain/visit.ts";
import { lockDoctors } from "../storage/moves.ts";
import { findVisit, toVisit } from "../storage/visits.ts";
import { cancelVisit } from "./cancel-visit.ts";
import { noteRefusal } from "./note-refusal.ts";
import { publishOpenings } from "./publish-openings.ts";
import { worksAt } from "./viewpoint.ts";
import { accessVisit } from "./visit-access.ts";

interface Input {
  readonly id: string;
  readonly reason?: string | undefined;
}

/** Cancels a visit and frees its time. Patients until the reason's limit, members of the clinic at any time. Nothing is deleted. */
export const cancelAppointment: Action<Deps, Input, Appointment> = async (deps, actor, input, meta) =>
  noteRefusal(await cancel(deps, actor, input, meta), { deps, actor, meta }, { id: input.id, attempt: "cancel" });

const cancel = defineAction<Deps, Input, Appointment>({
  name: "appointment.cancel",
  access: accessVisit,
  run: async ({ actor, input, tx, now, emit, audit }) => {
    const before = await findVisit(tx, input.id);
    if (!before) return refuse("not-found");
    await lockDoctors(tx, [before.doctorId]);
    const visit = await findVisit(tx, input.id, { lock: true });
    if (!visit) return refuse("not-found");
    const { id, doctorId, patientId, clinicId } = visit;
    audit({ patientIds: [patientId], clinicIds: [clinicId], entity: { type: "appointment", id } });
    if (doctorId !== before.doctorId) return refuse("version-conflict");
    const byMember = worksAt(actor, clinicId);
    const refusal = judgeCancel(visit, cancelPolicyOf(visit), now, byMember);
    if (refusal) return refusal;
    await cancelVisit({ tx, actor, emit, now }, visit, input.reason);
    await publishOpenings(tx, doctorId, now, emit, visit);
    const cancelled = await findVisit(tx, id);
    return cancelled ? toVisit(cancelled, byMember) : refuse("not-found");
  },
});
