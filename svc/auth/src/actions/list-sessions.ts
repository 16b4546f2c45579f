import type { sessions } from "@episante/contracts/auth";
import type { ResponseOf } from "@episante/contracts/endpoint";
import { defineAction } from "@episante/service/action";
import type { AuthDeps } from "../deps.ts";
import { listOpenSessions } from "../storage/sessions.ts";
import { ownAccountGrant, userOf } from "./own-account.ts";

/** Own open sessions, newest first. `lastSeenAt` is the last time the app asked who is signed in. */
export const listSessions = defineAction<AuthDeps, object, ResponseOf<typeof sessions>>({
  name: "auth.sessions",
  access: ({ actor }) => ownAccountGrant(actor),
  run: async ({ actor, deps, tx }) => {
    const { accountId, sessionHash } = userOf(actor);
    const open = await listOpenSessions(tx, accountId, new Date(deps.realNow()));
    return {
      items: open.map((session) => ({
        id: session.id as `ses_${string}`,
        createdAt: session.createdAt.toISOString(),
        lastSeenAt: session.lastSeenAt.toISOString(),
        userAgent: session.userAgent,
        current: session.secretHash === sessionHash,
      })),
    };
  },
});
