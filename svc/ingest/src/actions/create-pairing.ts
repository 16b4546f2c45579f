import type { createPairing as endpoint } from "@episante/contracts/device";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { newId } from "@episante/service/ids";
import type { IngestDeps } from "../deps.ts";
import { insertPairing } from "../storage/devices.ts";
import { clinicOfPatient } from "../storage/relationships.ts";
import { grantPatient } from "./grant-patient.ts";

const validMs = 10 * 60_000;

type Pairing = AnswerOf<typeof endpoint>;

/** A code to pair a device: eight characters, once, ten minutes. Only its hash is kept. */
export const createPairing = defineAction<IngestDeps, { patientId: string }, Pairing>({
  name: "ingest.create-pairing",
  access: ({ input, ...context }) => grantPatient(context, input.patientId),
  run: async ({ actor, input, deps, tx, now, audit }) => {
    const clinicId = await clinicOfPatient(tx, input.patientId, now);
    if (!clinicId || actor.kind !== "user") return refuse("not-found");
    const code = deps.secrets.newCode();
    const id = newId("pai", now);
    const expiresAtMs = now + validMs;
    audit({ entity: { type: "pairing", id } });
    await insertPairing(tx, {
      id,
      codeHash: deps.secrets.hash(code),
      patientId: input.patientId,
      clinicId,
      createdBy: actor.accountId,
      expiresAtMs,
    });
    return { id, code, expiresAt: new Date(expiresAtMs).toISOString() };
  },
});
