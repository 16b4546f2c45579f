import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { saveHasAccount } from "../storage/patients.ts";

/** Which patients have an account, and so can be written to when the clinic changes their visits. */
export const mirrorAccountsOnRegistered = consumer<Deps, "account.registered">({
  name: "mirror-accounts-on-registered",
  on: ["account.registered"],
  handle: async ({ event, tx }) => saveHasAccount(tx, event.data.patientId),
});
