import { refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import type { Tx } from "@episante/service/db";
import type { IngestDeps } from "../deps.ts";
import { findActiveForUpdate, findDeviceSubject, markRevoked, writeTokenHash } from "../storage/devices.ts";
import { grantPatient } from "./grant-patient.ts";

/** Access to a device follows its patient; an unknown id and a stranger's device answer alike. */
async function grantDevice({ input, ...context }: { actor: Actor; deps: IngestDeps; tx: Tx; now: number; input: { id: string } }) {
  const subject = await findDeviceSubject(context.tx, input.id);
  if (!subject) return refuse("not-found");
  const granted = await grantPatient(context, subject.patientId, subject.clinicId);
  // The contract of a device knows no relationship problem: a colleague learns as little as a stranger.
  return "refused" in granted && granted.refused === "care-relationship-required" ? refuse("not-found") : granted;
}

/** Replaces a device's token; the old one stops within seconds, and the gateway and the broker close what it opened. */
export const rotateDevice = defineAction<IngestDeps, { id: string }, { token: string }>({
  name: "ingest.rotate-device",
  access: grantDevice,
  run: async ({ input, deps, tx, audit }) => {
    audit({ entity: { type: "device", id: input.id } });
    const entry = await findActiveForUpdate(tx, input.id);
    if (!entry) return refuse("not-found");
    const token = deps.secrets.newToken(input.id);
    const tokenHash = deps.secrets.hash(token);
    await writeTokenHash(tx, input.id, tokenHash);
    await deps.bucket.put({ ...entry, tokenHash });
    deps.sessions.endOf(input.id);
    return { token };
  },
});

/** Revokes a device for good. Its bucket entry goes before the answer leaves. */
export const revokeDevice = defineAction<IngestDeps, { id: string }, Record<string, never>>({
  name: "ingest.revoke-device",
  access: grantDevice,
  run: async ({ input, deps, tx, now, emit, audit }) => {
    audit({ entity: { type: "device", id: input.id } });
    const entry = await findActiveForUpdate(tx, input.id);
    if (!entry) return refuse("not-found");
    await markRevoked(tx, input.id, now);
    await emit("device.revoked", { deviceId: entry.deviceId, patientId: entry.patientId });
    await deps.bucket.remove(input.id);
    deps.sessions.endOf(input.id);
    return {};
  },
});
