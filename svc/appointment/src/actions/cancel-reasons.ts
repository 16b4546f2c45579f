import type { CancelReasons, getCancelReasons } from "@episante/contracts/cancel-reason";
import type { QueryOf } from "@episante/contracts/endpoint";
import type { ClinicId } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import { clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { findCancelReasons, saveCancelReasons } from "../storage/cancel-reasons.ts";
import { findDoctor, isKnownClinic } from "../storage/doctors.ts";
import { accessOneClinic, clinicGranted } from "./clinic-access.ts";
import { accountOf } from "./viewpoint.ts";

/** Reasons offered when a visit is cancelled. They name nobody. */
export const showCancelReasons = defineAction<Deps, QueryOf<typeof getCancelReasons>, CancelReasons>({
  name: "appointment.get-cancel-reasons",
  access: () => grant.public(),
  run: async ({ actor, input: { clinicId, doctorId }, tx }) => {
    const own = clinicIdsOf(actor, "doctor", "staff", "admin");
    const meant = clinicId ?? (doctorId ? (await findDoctor(tx, doctorId))?.clinicId : own.length === 1 ? own[0] : undefined);
    return meant && (await isKnownClinic(tx, meant)) ? findCancelReasons(tx, meant) : refuse("not-found");
  },
});

/** Sets those of a clinic. */
export const keepCancelReasons = defineAction<
  Deps,
  { readonly clinicId?: ClinicId | undefined; readonly reasons: CancelReasons },
  CancelReasons
>({
  name: "appointment.put-cancel-reasons",
  access: accessOneClinic("doctor", "staff", "admin"),
  run: async ({ actor, input: { reasons }, tx, now, grant: granted, audit }) => {
    const clinicId = clinicGranted(granted);
    await saveCancelReasons(tx, { clinicId, reasons, accountId: accountOf(actor), nowMs: now });
    audit({ entity: { type: "cancel-reasons", id: clinicId } });
    return reasons;
  },
});
