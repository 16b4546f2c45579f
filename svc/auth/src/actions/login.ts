import type { login as loginEndpoint } from "@episante/contracts/auth";
import type { BodyOf } from "@episante/contracts/endpoint";
import type { AccountId, PatientId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AuthDeps } from "../deps.ts";
import { ipKey, loginLimits } from "../domain/limits.ts";
import { sha256 } from "../secrets.ts";
import { type AccountRow, findAccountByEmail } from "../storage/accounts.ts";
import { limitAttempts } from "./limit-attempts.ts";
import { type Browser, type FreshSession, freshSession, publishSession, saveSession } from "./open-session.ts";

export interface SignedIn {
  readonly accountId: AccountId;
  readonly patientId?: PatientId;
  readonly secret: string;
}

/**
 * Signs in. An unknown e-mail, an invited account without a password and a wrong password take the same way, the same time and the same
 * answer; each counts as a failure. Within a limited window the password is not looked at.
 */
export async function login(
  deps: AuthDeps,
  actor: Actor,
  input: BodyOf<typeof loginEndpoint>,
  browser: Browser,
  meta: ActionMeta,
): Promise<SignedIn | Refusal> {
  const keys = { kind: "login", accountKey: sha256(input.email), ipKey: ipKey(meta.ip) } as const;
  const fresh = freshSession();
  const checked = await limitAttempts(deps, keys, loginLimits, async () => {
    const account = await deps.db.transaction(grant.system("auth.login"), (tx) => findAccountByEmail(tx, input.email));
    const fits = await deps.passwords.verify(input.password, account?.passwordHash ?? deps.decoyHash);
    const mayEnter = fits && account?.passwordHash != null && (deps.demo || !account.demo);
    return { result: { account, mayEnter }, succeeded: mayEnter };
  });
  if (isRefusal(checked)) return checked;
  const opened = await openSession(deps, actor, { ...checked, fresh, browser }, meta);
  if (isRefusal(opened)) return opened;
  return (await publishSession(deps, fresh, browser)) ?? { ...opened, secret: fresh.secret };
}

/** Records both outcomes: a refused sign-in leaves an audit record too. */
const openSession = defineAction<
  AuthDeps,
  { account: AccountRow | null; mayEnter: boolean; fresh: FreshSession; browser: Browser },
  Omit<SignedIn, "secret">
>({
  name: "auth.login",
  access: () => grant.system("auth.login"),
  run: async ({ input: { account, mayEnter, fresh, browser }, deps, tx, audit }) => {
    if (account) audit({ ...(account.patientId ? { patientIds: [account.patientId] } : {}), entity: { type: "account", id: account.id } });
    if (!account || !mayEnter) return refuse("login-failed");
    await saveSession(tx, deps, account.id, fresh, browser);
    return { accountId: account.id as AccountId, ...(account.patientId ? { patientId: account.patientId as PatientId } : {}) };
  },
});
