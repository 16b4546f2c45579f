import { type AuditRecord, auditRecordSchema } from "@episante/contracts/audit";
import { makeBatches } from "@episante/service/batches";
import { type ConsumeDeps, deadLetter, type Running } from "@episante/service/consume";
import { askingJetStreamOf, endOnReconnect } from "@episante/service/nats";
import { AckPolicy, type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { z } from "zod";
import { appendRecords } from "../actions/append-records.ts";

const durable = "audit-append-on-audited";
const maxBatch = 200;
/** Records in one transaction. */
const mostAtOnce = 1_000;
const idleMs = 1_000;
/** Nobody waits for a record to be in the chain: until then it is safe in the stream. */
const gatherMs = 200;

/**
 * Follows stream AUDIT into the chain: a durable consumer, acknowledged after the commit, so a redelivery finds its record in
 * place. What arrives within a fifth of a second joins one transaction.
 */
export function startAppending(deps: ConsumeDeps): Running {
  let running = true;
  let messages: ConsumerMessages | undefined;
  const loop = (async () => {
    while (running) {
      try {
        messages = await openMessages(deps);
        const release = endOnReconnect(deps.nats, messages);
        await takeAll(deps, messages, () => running).finally(release);
      } catch (error) {
        messages?.stop();
        if (!running) return;
        deps.log.warn({ consumer: durable, err: error }, "consumer interrupted, starting again");
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  })();
  return {
    async stop() {
      running = false;
      messages?.stop();
      await loop;
    },
  };
}

async function openMessages(deps: ConsumeDeps): Promise<ConsumerMessages> {
  const js = askingJetStreamOf(deps.nats);
  const manager = await js.jetstreamManager(false);
  await manager.consumers.add("AUDIT", {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: 10 * 1e9,
    max_ack_pending: 1_000,
  });
  return (await js.consumers.get("AUDIT", durable)).consume({ max_messages: 500 });
}

async function takeAll(deps: ConsumeDeps, messages: ConsumerMessages, isRunning: () => boolean): Promise<void> {
  const batches = makeBatches(messages, maxBatch, gatherMs);
  while (isRunning()) {
    const batch = await batches.next(idleMs);
    if (batch) await takeBatch(deps, batch);
  }
}

async function takeBatch(deps: ConsumeDeps, batch: readonly JsMsg[]): Promise<void> {
  try {
    const records: AuditRecord[] = [];
    for (const message of batch) {
      const held = recordsOf(message);
      if (held) records.push(...held);
      else await deadLetter(deps, "append-on-audited", message, new SyntaxError("not an audit record"));
    }
    for (let from = 0; from < records.length; from += mostAtOnce) await appendRecords(deps.db, records.slice(from, from + mostAtOnce));
    for (const message of batch) message.ack();
    deps.metrics.handled.inc({ consumer: durable }, batch.length);
  } catch (error) {
    for (const message of batch) message.nak(1_000);
    throw error;
  }
}

const several = z.array(auditRecordSchema).min(1);

/** What a message holds: one record, or several in a list. Null when any of it is none. */
function recordsOf(message: JsMsg): AuditRecord[] | null {
  try {
    const held: unknown = JSON.parse(message.string());
    return Array.isArray(held) ? several.parse(held) : [auditRecordSchema.parse(held)];
  } catch {
    return null;
  }
}
