import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { saveOpenings } from "../storage/openings.ts";

/** Next openings per doctor and reason, so that a search asks no other service. */
export const keepOpeningsOnChanged = consumer<Deps, "appointment.openings-changed">({
  name: "keep-openings-on-changed",
  on: ["appointment.openings-changed"],
  gatherMs: 100,
  handle: async ({ event, tx, now }) => saveOpenings(tx, event.data, event.at, now),
});
