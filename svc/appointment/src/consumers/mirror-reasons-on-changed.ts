import { consumer } from "@episante/service/consume";
import { publishOpenings } from "../actions/publish-openings.ts";
import type { Deps } from "../deps.ts";
import { lockDoctor, saveReasons } from "../storage/doctors.ts";

/** Visit reasons of doctors: how long, online or not, until when patients may cancel. */
export const mirrorReasonsOnChanged = consumer<Deps, "doctor.reasons-changed">({
  name: "mirror-reasons-on-changed",
  on: ["doctor.reasons-changed"],
  oneByOne: true,
  handle: async ({ event, tx, now, emit }) => {
    await lockDoctor(tx, event.data.doctorId);
    await saveReasons(tx, event.data, event.at);
    await publishOpenings(tx, event.data.doctorId, now, emit);
  },
});
