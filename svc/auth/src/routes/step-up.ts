import { stepUp } from "@episante/contracts/auth";
import { bind } from "@episante/service/endpoint";
import { confirmPassword } from "../actions/confirm-password.ts";
import type { AuthDeps } from "../deps.ts";

/** `POST /api/auth/step-up` */
export const stepUpRoute = (deps: AuthDeps) =>
  bind(stepUp, async ({ body, actor, meta }) => (await confirmPassword(deps, actor, body, meta)) ?? undefined);
