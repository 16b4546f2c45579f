import type { CancelReason } from "@episante/contracts/cancel-reason";
import { getDoctor } from "@episante/contracts/doctor";
import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { toInstant } from "@episante/contracts/time";
import type { answerLink as answerEndpoint, readLink as readEndpoint } from "@episante/contracts/visit-link";
import { defineAction } from "@episante/service/action";
import type { AuditNote } from "@episante/service/audit";
import { type Grant, grant, type Tx } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { cancelPolicyOf, isOpen, judgeCancel } from "../domain/visit.ts";
import { readLink as readSigned } from "../domain/visit-link.ts";
import { findCancelReasons } from "../storage/cancel-reasons.ts";
import { findClinic } from "../storage/doctors.ts";
import type { Doer } from "../storage/history.ts";
import { lockDoctors } from "../storage/moves.ts";
import { findVisit, saveConfirmed, type VisitRow } from "../storage/visits.ts";
import type { CalendarPlace } from "./appointment-ics.ts";
import { cancelVisit } from "./cancel-visit.ts";
import { publishOpenings } from "./publish-openings.ts";

interface Linked {
  readonly visit: VisitRow;
  readonly place: CalendarPlace | null;
  readonly reasons: readonly CancelReason[];
}
interface Input {
  readonly signed: string;
}
interface Looking {
  readonly deps: Deps;
  readonly input: Input;
  readonly tx: Tx;
  readonly now: number;
  readonly audit: (note: AuditNote) => void;
}

/** Who acts by a link has the patient's mail; who that is nobody knows. */
const byLink: Doer = { accountId: "link", kind: "patient", channel: "online" };

const linkOf = ({ deps: { linkKey }, input, now }: Pick<Looking, "deps" | "input" | "now">) =>
  linkKey ? readSigned(linkKey, input.signed, now) : null;

/** Nothing is looked up for what is no good link: its answer takes as long whether or not there is such a visit. */
function accessByLink(request: Pick<Looking, "deps" | "input" | "now">): Grant | Refusal {
  const link = linkOf(request);
  return link ? grant.patients([link.patientId]) : refuse("not-found");
}

/** The visit of a link, or null when it is not there at that time any more. @param lock keeps it and its doctor's time from changing */
async function findLinked(request: Looking, { lock = false } = {}): Promise<VisitRow | null> {
  const { tx, audit } = request;
  const link = linkOf(request);
  if (!link) return null;
  const before = await findVisit(tx, link.appointmentId);
  if (!before) return null;
  if (lock) await lockDoctors(tx, [before.doctorId]);
  const visit = lock ? await findVisit(tx, link.appointmentId, { lock }) : before;
  if (visit?.startMs !== link.startMs || visit.doctorId !== before.doctorId || visit.status === "entered-in-error") return null;
  audit({ patientIds: [visit.patientId], clinicIds: [visit.clinicId], entity: { type: "appointment", id: visit.id } });
  return visit;
}

async function around(tx: Tx, visit: VisitRow): Promise<Linked> {
  const [place, reasons] = await Promise.all([findClinic(tx, visit.clinicId), findCancelReasons(tx, visit.clinicId)]);
  return { visit, place, reasons: reasons.patient };
}

/** The visit a link is about. Changes nothing. */
export const readLink = defineAction<Deps, Input, Linked>({
  name: "appointment.read-link",
  access: accessByLink,
  run: async ({ tx, ...context }) => {
    const visit = await findLinked({ tx, ...context });
    return visit ? around(tx, visit) : refuse("not-found");
  },
});

/** Confirms or cancels it, whoever has the link. A repeat changes nothing and answers the same. */
export const answerLink = defineAction<Deps, Input & BodyOf<typeof answerEndpoint>, Linked>({
  name: "appointment.answer-link",
  access: accessByLink,
  run: async ({ actor, input, deps, tx, now, emit, audit }) => {
    const visit = await findLinked({ deps, input, tx, now, audit }, { lock: true });
    if (!visit) return refuse("not-found");
    const { id, doctorId } = visit;
    if (input.action === "confirm") {
      if (visit.status === "cancelled") return refuse("already-cancelled");
      // Who has arrived already need not say so.
      if (isOpen(visit)) await saveConfirmed(tx, id, now);
    } else if (visit.status !== "cancelled") {
      const refusal = judgeCancel(visit, cancelPolicyOf(visit), now, false);
      if (refusal) return refusal;
      await cancelVisit({ tx, actor, emit, now }, visit, input.reason, byLink);
      await publishOpenings(tx, doctorId, now, emit, visit);
    }
    const changed = await findVisit(tx, id);
    return changed ? around(tx, changed) : refuse("not-found");
  },
});

/** What may be shown of it. Names come from the directory, where everybody can read them; without them the page still says when and where. */
export async function describeLinked(deps: Deps, linked: Linked | Refusal): Promise<ResponseOf<typeof readEndpoint> | Refusal> {
  if (isRefusal(linked)) return linked;
  const { visit, place, reasons } = linked;
  const asked = await deps.callInternal?.(getDoctor, { params: { id: visit.doctorId } });
  const doctor = asked === undefined || isRefusal(asked) ? undefined : asked;
  return {
    status: visit.status === "cancelled" ? "cancelled" : isOpen(visit) ? "booked" : "over",
    start: toInstant(visit.startMs),
    end: toInstant(visit.endMs),
    zone: visit.zone,
    ...(doctor ? { doctor: `Dr ${doctor.givenName} ${doctor.familyName}` } : {}),
    ...(place ? { clinic: { name: place.name, address: place.address, ...(doctor ? { phone: doctor.phone } : {}) } } : {}),
    ...(visit.confirmedMs === null ? {} : { confirmedAt: toInstant(visit.confirmedMs) }),
    cancelUntil: toInstant(visit.cancelUntilMs),
    cancelHours: cancelPolicyOf(visit).hours,
    reasons: [...reasons],
  };
}
