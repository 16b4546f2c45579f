import type { register } from "@episante/contracts/auth";
import type { BodyOf } from "@episante/contracts/endpoint";
import type { AccountId, PatientId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { AuthDeps } from "../deps.ts";
import { ipKey, registerLimit } from "../domain/limits.ts";
import { refuseWeak } from "../domain/password-policy.ts";
import { sha256 } from "../secrets.ts";
import { insertAccount } from "../storage/accounts.ts";
import { limitAttempts } from "./limit-attempts.ts";
import { type Browser, type FreshSession, freshSession, publishSession, saveSession } from "./open-session.ts";

type Input = BodyOf<typeof register>;
export interface SignedUp {
  readonly accountId: AccountId;
  readonly patientId: PatientId;
  readonly secret: string;
}

/**
 * Creates a patient account and signs it in. Says `email-taken` for a known address (a choice, see README): this answer is limited per
 * network address. A birth date in the future or more than 130 years ago is `invalid-input`.
 */
export async function registerAccount(
  deps: AuthDeps,
  actor: Actor,
  input: Input,
  browser: Browser,
  meta: ActionMeta,
): Promise<SignedUp | Refusal> {
  const weak = refuseWeak(input.password, [input.email, input.givenName, input.familyName]) ?? refuseBirthDate(input, deps.clock.now());
  if (weak) return weak;
  const keys = { kind: "register", accountKey: sha256(input.email), ipKey: ipKey(meta.ip) } as const;
  const fresh = freshSession();
  const saved = await limitAttempts(deps, keys, { ip: registerLimit }, async () => {
    const passwordHash = await deps.passwords.hash(input.password);
    const { password: _, ...profile } = input;
    const result = await saveAccount(deps, actor, { ...profile, passwordHash, fresh, browser }, meta);
    return { result, succeeded: !isRefusal(result) };
  });
  if (isRefusal(saved)) return saved;
  return (await publishSession(deps, fresh, browser)) ?? { ...saved, secret: fresh.secret };
}

const saveAccount = defineAction<
  AuthDeps,
  Omit<Input, "password"> & { passwordHash: string; fresh: FreshSession; browser: Browser },
  { accountId: AccountId; patientId: PatientId }
>({
  name: "auth.register",
  access: () => grant.system("auth.register"),
  run: async ({ input, deps, tx, now, emit, audit }) => {
    const accountId = newId("acc", now);
    const patientId = newId("pat", now);
    const isSaved = await insertAccount(tx, {
      id: accountId,
      email: input.email,
      passwordHash: input.passwordHash,
      givenName: input.givenName,
      familyName: input.familyName,
      birthDate: input.birthDate,
      locale: input.locale ?? "fr",
      patientId,
      demo: deps.demo,
      createdAt: new Date(now),
    });
    if (!isSaved) return refuse("email-taken");
    await saveSession(tx, deps, accountId, input.fresh, input.browser);
    await emit("account.registered", { accountId, patientId });
    audit({ patientIds: [patientId], entity: { type: "account", id: accountId } });
    return { accountId, patientId };
  },
  settle: true,
});

function refuseBirthDate({ birthDate }: Input, nowMs: number): Refusal | null {
  const ageMs = nowMs - Date.parse(birthDate);
  // A day of slack: the person's calendar may be ahead of UTC.
  if (ageMs > -86_400_000 && ageMs < 130 * 366 * 86_400_000) return null;
  return refuse("invalid-input", { errors: [{ path: "birthDate", message: "not a birth date of a living person" }] });
}
