import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { removeLeftWork, withDuck } from "./duck.ts";

const parent = mkdtempSync(join(tmpdir(), "episante-test-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

function workOf(pid: number): string {
  const folder = join(parent, `episante-duck-${pid}-abcdef`);
  mkdirSync(join(folder, "spill"), { recursive: true });
  writeFileSync(join(folder, "readings.csv"), "what a patient measured");
  return folder;
}

test("what a killed process left is removed at the next start, and nothing of one that runs", async () => {
  const ended = Bun.spawn(["true"]);
  await ended.exited;
  workOf(ended.pid);
  // The process before this one in a container.
  workOf(process.pid);
  const running = workOf(process.ppid);
  const other = join(parent, "episante-duckling");
  mkdirSync(other);
  await removeLeftWork(parent);
  expect(new Set(await readdir(parent))).toEqual(new Set([basename(running), basename(other)]));
});
test("a piece of work has a folder that names its process, and none when it is done, also when it fails", async () => {
  const folders: string[] = [];
  const work = withDuck({ memoryMb: 64, threads: 1 }, async ({ folder }) => {
    folders.push(folder);
    expect(existsSync(folder)).toBe(true);
    throw new Error("failed");
  });
  await expect(work).rejects.toThrow("failed");
  expect(folders.map((folder) => basename(folder).startsWith(`episante-duck-${process.pid}-`))).toEqual([true]);
  expect(folders.map(existsSync)).toEqual([false]);
});
