import type { BoundRoute } from "@episante/service/endpoint";
import type { AuditDeps } from "./deps.ts";
import { auditRoutes } from "./routes/audit.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";

/** Every route of the audit service. */
export function auditServiceRoutes(deps: AuditDeps): BoundRoute[] {
  return [...auditRoutes(deps), ...deadLetterRoutes(deps)];
}
