import type { getPairing as endpoint } from "@episante/contracts/device";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { refuse } from "@episante/contracts/problem";
import { signals, toldOf } from "@episante/contracts/signals";
import { defineAction } from "@episante/service/action";
import type { IngestDeps } from "../deps.ts";
import { findPairing, findPairingSubject } from "../storage/devices.ts";
import { grantPatient } from "./grant-patient.ts";

type Answer = AnswerOf<typeof endpoint>;

/** What became of a code: nothing yet, a device, and that device's first reading. Never the code itself: only its hash is kept. */
export const getPairing = defineAction<IngestDeps, { id: Answer["id"] }, Answer>({
  name: "ingest.get-pairing",
  access: async ({ input, ...context }) => {
    const subject = await findPairingSubject(context.tx, input.id);
    return subject ? grantPatient(context, subject.patientId, subject.clinicId) : refuse("not-found");
  },
  run: async ({ input, tx, now }) => {
    const pairing = await findPairing(tx, input.id);
    if (!pairing) return refuse("not-found");
    const { patientId, expiresAtMs, isUsed, device, first } = pairing;
    return {
      id: input.id,
      patientId,
      expiresAt: new Date(expiresAtMs).toISOString(),
      status: isUsed ? "paired" : expiresAtMs <= now ? "expired" : "waiting",
      ...(device ? { device } : {}),
      ...(first
        ? {
            firstReading: {
              signal: first.signal,
              code: first.code,
              value: toldOf(first.signal, first.value),
              unit: signals[first.signal].unit,
              at: new Date(first.atMs).toISOString(),
            },
          }
        : {}),
    };
  },
});
