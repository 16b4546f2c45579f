import { expect, test } from "bun:test";
import fc from "fast-check";
import { fitting, type Queued, writeEnvelope } from "./batching.ts";

const item = (json: string): Queued => ({ json, bytes: Buffer.byteLength(json) });

test("an envelope never exceeds its limit, takes as many frames as fit, and at least one", () => {
  const queues = fc.array(
    fc.string({ maxLength: 60 }).map((text) => item(JSON.stringify(text))),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(queues, fc.integer({ min: 40, max: 400 }), (queue, limit) => {
      const count = fitting(queue, limit);
      const size = (taken: number) => Buffer.byteLength(writeEnvelope(queue.slice(0, taken)));
      expect(count).toBeGreaterThanOrEqual(1);
      if (count > 1) expect(size(count)).toBeLessThanOrEqual(limit);
      if (count < queue.length) expect(size(count + 1)).toBeGreaterThan(limit);
      expect(JSON.parse(writeEnvelope(queue.slice(0, count))).frames).toHaveLength(count);
    }),
  );
});
