import { type Batch, refusedItemSchema } from "@episante/contracts/reading";
import { AuthorizationError, connect, type NatsConnection, NoRespondersError, wsconnect } from "@nats-io/transport-node";
import { z } from "zod";
import { deviceIdOf, isTokenRefused, type OpenLink } from "./link.ts";

const credit = 16;
const connectMs = 10_000;
const replyMs = 30_000;
/** The socket's frames, those of one batch in one object. */
const replySchema = z.object({
  boot: z.string(),
  ack: z.number().optional(),
  nack: z.number().optional(),
  items: z.array(refusedItemSchema).optional(),
  problem: z.looseObject({ code: z.string() }).optional(),
});

/** NATS requests to `dev.<id>.readings`, over TCP, TLS or WebSocket. @throws Error without the broker's address */
export const openNatsLink: OpenLink = (target, events) => {
  const { nats: servers, token, ca } = target;
  if (!servers) throw new Error("door nats needs the broker's address");
  const deviceId = deviceIdOf(token);
  const login = {
    servers,
    user: deviceId,
    pass: token,
    name: deviceId,
    inboxPrefix: `_INBOX.${deviceId}`,
    reconnect: false,
    timeout: connectMs,
    pingInterval: 10_000,
    maxPingOut: 2,
  };
  let connection: NatsConnection | null = null;
  let isClosed = false;
  const lost = (why: "gone" | "rejected") => {
    if (isClosed) return;
    isClosed = true;
    void connection?.close();
    events.lost(why);
  };
  async function open(): Promise<void> {
    connection = servers?.startsWith("ws") ? await wsconnect(login) : await connect({ ...login, ...(ca ? { tls: { ca } } : {}) });
    if (isClosed) return void connection.close();
    void connection.closed().then(() => lost("gone"));
    events.credit(credit);
  }
  open().catch(async (error: unknown) => {
    // The broker says the same while nobody can answer for tokens: only the HTTP door's word ends the device's tries.
    lost(error instanceof AuthorizationError && (await isTokenRefused(target)) ? "rejected" : "gone");
  });
  async function ask(batch: Batch): Promise<void> {
    if (!connection) return;
    const reply = await connection.request(`dev.${deviceId}.readings`, JSON.stringify(batch), { timeout: replyMs });
    const { boot, ack, nack, items, problem } = replySchema.parse(reply.json());
    if (isClosed) return;
    if (ack !== undefined) events.acked(boot, ack, (items ?? []) as never);
    else if (problem?.code === "invalid-token") lost("rejected");
    else events.refused(boot, nack ?? batch.seq, problem?.code ?? "internal-error");
  }
  return {
    send: (batch) =>
      void ask(batch).catch((error: unknown) => {
        // The broker is there, nobody listens: the gateway restarts.
        if (error instanceof NoRespondersError || (error as Error).cause instanceof NoRespondersError)
          events.refused(batch.boot, batch.seq, "not-ready");
        else lost("gone");
      }),
    close() {
      isClosed = true;
      void connection?.close();
    },
  };
};
