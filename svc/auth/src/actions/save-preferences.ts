import { defineAction } from "@episante/service/action";
import type { AuthDeps } from "../deps.ts";
import { savePreferences as saveRow } from "../storage/accounts.ts";
import type { Preferences } from "../storage/schema.ts";
import { ownAccountGrant, userOf } from "./own-account.ts";

/** Replaces the own display preferences. */
export const savePreferences = defineAction<AuthDeps, Preferences, Preferences>({
  name: "auth.put-preferences",
  access: ({ actor }) => ownAccountGrant(actor),
  run: async ({ actor, input, tx, audit }) => {
    const { accountId } = userOf(actor);
    await saveRow(tx, accountId, input);
    audit({ entity: { type: "account", id: accountId } });
    return input;
  },
});
