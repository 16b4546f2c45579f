import { listAudit, verifyAudit } from "@episante/contracts/audit";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { listRecords } from "../actions/list-records.ts";
import { verifyChain } from "../actions/verify-chain.ts";
import type { AuditDeps } from "../deps.ts";

/** The audit trail and its proof. */
export function auditRoutes(deps: AuditDeps): BoundRoute[] {
  return [
    bind(listAudit, ({ query, actor, meta }) => listRecords(deps, actor, query, meta)),
    bind(verifyAudit, ({ actor, meta }) => verifyChain(deps, actor, {}, meta)),
  ];
}
