import type { Log } from "@episante/service/log";
import type { NatsConnection } from "@episante/service/nats";
import { jetstreamManager } from "@nats-io/jetstream";
import { z } from "zod";

/** Whether an acknowledgement may be given: the server fsyncs before it confirms. */
export interface Safety {
  isSafe(): boolean;
  /** Why not, for readiness and logs. */
  reason(): string | null;
  close(): void;
}

const minVersion = [2, 14, 0] as const;
const jszSchema = z.object({ config: z.object({ sync_always: z.boolean().optional() }).optional() });
const checkEveryMs = 2_000;

/**
 * Checks the broker until it is safe, and again after each reconnect: server ≥ 2.14.0, `sync_interval: always`, and READINGS not persisted asynchronously.
 * The server tells `sync_always` only on its monitoring endpoint (nats-server `/jsz`, field `config.sync_always`).
 * @param monitorUrls monitoring endpoints of all servers, for example `http://127.0.0.1:8222`
 */
export async function watchSafety(nats: NatsConnection, monitorUrls: readonly string[], log: Log): Promise<Safety> {
  let reason: string | null = "the broker was not checked yet";
  let closed = false;
  const check = async () => {
    const next = await findFault(nats, monitorUrls).catch(() => "the broker cannot be asked for its settings");
    if (next !== reason) {
      if (next) log.error({ reason: next }, "readings are not acknowledged");
      else log.info({}, "the broker writes to disk before it confirms");
    }
    reason = next;
  };
  await check();
  const timer = setInterval(() => {
    if (reason !== null) void check();
  }, checkEveryMs);
  void (async () => {
    for await (const status of nats.status()) {
      if (closed) return;
      if (status.type === "disconnect") reason = "the broker is not connected";
      if (status.type === "reconnect") await check();
    }
  })();
  return {
    isSafe: () => reason === null,
    reason: () => reason,
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
}

async function findFault(nats: NatsConnection, monitorUrls: readonly string[]): Promise<string | null> {
  if (!isRecent(nats.info?.version ?? "")) return "the broker is older than 2.14.0";
  if (monitorUrls.length === 0) return "NATS_MONITOR_URL is not set";
  for (const url of monitorUrls) {
    const answer = await fetch(new URL("/jsz", url), { signal: AbortSignal.timeout(2_000) });
    const { config } = jszSchema.parse(await answer.json());
    if (config?.sync_always !== true) return "the broker does not run with sync_interval: always";
  }
  const manager = await jetstreamManager(nats, { checkAPI: false });
  const { config } = await manager.streams.info("READINGS");
  if ("persist_mode" in config && config.persist_mode === "async") return "stream READINGS persists asynchronously";
  return null;
}

/** True for 2.14.0 and later. */
export function isRecent(version: string): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [index, wanted] of minVersion.entries()) {
    const part = parts[index] ?? Number.NaN;
    if (Number.isNaN(part)) return false;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
