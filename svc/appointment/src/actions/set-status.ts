import type { Appointment } from "@episante/contracts/appointment";
import type { BodyOf } from "@episante/contracts/endpoint";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import type { setVisitStatus as endpoint } from "@episante/contracts/visit";
import { type Action, defineAction } from "@episante/service/action";
import type { AuditNote } from "@episante/service/audit";
import type { Tx } from "@episante/service/db";
import type { Emit } from "@episante/service/outbox";
import type { Deps } from "../deps.ts";
import { busyStateOf, type FloorState, floorOf, setStatus } from "../domain/floor.ts";
import { addHistory, takeLast } from "../storage/history.ts";
import { lockDoctors, saveFloor } from "../storage/moves.ts";
import { lockClinicResources } from "../storage/resources.ts";
import { findVisit, toVisit, type VisitRow } from "../storage/visits.ts";
import { slotTaken } from "./bookable.ts";
import { doerOf } from "./doer.ts";
import { forgetMissers } from "./no-show-gate.ts";
import { publishOpenings } from "./publish-openings.ts";
import { accessAsMember } from "./visit-access.ts";

interface Context {
  readonly actor: Actor;
  readonly tx: Tx;
  readonly now: number;
  readonly emit: Emit;
  readonly audit: (note: AuditNote) => void;
}

type Input = BodyOf<typeof endpoint> & { readonly id: string };

/** Says where a patient is on the floor: arrived, in room, done, did not come, or never was. */
export const setVisitStatus: Action<Deps, Input, Appointment> = async (deps, ...request) => {
  const result = await set(deps, ...request);
  forgetMissers(deps);
  return result;
};

const set = defineAction<Deps, Input, Appointment>({
  name: "appointment.set-status",
  access: accessAsMember,
  run: async ({ input, ...context }) => {
    const visit = await lockVisit(context, input.id);
    if (isRefusal(visit)) return visit;
    if (input.excused !== undefined && input.status !== "noshow")
      return refuse("invalid-input", { errors: [{ path: "excused", message: "belongs to a no-show" }] });
    const former = floorOf(visit);
    const later = setStatus(former, input.status, context.now, input.excused);
    return isRefusal(later) ? later : save(context, visit, former, later, false);
  },
});

/**
 * Takes the last state back, a cancellation too: the visit is exactly as it was before, times included. What gave up its time must find it free;
 * others are told that it takes place after all.
 */
export const undoVisitStatus = defineAction<Deps, { readonly id: string }, Appointment>({
  name: "appointment.undo-status",
  access: accessAsMember,
  run: async ({ input, ...context }) => {
    const visit = await lockVisit(context, input.id);
    if (isRefusal(visit)) return visit;
    await lockClinicResources(context.tx, visit.clinicId);
    const later = await takeLast(context.tx, visit.id, visit.status === "cancelled" ? "cancelled" : "status", context.now);
    if (!later) return refuse("wrong-state", { detail: "There is nothing to undo." });
    return save(context, visit, floorOf(visit), later, true);
  },
});

async function lockVisit({ tx, audit }: Context, id: string): Promise<VisitRow | Refusal> {
  const before = await findVisit(tx, id);
  if (!before) return refuse("not-found");
  await lockDoctors(tx, [before.doctorId]);
  const visit = await findVisit(tx, id, { lock: true });
  if (!visit) return refuse("not-found");
  audit({ patientIds: [visit.patientId], clinicIds: [visit.clinicId], entity: { type: "appointment", id } });
  return visit.doctorId === before.doctorId ? visit : refuse("version-conflict");
}

async function save(
  { actor, tx, now, emit }: Context,
  visit: VisitRow,
  former: FloorState,
  later: FloorState,
  undone: boolean,
): Promise<Appointment | Refusal> {
  if (!(await saveFloor(tx, visit.id, later, now))) {
    const { doctorId, reasonId } = visit;
    return slotTaken(tx, { doctorId, reasonId, start: toInstant(visit.startMs) }, now, actor);
  }
  await addHistory(tx, visit, doerOf(actor, visit), { kind: undone ? "undone" : "status", former, later }, now);
  const changed = await findVisit(tx, visit.id);
  if (!changed) return refuse("not-found");
  const { id: appointmentId, doctorId, patientId, clinicId, reasonId } = changed;
  await emit("appointment.status-changed", {
    appointmentId,
    doctorId,
    patientId,
    clinicId,
    reasonId,
    start: toInstant(changed.startMs),
    end: toInstant(changed.endMs),
    from: visit.status,
    to: changed.status,
    ...(changed.excused === null ? {} : { excused: changed.excused }),
    undone,
    bookedAt: toInstant(changed.bookedMs),
  });
  const wasFree = busyStateOf(former.status) === "released";
  if (wasFree !== (busyStateOf(later.status) === "released")) await publishOpenings(tx, doctorId, now, emit, changed);
  return toVisit(changed, true);
}
