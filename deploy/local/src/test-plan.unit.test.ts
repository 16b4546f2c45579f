import { expect, test } from "bun:test";
import { closingLine, countsOf, failureFilter, notesOf, planTests, total } from "./test-plan.ts";

const files = [
  "svc/auth/src/domain/password.unit.test.ts",
  "svc/auth/src/login.security.int.test.ts",
  "pipeline/src/duck.int.test.ts",
  "ui/src/shared/button.test.tsx",
  "deploy/e2e/src/booking.e2e.test.ts",
  "deploy/e2e/src/lifecycle.e2e.test.ts",
];

test("workspaces run in one process each, whole-stack tests alone and last", () => {
  const groups = planTests(files, undefined, "");
  expect(groups.map(({ workspace, alone }) => [workspace, alone])).toEqual([
    ["svc/auth", false],
    ["pipeline", false],
    ["ui", false],
    ["deploy/e2e", true],
    ["deploy/e2e", true],
  ]);
  expect(groups.flatMap((group) => group.files).sort()).toEqual([...files].sort());
});

test("containers come after all other whole-stack tests", () => {
  const compose = "deploy/e2e/compose/compose.e2e.test.ts";
  const groups = planTests([compose, ...files], "e2e", "");
  expect(groups.map((group) => [group.files[0] as string, group.alone]).at(-1)).toEqual([compose, true]);
});

test("notes of passing tests are shown", () => {
  expect(notesOf(["(pass) a", "note: no container engine", "a note: not this"])).toEqual(["no container engine"]);
});

test("size and filter narrow the choice", () => {
  expect(planTests(files, "int", "").flatMap((group) => group.files)).toEqual([files[2], files[1]] as string[]);
  expect(planTests(files, "unit", "").flatMap((group) => group.files)).toEqual([files[0], files[3]] as string[]);
  expect(planTests(files, "e2e", "booking").flatMap((group) => group.files)).toEqual([files[4]] as string[]);
});

test("Bun's closing lines are counted; a process that died has none", () => {
  expect(countsOf("(pass) x\n\n 12 pass\n 2 skip\n 1 todo\n 3 fail\n 40 expect() calls\n")).toEqual({ passed: 12, failed: 3, skipped: 3 });
  expect(countsOf("panic: something")).toBeNull();
});

test("the last line has the promised form", () => {
  expect(closingLine({ passed: 5, failed: 0, skipped: 0 })).toBe("5 passed, 0 failed");
  expect(closingLine({ passed: 5, failed: 1, skipped: 2 })).toBe("5 passed, 1 failed, 2 skipped");
});

test("only failures are shown, each with its file and its error", () => {
  const shown: string[] = [];
  const feed = failureFilter((line) => shown.push(line));
  for (const line of [
    "",
    "a.test.ts:",
    "log of one",
    "(pass) one",
    "error: 1 is not 2",
    "(fail) two",
    "(pass) three",
    "b.test.ts:",
    "(skip) four",
  ])
    feed(line);
  expect(shown).toEqual(["\na.test.ts", "error: 1 is not 2", "(fail) two"]);
});

test("the results of all groups are in the total", () => {
  const results = Array.from({ length: 20 }, (_, index) => ({ passed: index, failed: index % 2, skipped: 1 }));
  expect(total(results)).toEqual({ passed: 190, failed: 10, skipped: 20 });
});
