import type { DoctorId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import type { Emit } from "@episante/service/outbox";
import { nextOpenings } from "../domain/openings.ts";
import { listBusy } from "../storage/busy.ts";
import { findDoctor, listOnlineReasons } from "../storage/doctors.ts";
import { saveOpenings } from "../storage/openings.ts";
import { scheduleOf } from "./bookable.ts";

const dayMs = 86_400_000;

/** Works out a doctor's next openings and tells others when they changed. Runs inside the transaction that changed something. */
export async function publishOpenings(tx: Tx, doctorId: string, nowMs: number, emit: Emit): Promise<void> {
  const doctor = await findDoctor(tx, doctorId);
  if (!doctor) return;
  const schedule = await scheduleOf(tx, doctorId, doctor.clinicId);
  const reasons = doctor.isActive ? await listOnlineReasons(tx, doctorId) : [];
  const busy = await listBusy(tx, { doctorId, fromMs: nowMs, toMs: nowMs + (schedule.horizonDays + 2) * dayMs, nowMs, withHolds: false });
  const { openings, dueMs } = nextOpenings({ schedule, reasons, busy, nowMs });
  const changed = await saveOpenings(tx, doctorId, openings, dueMs);
  if (changed) await emit("appointment.openings-changed", { doctorId: doctorId as DoctorId, openings });
}
