import type { ActionDeps } from "@episante/service/action";
import type { BaseDeps } from "@episante/service/run";
import type { DeadLetters } from "./dead-letters.ts";

/** What actions and routes of the audit service need. */
export interface AuditDeps extends ActionDeps {
  readonly deadLetters: DeadLetters;
  /** The mirror of links between relatives. Without it nobody reads anybody else's log. */
  readonly proxies?: { fresh(): boolean };
}
export type RunningAuditDeps = AuditDeps & BaseDeps;
