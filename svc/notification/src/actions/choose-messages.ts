import type { MessagePreferences } from "@episante/contracts/notification";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { preferencesOf, writePreferences } from "../storage/preferences.ts";

/** Which mails the signed-in account gets, and where its nights are. */
export const readPreferences = defineAction<Deps, undefined, MessagePreferences>({
  name: "notification.get-preferences",
  access: ({ actor }) => (actor.kind === "user" ? grant.public() : refuse("not-found")),
  run: async ({ actor, tx }) => (actor.kind === "user" ? preferencesOf(tx, actor.accountId) : refuse("not-found")),
});

/** Keeps the account's choice and tells where its nights are. */
export const choosePreferences = defineAction<Deps, MessagePreferences, MessagePreferences>({
  name: "notification.put-preferences",
  access: ({ actor }) => (actor.kind === "user" ? grant.public() : refuse("not-found")),
  run: async ({ actor, input, tx, now, emit }) => {
    if (actor.kind !== "user") return refuse("not-found");
    const { accountId } = actor;
    await writePreferences(tx, accountId, input, now);
    await emit("preferences.changed", {
      accountId: accountId as `acc_${string}`,
      ...(input.zone === undefined ? {} : { zone: input.zone }),
    });
    return input;
  },
});
