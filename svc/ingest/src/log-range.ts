import { type Envelope, envelopeSchema } from "@episante/contracts/envelope";
import type { JetStreamClient } from "@episante/service/nats";
import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";

/** A message of READINGS that is an envelope. */
export interface LogMessage {
  readonly seq: number;
  readonly envelope: Envelope;
}

const atOnce = 64;

/** Messages of a partition of READINGS between two sequences, as far as the log still holds them, some at a time. What is no envelope is left out. */
export async function* readLog(
  js: JetStreamClient,
  range: { partition: number; firstSeq: number; lastSeq: number },
): AsyncGenerator<LogMessage[]> {
  const consumer = await js.consumers.get("READINGS", {
    filter_subjects: `readings.${range.partition}`,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: range.firstSeq,
    inactive_threshold: 30_000,
  });
  try {
    let pending = (await consumer.info()).num_pending;
    while (pending > 0) {
      const taken: JsMsg[] = [];
      for await (const message of await consumer.fetch({ max_messages: Math.min(pending, atOnce), expires: 5_000 })) {
        pending = message.info.pending;
        taken.push(message);
      }
      if (taken.length === 0) throw new Error("the stream did not deliver");
      const inside = taken.filter(({ seq }) => seq <= range.lastSeq);
      yield inside.flatMap(parse);
      if (inside.length < taken.length || inside.at(-1)?.seq === range.lastSeq) return;
    }
  } finally {
    await consumer.delete().catch(() => false);
  }
}

function parse(message: JsMsg): LogMessage[] {
  try {
    return [{ seq: message.seq, envelope: envelopeSchema.parse(message.json()) }];
  } catch {
    return [];
  }
}

/** The oldest sequence that READINGS still holds. */
export async function firstOfLog(js: JetStreamClient): Promise<number> {
  const manager = await js.jetstreamManager(false);
  return (await manager.streams.info("READINGS")).state.first_seq;
}
