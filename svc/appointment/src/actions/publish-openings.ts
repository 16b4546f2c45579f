import type { DoctorId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import type { Emit } from "@episante/service/outbox";
import type { Interval } from "../domain/calendar.ts";
import { behindOf, liesBehind, nextOpenings } from "../domain/openings.ts";
import { listBusy } from "../storage/busy.ts";
import { type DoctorHours, findHours, listOnlineReasons, type ReasonRow } from "../storage/doctors.ts";
import { findOpenings, saveOpenings } from "../storage/openings.ts";

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
  if (changed && published && liesBehind(published, reasons, changed)) return;
  const { openings, dueMs } = await findNext(tx, doctor, reasons, nowMs);
  if (await saveOpenings(tx, doctorId, openings, dueMs, behindOf(openings, reasons)))
    await emit("appointment.openings-changed", { doctorId: doctorId as DoctorId, openings });
}

async function findNext(tx: Tx, { doctorId, schedule }: DoctorHours, reasons: readonly ReasonRow[], nowMs: number) {
  const busyFor = (days: number) => listBusy(tx, { doctorId, fromMs: nowMs, toMs: nowMs + (days + 2) * dayMs, nowMs, withHolds: false });
  if (schedule.horizonDays > nearDays) {
    const near = nextOpenings({ schedule, reasons, busy: await busyFor(nearDays), nowMs, days: nearDays });
    if (near.isFull) return near;
  }
  return nextOpenings({ schedule, reasons, busy: await busyFor(schedule.horizonDays), nowMs });
}
