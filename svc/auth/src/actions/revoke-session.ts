import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import type { AuthDeps } from "../deps.ts";
import { endOwnSession } from "../storage/sessions.ts";
import { ownAccountGrant, userOf } from "./own-account.ts";
import { syncSession } from "./sync-session.ts";

const endSession = defineAction<AuthDeps, { id: string }, { secretHash: string }>({
  name: "auth.revoke-session",
  access: ({ actor }) => ownAccountGrant(actor),
  run: async ({ actor, input, deps, tx, audit }) => {
    audit({ entity: { type: "session", id: input.id } });
    const secretHash = await endOwnSession(tx, userOf(actor).accountId, input.id, new Date(deps.realNow()));
    return secretHash ? { secretHash } : refuse("not-found");
  },
});

/** Ends one of the own open sessions, at once; somebody else's is `not-found`. */
export async function revokeSession(deps: AuthDeps, actor: Actor, input: { id: string }, meta: ActionMeta): Promise<Refusal | null> {
  const ended = await endSession(deps, actor, input, meta);
  if (isRefusal(ended)) return ended;
  await syncSession(deps, ended.secretHash);
  return null;
}
