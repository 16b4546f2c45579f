import type { hold as endpoint } from "@episante/contracts/appointment";
import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { DoctorId, ReasonId } from "@episante/contracts/ids";
import { isRefusal, refuse } from "@episante/contracts/problem";
import { toInstant } from "@episante/contracts/time";
import { defineAction } from "@episante/service/action";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { holdMs, judgeTime, maxHolds } from "../domain/policy.ts";
import { timesOf } from "../domain/rules.ts";
import { takeTime } from "../storage/busy.ts";
import { findDoctor, lockDoctor } from "../storage/doctors.ts";
import { countLiveHolds, type HoldRow, insertHold, releaseHolds } from "../storage/holds.ts";
import { lockResources } from "../storage/resources.ts";
import { findBookable, slotTaken } from "./bookable.ts";
import { refuseHoldAfterNoShows } from "./no-show-gate.ts";
import { accountOf, viewOf, worksAt } from "./viewpoint.ts";
import { findVisitorFacts } from "./visitor-facts.ts";

/** A hold as the API shows it; `serverTime` lets a countdown start right on a wrong device clock. */
export function toHold(row: Omit<HoldRow, "isLive">, nowMs: number): ResponseOf<typeof endpoint> {
  return {
    id: row.id,
    expiresAt: toInstant(row.expiresMs),
    doctorId: row.doctorId as DoctorId,
    reasonId: row.reasonId as ReasonId,
    start: toInstant(row.startMs),
    end: toInstant(row.endMs),
    zone: row.zone,
    serverTime: toInstant(nowMs),
  };
}

/** Takes a time for five minutes. The caller's earlier hold with the same doctor is given back, unless the new time is refused. */
export const holdTime = defineAction<Deps, BodyOf<typeof endpoint>, ResponseOf<typeof endpoint>>({
  name: "appointment.hold",
  access: async ({ actor, input, tx }) => {
    const doctor = await findDoctor(tx, input.doctorId);
    return doctor ? viewOf(actor, doctor.clinicId) : refuse("not-found");
  },
  run: async ({ actor, input, tx, now, audit }) => {
    const { doctorId, reasonId } = input;
    const accountId = accountOf(actor);
    await lockDoctor(tx, doctorId);
    const bookable = await findBookable(tx, doctorId, reasonId);
    if (isRefusal(bookable)) return bookable;
    const { schedule, clinicId, reason } = bookable;
    const needs = { clinicId, types: reason.resourceTypes };
    await lockResources(tx, needs);
    const startMs = Date.parse(input.start);
    const byMember = worksAt(actor, clinicId);
    const { visit, around } = timesOf(reason, startMs);
    // Who the visit is for is judged when it is booked: a parent may hold a child's time.
    const facts = await findVisitorFacts(tx, bookable, { ...visit, accountId, nowMs: now });
    const refusal = judgeTime({ ...bookable, ...facts, startMs, nowMs: now, byMember });
    if (refusal) return refusal;
    const patientId = actor.kind === "user" ? (actor.patientId ?? null) : null;
    const closed = byMember || !patientId ? null : await refuseHoldAfterNoShows(tx, { clinicId, patientId, nowMs: now });
    if (closed) return closed;
    await releaseHolds(tx, { accountId, doctorId, nowMs: now });
    if ((await countLiveHolds(tx, accountId, now)) >= maxHolds) return refuse("hold-limit");
    const id = newId("hld", now);
    const row = {
      id,
      accountId,
      patientId,
      clinicId,
      doctorId,
      reasonId,
      ...visit,
      zone: schedule.zone,
      createdMs: now,
      expiresMs: now + holdMs,
    };
    const busyId = await takeTime(tx, { doctorId, ...around, holder: id, nowMs: now, expiresMs: row.expiresMs, needs });
    if (!busyId) return slotTaken(tx, input, now, actor);
    await insertHold(tx, row, busyId);
    audit({ entity: { type: "hold", id } });
    return toHold(row, now);
  },
});
