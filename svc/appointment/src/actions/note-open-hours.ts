import type { Tx } from "@episante/service/db";
import { dayAt } from "../domain/calendar.ts";
import { widestHorizon } from "../domain/openings.ts";
import { newlyOpen, type OpenHours, openHours } from "../domain/waitlist.ts";
import { findFactsVersion } from "../storage/bookings.ts";
import { type DoctorHours, listOnlineReasons } from "../storage/doctors.ts";
import { addOpened } from "../storage/freed.ts";
import { findWaitlist, saveOpenHours } from "../storage/waitlist.ts";

/**
 * Compares when a doctor works with what it was when last looked at, and notes what was opened meanwhile: by new hours, an absence that ended,
 * a day that is open after all, or a day that came within the horizon. The first look only remembers. Under the doctor's lock.
 */
export async function noteOpenHours(tx: Tx, doctor: DoctorHours, nowMs: number): Promise<void> {
  const { doctorId, schedule } = doctor;
  const [{ openHours: before, openKey }, version] = await Promise.all([findWaitlist(tx, doctorId), findFactsVersion(tx, doctorId)]);
  const key = `${version} ${dayAt(schedule.zone, nowMs)}`;
  if (key === openKey) return;
  const reasons = doctor.isActive ? await listOnlineReasons(tx, doctorId) : [];
  const open = openHours({ ...doctor, nowMs }, reasons, widestHorizon(schedule, reasons));
  if (before !== null) await addOpened(tx, doctorId, newlyOpen(before as OpenHours[], open));
  await saveOpenHours(tx, doctorId, open, key);
}
