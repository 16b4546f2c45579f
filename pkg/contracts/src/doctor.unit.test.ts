import { expect, test } from "bun:test";
import { postalLine } from "./doctor.ts";

test("a postal line names the town once", () => {
  expect(postalLine("12 quai des Tilleuls, 69002 Lyon", "Lyon")).toBe("12 quai des Tilleuls, 69002 Lyon");
  expect(postalLine("1 rue A", "Lyon")).toBe("1 rue A, Lyon");
  expect(postalLine("", "Lyon")).toBe("Lyon");
});
