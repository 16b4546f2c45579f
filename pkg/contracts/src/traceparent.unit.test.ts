import { expect, test } from "bun:test";
import { formatTraceparent, newTraceparent, parseTraceparent } from "./traceparent.ts";

const [trace, span] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"];

test("a header is read and written as the standard says", () => {
  const context = { traceId: trace, spanId: span, isSampled: true };
  expect(parseTraceparent(`00-${trace}-${span}-01`)).toEqual(context);
  expect(parseTraceparent(`00-${trace}-${span}-02`)?.isSampled).toBe(false);
  expect(formatTraceparent(context)).toBe(`00-${trace}-${span}-01`);
});

test("whatever is not a header counts as none", () => {
  const bad = [
    undefined,
    null,
    7,
    {},
    "",
    `ff-${trace}-${span}-01`,
    `01-${trace}-${span}-01`,
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span}-01\n`,
    `00-${trace}-${span}-01, 00-${trace}-${span}-01`,
    `00-${trace}-${span}-01${"0".repeat(100_000)}`,
  ];
  for (const text of bad) expect(parseTraceparent(text)).toBeNull();
});

test("a caller's own trace is valid, its own each time, and claims no recorded span", () => {
  const contexts = Array.from({ length: 100 }, () => parseTraceparent(newTraceparent()));
  expect(new Set(contexts.map((context) => context?.traceId)).size).toBe(100);
  expect(contexts.every((context) => context?.isSampled === false)).toBe(true);
});
