import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import type { Deps } from "../deps.ts";
import { deleteAbsence, findAbsence } from "../storage/absences.ts";
import { lockDoctor } from "../storage/doctors.ts";
import { accessHours } from "./keep-schedule.ts";
import { publishOpenings } from "./publish-openings.ts";

/** Ends an absence: its times are offered again. What became of the visits stays. */
export const endAbsence = defineAction<Deps, { readonly id: string }, undefined>({
  name: "appointment.end-absence",
  access: async ({ actor, input, tx }) => {
    const absence = await findAbsence(tx, input.id);
    return absence ? accessHours({ actor, input: absence, tx }) : refuse("not-found");
  },
  run: async ({ input: { id }, tx, now, emit, audit }) => {
    const absence = await findAbsence(tx, id);
    if (!absence) return refuse("not-found");
    await lockDoctor(tx, absence.doctorId);
    if (!(await deleteAbsence(tx, id))) return refuse("not-found");
    await publishOpenings(tx, absence.doctorId, now, emit);
    audit({ entity: { type: "absence", id } });
    return undefined;
  },
});
