import type { Doctor, putMyProfile as endpoint } from "@episante/contracts/doctor";
import type { BodyOf } from "@episante/contracts/endpoint";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import type { Deps } from "../deps.ts";
import { findListed } from "../storage/directory.ts";
import { isClinicKnown, publishProfile as store } from "../storage/profiles.ts";
import { indexDoctor } from "../storage/search-keys.ts";
import { findOwnDoctor, ownOnly } from "./own-doctor.ts";

/** Publishes the own profile: from now on the directory lists the doctor. */
export const publishProfile = defineAction<Deps, BodyOf<typeof endpoint>, Doctor>({
  name: "doctor.put-profile",
  access: ownOnly,
  run: async ({ actor, input, tx, now, audit }) => {
    const doctor = await findOwnDoctor(tx, actor);
    if (!doctor) return refuse("not-found");
    if (!(await isClinicKnown(tx, doctor.clinicId))) return refuse("mirror-stale");
    await store(tx, doctor, input, now);
    await indexDoctor(tx, doctor.doctorId);
    const published = await findListed(tx, doctor.doctorId, now);
    audit({ entity: { type: "doctor", id: doctor.doctorId } });
    return published ?? refuse("not-found");
  },
});
