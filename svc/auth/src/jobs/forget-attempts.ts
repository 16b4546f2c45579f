import { grant } from "@episante/service/db";
import type { AuthDeps } from "../deps.ts";
import { deleteAttemptsBefore } from "../storage/attempts.ts";

/** Attempts hold network addresses: they are kept for a day, longer than any limit looks back. */
export async function forgetAttempts(deps: AuthDeps): Promise<void> {
  const before = new Date(deps.realNow() - 86_400_000);
  await deps.db.transaction(grant.system("auth.forget-attempts"), (tx) => deleteAttemptsBefore(tx, before));
}
