import { severities } from "@episante/contracts/rule";
import { grant } from "@episante/service/db";
import type { Sample } from "@episante/service/sample";
import type { AlertDeps } from "../deps.ts";
import { countActive } from "../storage/alerts.ts";
import { readFeedPosition } from "../storage/feed.ts";
import { isEngineAlive } from "./feed-hub.ts";

type Needs = Pick<AlertDeps, "db" | "alertMetrics" | "feed" | "relationships">;

/** How many alerts are open, and whether a console would get its heartbeat, also while none is connected. */
export function alertSamples(deps: Needs): Sample[] {
  return [
    { name: "alerts-active", everyMs: 5_000, take: () => sampleActive(deps) },
    { name: "feed-alive", everyMs: 2_000, take: () => sampleFeed(deps) },
  ];
}

export async function sampleActive({ db, alertMetrics }: Needs): Promise<void> {
  const counts = await db.transaction(grant.system("alert.sample"), countActive);
  alertMetrics.active.reset();
  for (const severity of severities) for (const status of ["open", "acked"]) alertMetrics.active.set({ status, severity }, 0);
  for (const { status, severity, count } of counts) alertMetrics.active.set({ status, severity }, count);
}

/** A database that does not answer is lost monitoring too. */
export async function sampleFeed({ db, alertMetrics, feed, relationships }: Needs): Promise<void> {
  const position = await readFeedPosition(db, feed.engine.readerName).catch(() => null);
  const isAlive = position !== null && isEngineAlive(position, feed.engine.partitions) && relationships.fresh();
  alertMetrics.feedAlive.set(isAlive ? 1 : 0);
}
