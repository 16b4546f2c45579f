import { login as loginEndpoint } from "@episante/contracts/auth";
import { isRefusal } from "@episante/contracts/problem";
import { bind, withHeaders } from "@episante/service/endpoint";
import { login } from "../actions/login.ts";
import type { AuthDeps } from "../deps.ts";
import { browserOf, refuseInsecure, setSession } from "./session-cookie.ts";

/** `POST /api/auth/login` */
export const loginRoute = (deps: AuthDeps) =>
  bind(loginEndpoint, async ({ body, actor, meta }) => {
    const insecure = refuseInsecure(meta);
    if (insecure) return insecure;
    const signedIn = await login(deps, actor, body, browserOf(actor, meta), meta);
    if (isRefusal(signedIn)) return signedIn;
    const { secret, ...answer } = signedIn;
    return withHeaders(answer, setSession(secret));
  });
