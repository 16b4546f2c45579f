import { afterAll, expect, test } from "bun:test";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { openOutbox } from "./outbox.ts";

const root = mkdtempSync(join(tmpdir(), "episante-outbox-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(root, String(folders++));
const batch = (seq: number, padding = 0) => ({
  boot: "b",
  seq,
  readings: [{ code: "8867-4", value: 60, unit: "/min", at: `2026-01-01T00:00:00.${"0".repeat(padding)}Z` }],
});
const seqs = (outbox: { pending(): Iterable<{ seq: number }> }) => [...outbox.pending()].map(({ seq }) => seq);
const logs = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".log"));

test("what was appended and not settled is there after a crash, in order", async () => {
  const folder = newFolder();
  const first = await openOutbox(folder);
  await Promise.all(Array.from({ length: 20 }, (_, seq) => first.append(batch(seq))));
  first.settle("b", 3);
  first.settle("b", 0);
  first.settle("other", 5);
  await Bun.sleep(20);
  // No close: the process is gone.
  const second = await openOutbox(folder);
  expect(seqs(second)).toEqual([1, 2, 4, ...Array.from({ length: 15 }, (_, index) => index + 5)]);
  await second.close();
  await first.close();
});

test("a torn tail is dropped, whatever was whole before it is kept", async () => {
  const folder = newFolder();
  const first = await openOutbox(folder);
  for (let seq = 0; seq < 5; seq++) await first.append(batch(seq));
  await first.close();
  const path = join(folder, logs(folder)[0] ?? "");
  const whole = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), fc.uint8Array({ maxLength: 40 }), async (cut, noise) => {
      const copy = newFolder();
      await (await openOutbox(copy)).close();
      writeFileSync(join(copy, "0000000001.log"), Buffer.concat([whole.subarray(0, cut), noise]));
      const recovered = await openOutbox(copy);
      const found = seqs(recovered);
      const complete = whole.subarray(0, cut).toString().split("\n").length - 1;
      expect(found.slice(0, complete)).toEqual(Array.from({ length: complete }, (_, seq) => seq));
      await recovered.append(batch(99));
      expect(seqs(recovered).at(-1)).toBe(99);
      await recovered.close();
      const again = await openOutbox(copy);
      expect(seqs(again).at(-1)).toBe(99);
      await again.close();
    }),
    { numRuns: 40 },
  );
});

test("finished segments go, so that the disk holds what waits and no more", async () => {
  const folder = newFolder();
  const outbox = await openOutbox(folder);
  for (let seq = 0; seq < 40; seq++) {
    await outbox.append(batch(seq, 100_000));
    if (seq > 0) outbox.settle("b", seq - 1);
  }
  await Bun.sleep(50);
  const bytes = logs(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  expect(bytes).toBeLessThan(3 * 1024 * 1024);
  expect(seqs(outbox)).toEqual([39]);
  await outbox.close();
});

test("an outbox says when it is full, and has room again once batches are settled", async () => {
  const outbox = await openOutbox(newFolder(), 1_500_000);
  let appended = 0;
  while (!outbox.isFull()) await outbox.append(batch(appended++, 100_000));
  expect(appended).toBeGreaterThan(10);
  for (let seq = 0; seq < appended; seq++) outbox.settle("b", seq);
  await Bun.sleep(50);
  expect(outbox.isFull()).toBe(false);
  await outbox.close();
});

test("a small outbox that was full is not full once nothing waits, without being opened again", async () => {
  const outbox = await openOutbox(newFolder(), 2_000);
  for (let round = 0; round < 3; round++) {
    let seq = round * 1_000;
    while (!outbox.isFull()) await outbox.append(batch(seq++));
    for (const { boot, seq: kept } of [...outbox.pending()]) outbox.settle(boot, kept);
    for (let tries = 0; outbox.isFull() && tries < 500; tries++) await Bun.sleep(10);
    expect([outbox.size(), outbox.isFull()]).toEqual([0, false]);
  }
  await outbox.close();
});

test("a foreign line in the middle stops recovery there instead of guessing", async () => {
  const folder = newFolder();
  const first = await openOutbox(folder);
  await first.append(batch(1));
  await first.close();
  appendFileSync(join(folder, logs(folder)[0] ?? ""), "deadbeef {}\n");
  const second = await openOutbox(folder);
  expect(seqs(second)).toEqual([1]);
  await second.close();
});
