import { expect, test } from "bun:test";
import fc from "fast-check";
import { isTooDeep, jsonDepthMeter, maxJsonDepth } from "./json-depth.ts";

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

test("text is judged as its bytes are, whatever it holds", () => {
  const piece = fc.oneof(fc.constantFrom("{", "}", "[", "]", '"', "\\", '\\"', "é"), fc.string());
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (pieces, limit) => {
      const text = pieces.join("");
      expect(isTooDeep(text, limit)).toBe(!jsonDepthMeter(limit).add(Buffer.from(text)));
    }),
  );
  expect(isTooDeep(`${"[".repeat(maxJsonDepth)}${"]".repeat(maxJsonDepth)}`)).toBe(false);
  expect(isTooDeep("[".repeat(maxJsonDepth + 1))).toBe(true);
});
