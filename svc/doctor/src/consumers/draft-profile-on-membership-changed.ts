import { accountProfile } from "@episante/contracts/auth";
import { isRefusal } from "@episante/contracts/problem";
import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { saveMember } from "../storage/profiles.ts";

/** A new doctor gets a draft profile, the name fetched from auth; an ended membership takes the doctor off the directory. */
export const draftProfileOnMembershipChanged = consumer<Deps, "membership.changed">({
  name: "draft-profile-on-membership-changed",
  on: ["membership.changed"],
  oneByOne: true,
  handle: async ({ event, tx, deps }) => {
    const { doctorId, clinicId, accountId, status } = event.data;
    if (!doctorId) return;
    const profile = await deps.callInternal(accountProfile, { params: { id: accountId } });
    // Thrown, so that the platform tries again: without a name there is nothing to list.
    if (isRefusal(profile)) throw new Error(`account profile: ${profile.refused}`);
    const { givenName, familyName } = profile;
    await saveMember(tx, { doctorId, clinicId, accountId, isActive: status !== "ended", givenName, familyName }, event.at);
  },
});
