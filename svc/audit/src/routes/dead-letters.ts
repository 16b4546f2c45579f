import { listDeadLetters, replayDeadLetter } from "@episante/contracts/audit";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { listDeadLetters as listPage } from "../actions/list-dead-letters.ts";
import { replayDeadLetter as replay } from "../actions/replay-dead-letter.ts";
import type { AuditDeps } from "../deps.ts";

/** The dead-letter screen. */
export function deadLetterRoutes(deps: AuditDeps): BoundRoute[] {
  return [
    bind(listDeadLetters, ({ query, actor, meta }) => listPage(deps, actor, query, meta)),
    bind(replayDeadLetter, ({ params, actor, meta }) => replay(deps, actor, params, meta)),
  ];
}
