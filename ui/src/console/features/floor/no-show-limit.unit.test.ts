import { expect, test } from "bun:test";
import { limitOf } from "./no-show-limit.ts";

test("only whole numbers from 1 to 20 are a limit", () => {
  expect(["1", " 3 ", "20"].map(limitOf)).toEqual([1, 3, 20]);
  for (const text of ["", "0", "21", "-1", "2.5", "2,5", "1e1", "١", "three", "003"])
    expect([text, limitOf(text)]).toEqual([text, undefined]);
});
