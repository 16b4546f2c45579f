import type { Log } from "@episante/service/log";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import type { DeviceBucket, DeviceSessions } from "./deps.ts";
import { isDeviceId, sessionsInbox, sessionsSubjects, sessionsUser } from "./domain/device-login.ts";

/** Page of nats-server's list of connections: its own default. */
const pageSize = 1024;
const askMs = 3_000;
/** A login that was decided just before a token was replaced shows up in the list a moment later. */
const againMs = 2_000;

const listSchema = z.object({
  server: z.object({ id: z.string() }),
  data: z.object({
    connections: z
      .array(z.object({ cid: z.number(), start: z.string(), authorized_user: z.string().optional() }))
      .optional()
      .transform((connections) => connections ?? []),
  }),
});

export interface OpenDeviceSessions extends DeviceSessions {
  close(): Promise<void>;
}

/**
 * Ends NATS sessions that a device opened with a token that is no longer its own, by the server's system services (CONNZ, KICK).
 * A session is out of date when the registry entry is gone or was written after it began; both times are the server's.
 * The connection is in the system account because the callout places it there: see `sessionsPassword`.
 */
export function openDeviceSessions(options: {
  url: string;
  password: string;
  bucket: Pick<DeviceBucket, "find">;
  log: Log;
}): OpenDeviceSessions {
  const { url, password, bucket, log } = options;
  let connecting: Promise<NatsConnection> | null = null;
  /** Connects when first needed: nothing else of the service waits for it. */
  const connected = () => {
    connecting ??= connect({
      servers: url,
      user: sessionsUser,
      pass: password,
      name: "ingest sessions",
      inboxPrefix: sessionsInbox,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      reconnectJitter: 500,
      // After a restart of the broker its logins are refused until ingest answers them again.
      ignoreAuthErrorAbort: true,
    }).catch((error: unknown) => {
      connecting = null;
      throw error;
    });
    return connecting;
  };
  const timers = new Set<ReturnType<typeof setTimeout>>();

  async function sweep(deviceId?: string): Promise<number> {
    const nats = await connected();
    let ended = 0;
    for (let offset = 0; ; offset += pageSize) {
      const { server, data } = await list(nats, offset, deviceId);
      for (const { cid, start, authorized_user: user = "" } of data.connections) {
        if (!isDeviceId(user)) continue;
        const entry = await bucket.find(user);
        if (entry && Date.parse(start) >= entry.createdAtMs) continue;
        await nats.request(sessionsSubjects.kick(server.id), JSON.stringify({ cid }), { timeout: askMs });
        ended++;
      }
      if (data.connections.length < pageSize) return ended;
    }
  }
  const failed = (error: unknown) => log.warn({ err: error }, "device sessions not looked at");
  return {
    sweep,
    endOf(deviceId) {
      void sweep(deviceId).catch(failed);
      const timer = setTimeout(() => {
        timers.delete(timer);
        void sweep(deviceId).catch(failed);
      }, againMs);
      timers.add(timer);
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await connecting?.then(
        (nats) => nats.close(),
        () => {},
      );
    },
  };
}

async function list(nats: NatsConnection, offset: number, user?: string) {
  const question = { auth: true, offset, limit: pageSize, ...(user === undefined ? {} : { user }) };
  const answer = await nats.request(sessionsSubjects.list, JSON.stringify(question), { timeout: askMs });
  return listSchema.parse(answer.json());
}
