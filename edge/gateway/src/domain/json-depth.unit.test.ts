import { expect, test } from "bun:test";
import fc from "fast-check";
import { jsonDepthMeter } from "./json-depth.ts";

const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

test("accepts exactly the documents that are not nested deeper than the limit, however they are cut into chunks", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 7 }), (value, limit, size) => {
      const bytes = Buffer.from(JSON.stringify(value));
      const meter = jsonDepthMeter(limit);
      let isWithin = true;
      for (let at = 0; at < bytes.length && isWithin; at += size) isWithin = meter.add(bytes.subarray(at, at + size));
      expect(isWithin).toBe(depthOf(value) <= limit);
    }),
  );
});
