import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { ClinicId, PatientId } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import { toInstant } from "@episante/contracts/time";
import type { getNoShowBlock, getNoShowPolicy, putNoShowPolicy } from "@episante/contracts/visit";
import { defineAction } from "@episante/service/action";
import type { Deps } from "../deps.ts";
import { countNoShows, findNoShowLimit, hasVisits, type NoShows, saveLift, saveNoShowLimit } from "../storage/no-shows.ts";
import { accessOneClinic, clinicGranted } from "./clinic-access.ts";
import { isBlocked } from "./no-show-gate.ts";
import { accountOf } from "./viewpoint.ts";

type Policy = ResponseOf<typeof getNoShowPolicy>;
type Block = ResponseOf<typeof getNoShowBlock>;
interface OfClinic {
  readonly clinicId?: ClinicId | undefined;
}
interface OfPatient extends OfClinic {
  readonly patientId: PatientId;
}

/** When missed visits end online booking with the clinic. */
export const showNoShowPolicy = defineAction<Deps, OfClinic, Policy>({
  name: "appointment.get-no-show-policy",
  access: accessOneClinic("doctor", "staff", "admin"),
  run: async ({ tx, grant: granted }) => ({ clinicId: clinicGranted(granted), limit: await findNoShowLimit(tx, clinicGranted(granted)) }),
});

/** Sets it. */
export const keepNoShowPolicy = defineAction<Deps, BodyOf<typeof putNoShowPolicy>, Policy>({
  name: "appointment.put-no-show-policy",
  access: accessOneClinic("doctor", "staff", "admin"),
  run: async ({ actor, input: { limit }, tx, now, grant: granted, audit }) => {
    const clinicId = clinicGranted(granted);
    await saveNoShowLimit(tx, { clinicId, limit, accountId: accountOf(actor), nowMs: now });
    audit({ entity: { type: "no-show-policy", id: clinicId } });
    return { clinicId, limit };
  },
});

/** A patient's missed visits with the clinic, and whether they end online booking. */
export const showBlock = defineAction<Deps, OfPatient, Block>({
  name: "appointment.get-no-show-block",
  access: accessOneClinic("doctor", "staff"),
  run: async ({ input: { patientId }, tx, now, grant: granted, audit }) => {
    const clinicId = clinicGranted(granted);
    if (!(await hasVisits(tx, clinicId, patientId))) return refuse("not-found");
    audit({ patientIds: [patientId] });
    return toBlock(clinicId, patientId, await countNoShows(tx, { clinicId, patientId, nowMs: now }));
  },
});

/** Lets the patient book online again: what was missed before does not count any more. */
export const liftBlock = defineAction<Deps, OfPatient, Block>({
  name: "appointment.lift-no-show-block",
  access: accessOneClinic("doctor", "staff"),
  run: async ({ actor, input: { patientId }, tx, now, grant: granted, audit }) => {
    const clinicId = clinicGranted(granted);
    if (!(await hasVisits(tx, clinicId, patientId))) return refuse("not-found");
    audit({ patientIds: [patientId] });
    await saveLift(tx, { clinicId, patientId, accountId: accountOf(actor), nowMs: now });
    return toBlock(clinicId, patientId, await countNoShows(tx, { clinicId, patientId, nowMs: now }));
  },
});

function toBlock(clinicId: ClinicId, patientId: PatientId, noShows: NoShows): Block {
  const { count, limit, liftedMs } = noShows;
  return {
    clinicId,
    patientId,
    count,
    limit,
    blocked: isBlocked(noShows),
    ...(liftedMs === null ? {} : { liftedAt: toInstant(liftedMs) }),
  };
}
