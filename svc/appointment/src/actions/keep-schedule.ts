import type { Schedule } from "@episante/contracts/appointment";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { type Grant, grant, type Tx } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { faultyWindows } from "../domain/calendar.ts";
import { findDoctor, findHours, lockDoctor, saveSchedule } from "../storage/doctors.ts";
import { publishOpenings } from "./publish-openings.ts";

/** The doctor, or the staff of the doctor's clinic. Hours hold no patient data. */
async function access({ actor, input, tx }: { actor: Actor; input: { doctorId: string }; tx: Tx }): Promise<Grant | Refusal> {
  const doctor = await findDoctor(tx, input.doctorId);
  if (!doctor) return refuse("not-found");
  const isAllowed = doctorIdsOf(actor).includes(doctor.doctorId) || clinicIdsOf(actor, "staff").includes(doctor.clinicId);
  return isAllowed ? grant.clinics([doctor.clinicId]) : refuse("not-found");
}

/** Weekly hours of a doctor. */
export const showSchedule = defineAction<Deps, { doctorId: string }, Schedule>({
  name: "appointment.get-schedule",
  access,
  run: async ({ input, tx }) => (await findHours(tx, input.doctorId))?.schedule ?? refuse("not-found"),
});

/** Replaces the weekly hours. Visits booked before stay, also outside the new hours. */
export const replaceSchedule = defineAction<Deps, { doctorId: string; schedule: Schedule }, Schedule>({
  name: "appointment.put-schedule",
  access,
  run: async ({ input: { doctorId, schedule }, tx, now, emit, audit }) => {
    const faulty = faultyWindows(schedule.windows);
    if (faulty.length > 0) {
      const message = "overlaps another window of the day, or ends before it begins";
      return refuse("invalid-input", { errors: faulty.map((index) => ({ path: `windows.${index}`, message })) });
    }
    await lockDoctor(tx, doctorId);
    await saveSchedule(tx, doctorId, schedule, now);
    await publishOpenings(tx, doctorId, now, emit);
    audit({ entity: { type: "schedule", id: doctorId } });
    return schedule;
  },
});
