/** Frames gathered for one envelope, oldest first. */
export interface Queued {
  /** The frame as JSON. */
  readonly json: string;
  /** Its length in bytes (UTF-8). */
  readonly bytes: number;
}

const head = '{"v":1,"frames":[';
const tail = "]}";

/** How many frames from the front of the queue fit one envelope. At least one: a single frame is bounded by the batch limits. */
export function fitting(queue: readonly Queued[], maxBytes: number): number {
  let bytes = head.length + tail.length;
  let count = 0;
  for (const item of queue) {
    bytes += item.bytes + (count > 0 ? 1 : 0);
    if (count > 0 && bytes > maxBytes) break;
    count += 1;
  }
  return count;
}

/** The envelope of some frames, as sent to the stream. */
export function writeEnvelope(items: readonly Queued[]): string {
  return `${head}${items.map((item) => item.json).join(",")}${tail}`;
}
