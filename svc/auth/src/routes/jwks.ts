import { jwks } from "@episante/contracts/auth";
import { bind } from "@episante/service/endpoint";
import type { AuthDeps } from "../deps.ts";

/** `GET /api/auth/.well-known/jwks.json` */
export const jwksRoute = (deps: AuthDeps) => bind(jwks, async () => ({ keys: [...deps.jwks.keys] }));
