import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { saveOpenings } from "../storage/profiles.ts";

/** Next openings per doctor and reason, so that a search asks no other service. */
export const keepOpeningsOnChanged = consumer<Deps, "appointment.openings-changed">({
  name: "keep-openings-on-changed",
  on: ["appointment.openings-changed"],
  handle: async ({ event, tx }) => saveOpenings(tx, event.data, event.at),
});
