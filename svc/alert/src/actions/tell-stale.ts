import { grant } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { publishChanges } from "../storage/alerts.ts";
import { markStale } from "../storage/stale.ts";

export const tellStaleJob = "tell-stale";
/** Alerts of one transaction: it holds the feed's cursor meanwhile. */
const mostAtOnce = 100;

/**
 * Tells consoles of open alerts whose readings have stopped for longer than the rule's gap limit, or come again. `stale` itself is derived whenever
 * an alert is read; here is only who has been told, so that nobody has to look at a clock to know. Nothing is added to a history, nobody is paged.
 */
export async function tellStale({ db, feed }: Pick<AlertDeps, "db" | "feed">, now: number): Promise<void> {
  for (let count = mostAtOnce; count === mostAtOnce; ) {
    count = await db.transaction(grant.system(tellStaleJob), async (tx) => {
      const changed = await markStale(tx, now, mostAtOnce);
      await publishChanges(
        tx,
        changed.map((id) => ({ id })),
        now,
      );
      return changed.length;
    });
    if (count > 0) feed.wake();
  }
}
