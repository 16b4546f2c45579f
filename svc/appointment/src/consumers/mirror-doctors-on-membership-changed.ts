import { consumer } from "@episante/service/consume";
import { publishOpenings } from "../actions/publish-openings.ts";
import type { Deps } from "../deps.ts";
import { saveDoctor } from "../storage/doctors.ts";

/** Which clinic a doctor works at; an ended membership closes the doctor's agenda for new visits. */
export const mirrorDoctorsOnMembershipChanged = consumer<Deps, "membership.changed">({
  name: "mirror-doctors-on-membership-changed",
  on: ["membership.changed"],
  oneByOne: true,
  handle: async ({ event, tx, now, emit }) => {
    const { doctorId, clinicId, status } = event.data;
    if (!doctorId) return;
    await saveDoctor(tx, { doctorId, clinicId, isActive: status !== "ended" }, event.at);
    await publishOpenings(tx, doctorId, now, emit);
  },
});
