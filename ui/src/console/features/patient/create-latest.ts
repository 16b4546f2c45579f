import type { AnswerOf } from "@episante/contracts/endpoint";
import { latestReadings } from "@episante/contracts/reading";
import type { Accessor } from "solid-js";
import { call } from "../../../shared/lib/call.ts";
import { createInterval, createLoad } from "../../../shared/lib/load.ts";

export type LatestReading = AnswerOf<typeof latestReadings>["items"][number];

/** A value older than this is not current: shown struck through. Milliseconds. */
export const staleAfterMs = 2 * 60_000;

/** Last reading of each signal of a patient, asked again every few seconds. */
export function createLatest(patientId: Accessor<string | undefined>, everyMs = 3000) {
  const load = createLoad(patientId, (id, signal) => call(latestReadings, { query: { patientId: id as `pat_${string}` }, signal }), {
    keep: false,
  });
  createInterval(() => {
    if (!load.pending()) void load.reload();
  }, everyMs);
  return load;
}
