import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type ProblemCode, problems } from "@episante/contracts/problem";
import { type Batch, batchFrameSchema, maxBatchBytes, maxReadingsPerBatch } from "@episante/contracts/reading";
import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { deviceIdOf, type LinkTarget } from "./links/link.ts";
import { type Outbox, openOutbox } from "./outbox.ts";
import { startUplink, type Uplink, type UplinkState } from "./uplink.ts";

export interface BoxOptions extends Pick<LinkTarget, "url" | "ca"> {
  /** The box's own broker, where devices of the site send to. */
  readonly broker: { readonly servers: string; readonly user: string; readonly password: string };
  /** Tokens of the devices of the site. The box can speak for these and for nobody else. */
  readonly tokens: readonly string[];
  /** Holds an outbox per device. */
  readonly folder: string;
  /** Most that may wait for one device, 64 MiB unless told. */
  readonly maxOutboxBytes?: number;
}

/** How one device of the box stands: its way to the clinic's server, batches that wait, and what the server refused for good. */
export interface BoxDevice {
  readonly deviceId: string;
  readonly state: UplinkState;
  readonly waiting: number;
  readonly refusedBatches: number;
  readonly refusedReadings: number;
}

export interface Box {
  status(): readonly BoxDevice[];
  /** Takes nothing more; what waits goes out at the next start. */
  close(): Promise<void>;
}

interface Kept {
  readonly outbox: Outbox;
  readonly uplink: Uplink;
  readonly refused: { batches: number; readings: number };
  /** Settled when everything before is on disk: one batch of a device at a time. */
  turn: Promise<unknown>;
}

/**
 * Collects readings at a site whose link to the clinic's server may be away: answers the device requests of the box's broker
 * (`dev.<id>.readings`) once a batch is fsynced here, and hands it on under the same (device, boot, seq), so that it counts once however often
 * it is sent. What is measured now goes before what waited. The broker has checked who publishes; the server checks the token again.
 */
export async function openBox(options: BoxOptions): Promise<Box> {
  const devices = new Map<string, Kept>();
  for (const token of options.tokens) devices.set(deviceIdOf(token), await openDeviceAt(options, token));
  const { servers, user, password } = options.broker;
  const nats = await connect({ servers, user, pass: password, name: "clinic box", maxReconnectAttempts: -1, waitOnFirstConnect: true });
  const subscription = nats.subscribe("dev.*.readings", {
    callback: (error, message) => {
      const deviceId = message.subject.split(".")[1] ?? "";
      const device = devices.get(deviceId);
      // A reply that is not the device's own inbox would make the box speak to somebody else.
      if (error || !device || !message.reply?.startsWith(`_INBOX.${deviceId}.`)) return;
      device.turn = device.turn.then(() => answer(device, message)).catch(() => {});
    },
  });
  return {
    status: () =>
      [...devices].map(([deviceId, { outbox, uplink, refused }]) => ({
        deviceId,
        state: uplink.state(),
        waiting: outbox.size(),
        refusedBatches: refused.batches,
        refusedReadings: refused.readings,
      })),
    async close() {
      await subscription.drain();
      await Promise.all([...devices.values()].map(({ turn }) => turn));
      await closeBroker(nats);
      for (const { uplink, outbox } of devices.values()) {
        await uplink.close();
        await outbox.close();
      }
    },
  };
}

async function openDeviceAt({ url, ca, folder, maxOutboxBytes }: BoxOptions, token: string): Promise<Kept> {
  const outbox = await openOutbox(join(folder, deviceIdOf(token)), maxOutboxBytes);
  const refused = { batches: 0, readings: 0 };
  const uplink = startUplink({
    url,
    token,
    outbox,
    ...(ca ? { ca } : {}),
    onSettled: (batch, settlement) => {
      if (settlement.kind === "refused") refused.batches++;
      refused.readings += settlement.kind === "refused" ? batch.readings.length : settlement.refusedItems.length;
    },
  });
  return { outbox, uplink, refused, turn: Promise.resolve() };
}

/** One batch: on disk and acknowledged, or refused for the reasons the server would have, as far as the box can know them. */
async function answer({ outbox, uplink }: Kept, message: Msg): Promise<void> {
  const { batch, code } = parse(message.data);
  const reply = (frame: object) => void message.respond(JSON.stringify({ boot: batch?.boot ?? "", ...frame }));
  const refusal = code ?? (uplink.state() === "rejected" ? "invalid-token" : null);
  if (!batch || refusal) return reply({ nack: batch?.seq ?? -1, problem: problemOf(refusal ?? "invalid-input") });
  if (!outbox.has(batch.boot, batch.seq)) {
    if (outbox.isFull()) return reply({ nack: batch.seq, problem: problemOf("back-pressure") });
    await outbox.append(batch);
    uplink.wake(batch);
  }
  reply({ ack: batch.seq });
}

function parse(data: Uint8Array): { batch: Batch | null; code: ProblemCode | null } {
  if (data.length > maxBatchBytes) return { batch: null, code: "body-too-large" };
  let text: unknown;
  try {
    text = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
  } catch {
    return { batch: null, code: "malformed-json" };
  }
  const parsed = batchFrameSchema.safeParse(text);
  if (!parsed.success) return { batch: null, code: "invalid-input" };
  // Its clock is judged against the receive time at the server, which may be hours later.
  const { sentAt: _, ...batch } = parsed.data;
  const { length } = batch.readings;
  const code = length === 0 ? "empty-batch" : length > maxReadingsPerBatch ? "batch-too-large" : null;
  // Single readings are judged by the server.
  return { batch: batch as Batch, code };
}

function problemOf(code: ProblemCode) {
  const [status, title] = problems[code];
  return { type: "about:blank", title, status, code, traceId: randomUUID().replaceAll("-", "") };
}

async function closeBroker(nats: NatsConnection): Promise<void> {
  await nats.flush().catch(() => {});
  await nats.close();
}
