import { expect, test } from "bun:test";
import fc from "fast-check";
import { inMessages } from "./outbox.ts";

test("rows leave in messages that hold each of them once, lists hold audit records only, and no list is too long", () => {
  const row = fc.record({ type: fc.constantFrom("audit", "alert.raised"), payload: fc.constantFrom("x", "x".repeat(100_000)) });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 300 }), (given) => {
      const rows = given.map((one, place) => ({ ...one, place }));
      const messages = inMessages(rows);
      const inOrder = (type: string) => messages.flat().filter((one) => one.type === type);
      for (const type of ["audit", "alert.raised"]) expect(inOrder(type)).toEqual(rows.filter((one) => one.type === type));
      for (const message of messages) {
        if (message.length === 1) continue;
        expect(message.every(({ type }) => type === "audit")).toBe(true);
        expect(message.length).toBeLessThanOrEqual(100);
        expect(message.reduce((bytes, { payload }) => bytes + payload.length, 0)).toBeLessThan(256 * 1024);
      }
    }),
  );
});
