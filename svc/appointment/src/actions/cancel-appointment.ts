import type { Appointment } from "@episante/contracts/appointment";
import { refuse } from "@episante/contracts/problem";
import { toInstant } from "@episante/contracts/time";
import { type Action, defineAction } from "@episante/service/action";
import type { Deps } from "../deps.ts";
import { judgeCancel } from "../domain/visit.ts";
import { freeTime } from "../storage/busy.ts";
import { addHistory } from "../storage/history.ts";
import { lockDoctors } from "../storage/moves.ts";
import { findVisit, saveCancelled, toVisit } from "../storage/visits.ts";
import { doerOf } from "./doer.ts";
import { noteRefusal } from "./note-refusal.ts";
import { publishOpenings } from "./publish-openings.ts";
import { worksAt } from "./viewpoint.ts";
import { accessVisit } from "./visit-access.ts";

interface Input {
  readonly id: string;
  readonly reason?: string | undefined;
}
const hourMs = 3_600_000;

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
    const { id, doctorId, patientId, clinicId, reasonId, startMs, cancelUntilMs: untilMs } = visit;
    audit({ patientIds: [patientId], clinicIds: [clinicId], entity: { type: "appointment", id } });
    if (doctorId !== before.doctorId) return refuse("version-conflict");
    const byMember = worksAt(actor, clinicId);
    const refusal = judgeCancel(visit, { kind: "cancel", hours: (startMs - untilMs) / hourMs, untilMs }, now, byMember);
    if (refusal) return refusal;
    // Half a character would be no JSON that Postgres keeps.
    const reason = input.reason?.toWellFormed() || undefined;
    const by = doerOf(actor, visit);
    await saveCancelled(tx, id, { accountId: by.accountId, kind: by.kind, reason, nowMs: now });
    await freeTime(tx, id);
    await addHistory(tx, visit, by, { kind: "cancelled", ...(reason ? { later: { reason } } : {}) }, now);
    const [start, end] = [toInstant(startMs), toInstant(visit.endMs)];
    const side = byMember ? "clinic" : "patient";
    await emit("appointment.cancelled", { appointmentId: id, doctorId, patientId, clinicId, reasonId, start, end, by: side });
    await publishOpenings(tx, doctorId, now, emit, visit);
    const cancelled = await findVisit(tx, id);
    return cancelled ? toVisit(cancelled, byMember) : refuse("not-found");
  },
});
