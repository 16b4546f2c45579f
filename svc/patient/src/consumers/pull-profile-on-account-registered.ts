import { isRefusal } from "@episante/contracts/problem";
import { consumer } from "@episante/service/consume";
import { keepProfile } from "../actions/pull-profile.ts";
import type { PatientDeps } from "../deps.ts";

/** Fetches the profile of a new account from svc/auth, so that names never travel in a stream. */
export const pullProfileOnAccountRegistered = consumer<PatientDeps, "account.registered">({
  name: "pull-profile-on-account-registered",
  on: ["account.registered"],
  oneByOne: true,
  handle: async ({ event, tx, deps, now, emit }) => {
    const profile = await deps.fetchAccount(event.data.accountId);
    if (!isRefusal(profile)) return keepProfile(tx, emit, profile, now);
    // Gone since: there is nothing to keep. Anything else is tried again.
    if (profile.refused !== "not-found") throw new Error(`the profile could not be fetched: ${profile.refused}`);
  },
});
