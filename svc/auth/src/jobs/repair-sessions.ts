import { grant } from "@episante/service/db";
import { syncSession } from "../actions/sync-session.ts";
import type { AuthDeps } from "../deps.ts";
import { listOpenSessionHashes } from "../storage/sessions.ts";

/**
 * Brings the gateway's bucket in line with the sessions table: at start, and again every few minutes. Covers a crash between a commit and
 * its entry, a lost bucket, and entries of sessions that ended or expired.
 */
export async function repairSessions(deps: AuthDeps): Promise<void> {
  const open = await deps.db.transaction(grant.system("auth.repair-sessions"), (tx) => listOpenSessionHashes(tx, new Date(deps.realNow())));
  for (const hash of new Set([...open, ...(await deps.bucket.list())])) await syncSession(deps, hash);
}
