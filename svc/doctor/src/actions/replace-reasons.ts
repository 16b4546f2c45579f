import type { putMyReasons as endpoint, Reason } from "@episante/contracts/doctor";
import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { DoctorId } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { settleNextOf } from "../storage/openings.ts";
import { lockReasonIds, replaceReasons as store } from "../storage/profiles.ts";
import { indexDoctor } from "../storage/search-keys.ts";
import { findOwnDoctor, ownOnly } from "./own-doctor.ts";

/** Replaces the own visit reasons. A known id keeps its reason, none makes a new one, a missing one is retired. */
export const replaceReasons = defineAction<Deps, BodyOf<typeof endpoint>, ResponseOf<typeof endpoint>>({
  name: "doctor.put-reasons",
  access: ownOnly,
  run: async ({ actor, input, tx, now, emit, audit }) => {
    const doctor = await findOwnDoctor(tx, actor);
    if (!doctor) return refuse("not-found");
    const known = await lockReasonIds(tx, doctor.doctorId);
    const given = input.reasons.flatMap((reason) => (reason.id ? [reason.id] : []));
    if (given.some((id) => !known.has(id))) return refuse("not-found");
    if (new Set(given).size < given.length)
      return refuse("invalid-input", { errors: [{ path: "reasons", message: "an id stands twice" }] });
    const reasons: Reason[] = input.reasons.map((reason) => ({ ...reason, id: reason.id ?? newId("rea", now) }));
    await store(tx, doctor.doctorId, reasons, now);
    await indexDoctor(tx, doctor.doctorId);
    await settleNextOf(tx, doctor.doctorId, now);
    await emit("doctor.reasons-changed", {
      doctorId: doctor.doctorId as DoctorId,
      clinicId: doctor.clinicId,
      reasons: reasons.map(({ name: _, ...rules }) => ({ ...rules, moveHours: rules.moveHours ?? rules.cancelHours })),
    });
    audit({ entity: { type: "doctor", id: doctor.doctorId } });
    return { items: reasons };
  },
});
