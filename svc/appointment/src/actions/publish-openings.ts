import type { DoctorId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import type { Emit } from "@episante/service/outbox";
import type { Interval } from "../domain/calendar.ts";
import { behindOf, liesBehind, nextOpenings, widestHorizon } from "../domain/openings.ts";
import { listBusy } from "../storage/busy.ts";
import { type DoctorHours, findHours, listOnlineReasons, type ReasonRow } from "../storage/doctors.ts";
import { findOpenings, saveOpenings } from "../storage/openings.ts";
import { listResourceTimes } from "../storage/resources.ts";
import { listCappedStarts } from "../storage/taken.ts";

const dayMs = 86_400_000;
/** Days looked at first: mostly they hold more starts than are published. */
const nearDays = 14;

/**
 * Works out a doctor's next openings and tells others when they changed. Runs inside the transaction that changed something, which holds
 * the doctor's lock. @param changed when all that changed is that this time was taken or freed
 */
export async function publishOpenings(tx: Tx, doctorId: string, nowMs: number, emit: Emit, changed?: Interval): Promise<void> {
  const [doctor, online, published] = await Promise.all([
    findHours(tx, doctorId),
    listOnlineReasons(tx, doctorId),
    changed ? findOpenings(tx, doctorId) : null,
  ]);
  if (!doctor) return;
  const reasons = doctor.isActive ? online : [];
  if (changed && published && liesBehind(published, reasons, doctor.schedule.zone, changed)) return;
  const { openings, dueMs } = await findNext(tx, doctor, reasons, nowMs);
  if (await saveOpenings(tx, doctorId, openings, dueMs, behindOf(openings, reasons, doctor.schedule.zone)))
    await emit("appointment.openings-changed", { doctorId: doctorId as DoctorId, openings });
}

async function findNext(tx: Tx, doctor: DoctorHours, reasons: readonly ReasonRow[], nowMs: number) {
  const { doctorId, schedule } = doctor;
  const widest = widestHorizon(schedule, reasons);
  const look = async (days: number) => {
    const period = { startMs: nowMs - dayMs, endMs: nowMs + (days + 2) * dayMs };
    const withCap = reasons.filter((reason) => reason.dailyCap !== undefined);
    const types = [...new Set(reasons.flatMap(({ resourceTypes }) => resourceTypes))];
    const [taken, resources, ...starts] = await Promise.all([
      listBusy(tx, { doctorId, fromMs: nowMs, toMs: period.endMs, nowMs, withHolds: false }),
      listResourceTimes(tx, { clinicId: doctor.clinicId, types }, { ...period, nowMs, withHolds: false }),
      ...withCap.map(({ reasonId }) => listCappedStarts(tx, { doctorId, reasonId, ...period })),
    ]);
    const capped = new Map(withCap.map(({ reasonId }, index) => [reasonId, starts[index] ?? []]));
    return nextOpenings({ ...doctor, reasons, taken, resources, capped, nowMs, days });
  };
  const near = await look(Math.min(nearDays, widest));
  return near.isFull || widest <= nearDays ? near : look(widest);
}
