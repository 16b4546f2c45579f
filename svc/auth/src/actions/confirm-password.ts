import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AuthDeps } from "../deps.ts";
import { ipKey, loginLimits } from "../domain/limits.ts";
import { sha256 } from "../secrets.ts";
import { findAccount } from "../storage/accounts.ts";
import { limitAttempts } from "./limit-attempts.ts";
import { ownAccountGrant, userOf } from "./own-account.ts";

/** Records both outcomes. */
const record = defineAction<AuthDeps, { fits: boolean }, null>({
  name: "auth.step-up",
  access: ({ actor }) => ownAccountGrant(actor),
  run: async ({ actor, input, audit }) => {
    audit({ entity: { type: "account", id: userOf(actor).accountId } });
    return input.fits ? null : refuse("login-failed");
  },
});

/**
 * Compares the signed-in account's password, for a locked screen. Wrong ones count as refused sign-ins do: who guesses here waits there too.
 * The session stays as it is.
 */
export async function confirmPassword(
  deps: AuthDeps,
  actor: Actor,
  input: { password: string },
  meta: ActionMeta,
): Promise<Refusal | null> {
  const { accountId } = userOf(actor);
  const account = await deps.db.transaction(grant.system("auth.step-up"), (tx) => findAccount(tx, accountId));
  const keys = { kind: "login", accountKey: sha256(account?.email ?? accountId), ipKey: ipKey(meta.ip) } as const;
  const fits = await limitAttempts(deps, keys, loginLimits, async () => {
    const result = await deps.passwords.verify(input.password, account?.passwordHash ?? deps.decoyHash);
    const succeeded = result && account?.passwordHash != null;
    return { result: succeeded, succeeded };
  });
  if (isRefusal(fits)) return fits;
  return record(deps, actor, { fits }, meta);
}
