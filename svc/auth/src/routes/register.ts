import { register } from "@episante/contracts/auth";
import { isRefusal } from "@episante/contracts/problem";
import { bind, withHeaders } from "@episante/service/endpoint";
import { registerAccount } from "../actions/register-account.ts";
import type { AuthDeps } from "../deps.ts";
import { browserOf, refuseInsecure, setSession } from "./session-cookie.ts";

/** `POST /api/auth/register` */
export const registerRoute = (deps: AuthDeps) =>
  bind(register, async ({ body, actor, meta }) => {
    const insecure = refuseInsecure(meta);
    if (insecure) return insecure;
    const signedUp = await registerAccount(deps, actor, body, browserOf(actor, meta), meta);
    if (isRefusal(signedUp)) return signedUp;
    const { secret, ...answer } = signedUp;
    return withHeaders(answer, setSession(secret));
  });
