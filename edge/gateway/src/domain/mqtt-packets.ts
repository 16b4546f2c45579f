/**
 * Follows the packets of an MQTT connection, so that none is gathered that is too long to be taken. Only fixed headers are read (MQTT 3.1.1, 2.2).
 * The function made takes what came in and the most bytes a packet may have after its fixed header; false: a packet is longer, or its length is no length.
 */
export function packetMeter(): (chunk: Uint8Array, mostBytes: number) => boolean {
  /** Bytes of the packet's rest that are still to come. */
  let rest = 0;
  /** Bits of the length read so far; null: the next byte begins a packet. */
  let bits: number | null = null;
  let length = 0;
  return (chunk, mostBytes) => {
    for (let index = 0; index < chunk.length; ) {
      if (rest > 0) {
        const step = Math.min(rest, chunk.length - index);
        rest -= step;
        index += step;
        continue;
      }
      const byte = chunk[index] ?? 0;
      index += 1;
      if (bits === null) {
        bits = 0;
        length = 0;
        continue;
      }
      length += (byte & 127) * 2 ** bits;
      bits += 7;
      if (length > mostBytes) return false;
      if (byte < 128) {
        rest = length;
        bits = null;
      } else if (bits === 28) return false;
    }
    return true;
  };
}

/** The device a topic is for: `dev/<deviceId>/readings`, nothing else; null for any other topic. */
export function deviceOfTopic(topic: string): string | null {
  return /^dev\/(dev_[0-9a-f]{32})\/readings$/.exec(topic)?.[1] ?? null;
}
