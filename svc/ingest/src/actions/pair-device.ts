import type { DeviceEntry, pair } from "@episante/contracts/device";
import type { BodyOf } from "@episante/contracts/endpoint";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { IngestDeps } from "../deps.ts";
import { findPairingForUpdate, findPairingPatient, insertDevice, markPairingUsed } from "../storage/devices.ts";

interface Input extends BodyOf<typeof pair> {
  readonly codeHash: string;
}
export interface Paired {
  readonly deviceId: DeviceEntry["deviceId"];
  readonly token: string;
}

/** Exchanges a code for a device. Its registry entry is in the bucket before the answer leaves, so that its first batch is let in. */
const exchangeCode = defineAction<IngestDeps, Input, Paired>({
  name: "ingest.pair",
  access: async ({ input, tx }) => {
    const patientId = await findPairingPatient(tx, input.codeHash);
    return patientId ? grant.patients([patientId]) : refuse("not-found");
  },
  run: async ({ input, deps, tx, now, emit, audit }) => {
    const pairing = await findPairingForUpdate(tx, input.codeHash);
    if (!pairing) return refuse("not-found");
    if (pairing.isUsed) return refuse("code-used");
    if (pairing.expiresAtMs <= now) return refuse("code-expired");
    const { patientId, clinicId } = pairing;
    const deviceId = newId("dev", now);
    const token = deps.secrets.newToken(deviceId);
    const entry: DeviceEntry = { deviceId, patientId, clinicId, kind: input.kind ?? "wearable", tokenHash: deps.secrets.hash(token) };
    audit({ entity: { type: "device", id: deviceId } });
    await markPairingUsed(tx, pairing.id, deviceId, now);
    await insertDevice(tx, { ...entry, model: input.model, serial: input.serial, pairedAtMs: now });
    await emit("device.paired", { deviceId, patientId, clinicId, kind: entry.kind });
    await deps.bucket.put(entry);
    return { deviceId, token };
  },
});

/** Pairs a device. Wrong codes are counted per caller; replay devices exist outside production only. */
export async function pairDevice(deps: IngestDeps, body: BodyOf<typeof pair>, meta: ActionMeta): Promise<Paired | Refusal> {
  if (body.kind === "replay" && !deps.allowsReplay) return refuse("forbidden");
  const now = deps.clock.now();
  if (deps.wrongCodes.isOver(meta.ip, now)) return refuse("too-many-requests");
  const code = body.code.toUpperCase().replace(/[\s-]/g, "");
  const result = await exchangeCode(deps, { kind: "anonymous" }, { ...body, codeHash: deps.secrets.hash(code) }, meta);
  if (isRefusal(result) && result.refused === "not-found") deps.wrongCodes.add(meta.ip, now);
  return result;
}
