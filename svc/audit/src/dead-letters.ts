import type { JetStreamClient } from "@episante/service/nats";

/** A message some reader gave up on, as stream DLQ holds it. */
export interface DeadLetter {
  /** Its place in the stream: the id people see. */
  readonly seq: number;
  readonly service: string;
  readonly reader: string;
  /** Subject of the original message. */
  readonly subject: string;
  readonly reason: string;
  readonly atMs: number;
  readonly data: Uint8Array;
}

/** Stream DLQ, read one message at a time. */
export interface DeadLetters {
  get(seq: number): Promise<DeadLetter | null>;
  /** How many the stream holds, and the oldest place it still has. */
  extent(): Promise<{ readonly messages: number; readonly firstSeq: number }>;
  /** Newest first. @param beforeSeq exclusive */
  list(beforeSeq: number | undefined, limit: number): Promise<DeadLetter[]>;
}

/** Most places of the stream looked at for one page: ranges that aged out are skipped, not walked for ever. */
const maxLooked = 2_000;

export function openDeadLetters(js: JetStreamClient): DeadLetters {
  const get = async (seq: number): Promise<DeadLetter | null> => {
    const manager = await js.jetstreamManager(false);
    const message = await manager.streams.getMessage("DLQ", { seq });
    if (!message) return null;
    const [, service = "", ...reader] = message.subject.split(".");
    return {
      seq,
      service,
      reader: reader.join("."),
      subject: message.header.get("Dlq-Subject"),
      reason: message.header.get("Dlq-Reason"),
      atMs: message.time.getTime(),
      data: message.data,
    };
  };
  return {
    get,
    async extent() {
      const manager = await js.jetstreamManager(false);
      const { state } = await manager.streams.info("DLQ");
      return { messages: state.messages, firstSeq: state.first_seq };
    },
    async list(beforeSeq, limit) {
      const manager = await js.jetstreamManager(false);
      const { state } = await manager.streams.info("DLQ");
      const found: DeadLetter[] = [];
      const from = Math.min(state.last_seq, (beforeSeq ?? Number.MAX_SAFE_INTEGER) - 1);
      for (let seq = from; seq >= Math.max(1, state.first_seq, from - maxLooked) && found.length < limit; seq--) {
        const letter = await get(seq);
        if (letter) found.push(letter);
      }
      return found;
    },
  };
}
