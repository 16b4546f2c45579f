import { expect, test } from "bun:test";
import { toInstant } from "@episante/contracts/time";
import fc from "fast-check";
import { instantWriter } from "./instant-text.ts";

test("writes every instant as a date does, in whatever order", () => {
  const near = fc.integer({ min: -3, max: 3 }).map((count) => Date.UTC(2028, 1, 28) + count * 43_200_000);
  const minutes = fc.integer({ min: -4_000, max: 4_000 }).map((count) => Date.UTC(2028, 1, 29) + count * 60_000);
  const any = fc.integer({ min: Date.UTC(-100, 0), max: Date.UTC(11_000, 0) });
  fc.assert(
    fc.property(fc.array(fc.oneof(near, minutes, any), { maxLength: 30 }), (instants) => {
      const write = instantWriter();
      expect(instants.map(write)).toEqual(instants.map(toInstant));
    }),
  );
});
