import { getOps } from "@episante/contracts/ops";
import { isRefusal, refuse } from "@episante/contracts/problem";
import { checkPolicy } from "@episante/service/app";
import { problemResponse } from "@episante/service/problem";
import type { Limits } from "../limits.ts";
import type { Sessions } from "../mirrors/sessions.ts";
import type { OwnAnswer } from "../routes/own.ts";
import type { Gather } from "./gather.ts";

/**
 * `GET /api/ops`, to whom its policy names. The page asks again by itself, so asking is no use of the session:
 * a console left open on it still ends after its idle time.
 */
export function makeOpsRoute(deps: { sessions: Sessions; limits: Limits; gather: Gather }): OwnAnswer {
  return async (request, traceId) => {
    const session = await deps.sessions.resolve(request.headers.get("cookie"), { isUse: false });
    if (isRefusal(session)) return problemResponse(session, traceId);
    const refused = checkPolicy(getOps.policy, session?.entry.value.actor ?? { kind: "anonymous" });
    if (refused) return problemResponse(refuse(refused), traceId);
    const limited = session && deps.limits.check({ endpointId: getOps.id, ip: "", sessionHash: session.hash });
    if (limited) return problemResponse(limited, traceId);
    return Response.json(await deps.gather(), { headers: { "cache-control": "no-store" } });
  };
}
