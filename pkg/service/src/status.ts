import type { ServiceStatus } from "@episante/contracts/ops";
import { toInstant } from "@episante/contracts/time";
import { sql } from "drizzle-orm";
import type { Database } from "./db.ts";
import { type Metrics, version } from "./metrics.ts";
import type { MirrorSpec } from "./mirror.ts";
import type { ReaderSpec } from "./reader.ts";

export interface StatusDeps {
  readonly db: Database;
  readonly metrics: Pick<Metrics, "readerLag" | "outboxPending" | "outboxOldestSeconds">;
  readonly ready: () => readonly string[];
  readonly partitions: number;
  readonly mirrors: readonly Pick<MirrorSpec, "owner" | "fresh" | "state">[];
  readonly readers: readonly Pick<ReaderSpec, "name" | "aliveAt">[];
}

const databaseMs = 1_000;

/**
 * What `/statusz` answers. A database that is slow or away costs `databaseMs` at most and is said to be away; a question still open is not
 * asked a second time, so a dead database cannot fill the pool with them.
 */
export function makeStatus(deps: StatusDeps): () => Promise<ServiceStatus> {
  const startedAtMs = Date.now() - process.uptime() * 1000;
  let asking: Promise<ServiceStatus["database"]> | null = null;
  const askDatabase = () => {
    asking ??= readDatabase(deps.db)
      .catch(() => null)
      .finally(() => {
        asking = null;
      });
    return Promise.race([asking, new Promise<null>((resolve) => setTimeout(() => resolve(null), databaseMs))]);
  };
  return async () => {
    const database = await askDatabase();
    const lags = (await deps.metrics.readerLag.get()).values;
    const gauge = async (name: "outboxPending" | "outboxOldestSeconds") => (await deps.metrics[name].get()).values[0]?.value ?? 0;
    const nowMs = Date.now();
    const secondsSince = (ms: number) => Math.max(0, Math.round((nowMs - ms) / 100) / 10);
    return {
      version,
      startedAt: toInstant(startedAtMs),
      reasons: [...deps.ready()],
      memoryBytes: process.memoryUsage.rss(),
      outbox: { pending: await gauge("outboxPending"), oldestSeconds: await gauge("outboxOldestSeconds") },
      readers: deps.readers.flatMap(({ name, aliveAt }) =>
        Array.from({ length: deps.partitions }, (_, partition) => ({
          reader: name,
          partition,
          lag: lags.find(({ labels }) => labels.reader === name && labels.partition === String(partition))?.value ?? 0,
          quietSeconds: secondsSince(aliveAt(partition) || startedAtMs),
        })),
      ),
      mirrors: deps.mirrors.map(({ owner, fresh, state }) => ({
        owner,
        fresh: fresh(),
        ...(state.lastBeatMs > 0 ? { heardSecondsAgo: Math.max(0, Math.round((performance.now() - state.lastBeatMs) / 100) / 10) } : {}),
      })),
      database,
    };
  };
}

async function readDatabase(db: Database): Promise<ServiceStatus["database"]> {
  const [row] = await db.drizzle.execute(sql`
    select current_setting('server_version') as version, extract(epoch from pg_postmaster_start_time()) * 1000 as started,
      pg_database_size(current_database()) as bytes`);
  return {
    version: String(row?.version ?? "").split(" ")[0] ?? "",
    startedAt: toInstant(Math.round(Number(row?.started))),
    bytes: Number(row?.bytes),
  };
}
