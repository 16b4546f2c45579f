import type { appointmentForMessage as endpoint } from "@episante/contracts/appointment";
import type { ResponseOf } from "@episante/contracts/endpoint";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { isOpen } from "../domain/visit.ts";
import { writeLink } from "../domain/visit-link.ts";
import { findClinic } from "../storage/doctors.ts";
import { findVisit, toVisit } from "../storage/visits.ts";
import { icsOf } from "./appointment-ics.ts";

/** A visit as it is now, for a message about to be sent; with its calendar file. The endpoint's policy lets only notification in. */
export const showForMessage = defineAction<Deps, { id: string }, ResponseOf<typeof endpoint>>({
  name: "appointment.for-message",
  access: ({ actor }) => (actor.kind === "service" ? grant.system("appointment.for-message") : refuse("not-found")),
  run: async ({ input, deps, tx, now, audit }) => {
    const row = await findVisit(tx, input.id);
    if (!row) return refuse("not-found");
    audit({ patientIds: [row.patientId], entity: { type: "appointment", id: row.id } });
    const visit = toVisit(row, false);
    const signed =
      deps.linkKey && isOpen(row) && row.startMs > now ? writeLink(deps.linkKey, { ...row, appointmentId: row.id }) : undefined;
    return { ...visit, ics: icsOf(visit, await findClinic(tx, row.clinicId), now), ...(signed ? { signed } : {}) };
  },
});
