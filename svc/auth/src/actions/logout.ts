import { isRefusal, type Refusal } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import type { AuthDeps } from "../deps.ts";
import { endSessions } from "../storage/sessions.ts";
import { ownAccountGrant, userOf } from "./own-account.ts";
import { syncSession } from "./sync-session.ts";

const endSession = defineAction<AuthDeps, object, null>({
  name: "auth.logout",
  access: ({ actor }) => ownAccountGrant(actor),
  run: async ({ actor, deps, tx, audit }) => {
    const { accountId, sessionHash } = userOf(actor);
    await endSessions(tx, [sessionHash], new Date(deps.realNow()));
    audit({ entity: { type: "account", id: accountId } });
    return null;
  },
});

/** Ends this session; the gateway knows before the answer. */
export async function logout(deps: AuthDeps, actor: Actor, meta: ActionMeta): Promise<Refusal | null> {
  const ended = await endSession(deps, actor, {}, meta);
  if (isRefusal(ended)) return ended;
  await syncSession(deps, userOf(actor).sessionHash);
  return null;
}
