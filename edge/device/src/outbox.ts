import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Batch } from "@episante/contracts/reading";

/** Batches that the server has not acknowledged yet, oldest first. */
export interface Outbox {
  /** True when nothing more may be appended until something is settled. */
  isFull(): boolean;
  /** Keeps a batch; resolves once it is safe. */
  append(batch: Batch): Promise<void>;
  /** Forgets a batch the server has on disk (or has refused for good). */
  settle(boot: string, seq: number): void;
  /** True while a batch is kept here: a second `append` of it would be kept twice. */
  has(boot: string, seq: number): boolean;
  /** What waits, in the order it was appended. */
  pending(): Iterable<Batch>;
  size(): number;
  close(): Promise<void>;
}

const segmentBytes = 1024 * 1024;

/** An outbox in memory: for sources that can be read again, as a recording. */
export function memoryOutbox(maxBatches = 10_000): Outbox {
  const batches = new Map<string, Batch>();
  return {
    isFull: () => batches.size >= maxBatches,
    append: async (batch) => void batches.set(keyOf(batch.boot, batch.seq), batch),
    settle: (boot, seq) => void batches.delete(keyOf(boot, seq)),
    has: (boot, seq) => batches.has(keyOf(boot, seq)),
    pending: () => batches.values(),
    size: () => batches.size,
    close: async () => {},
  };
}

interface Segment {
  readonly path: string;
  readonly keys: Set<string>;
  bytes: number;
}

/**
 * An outbox on disk, in segments of at most about 1 MiB that go once everything in them is settled. A batch is fsynced before `append` resolves; appends made
 * while one fsync runs share the next. After a crash everything not known to be settled is sent again, which the server tolerates.
 * @param folder belongs to this outbox alone @param maxBytes most that may wait on disk
 */
export async function openOutbox(folder: string, maxBytes = 64 * 1024 * 1024): Promise<Outbox> {
  await mkdir(folder, { recursive: true });
  // The segment being written never goes: it must be small beside the whole, or an outbox with nothing waiting would stay full.
  const segmentLimit = Math.min(segmentBytes, maxBytes / 4);
  const batches = new Map<string, Batch>();
  const segments: Segment[] = [];
  const settledEarlier = new Set<string>();
  const names = (await readdir(folder)).filter((name) => name.endsWith(".log")).sort();
  for (const name of names) {
    const segment: Segment = { path: join(folder, name), keys: new Set(), bytes: 0 };
    for (const line of wholeLines(await readFile(segment.path, "utf8"))) {
      segment.bytes += line.length + 1;
      const record = JSON.parse(line.slice(9)) as { settled?: string; batch?: Batch };
      if (record.settled) settledEarlier.add(record.settled);
      if (!record.batch) continue;
      const key = keyOf(record.batch.boot, record.batch.seq);
      batches.set(key, record.batch);
      segment.keys.add(key);
    }
    segments.push(segment);
  }
  const forget = (key: string): boolean => {
    for (const segment of segments) if (segment.keys.delete(key)) break;
    return batches.delete(key);
  };
  for (const key of settledEarlier) forget(key);

  let nextNumber = Number.parseInt(names.at(-1) ?? "0", 10) + 1;
  let file: FileHandle | null = null;
  let current: Segment | null = null;
  let waiting: { batch: Batch; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let settled: string[] = [];
  let writing: Promise<void> | null = null;

  async function dropFinished(): Promise<void> {
    for (const segment of [...segments]) {
      if (segment === current || segment.keys.size > 0) continue;
      segments.splice(segments.indexOf(segment), 1);
      await rm(segment.path, { force: true });
    }
  }
  async function target(): Promise<{ handle: FileHandle; segment: Segment }> {
    if (file && current && current.bytes < segmentLimit) return { handle: file, segment: current };
    await file?.close();
    current = { path: join(folder, `${String(nextNumber++).padStart(10, "0")}.log`), keys: new Set(), bytes: 0 };
    segments.push(current);
    file = await open(current.path, "a");
    await syncFolder(folder);
    return { handle: file, segment: current };
  }
  async function writeAll(): Promise<void> {
    while (waiting.length > 0 || settled.length > 0) {
      const [taken, marks] = [waiting, settled];
      waiting = [];
      settled = [];
      try {
        const { handle, segment } = await target();
        const text = [...marks.map((key) => ({ settled: key })), ...taken.map(({ batch }) => ({ batch }))].map(writeLine).join("");
        await handle.appendFile(text);
        if (taken.length > 0) await handle.datasync();
        segment.bytes += Buffer.byteLength(text);
        for (const { batch, resolve } of taken) {
          const key = keyOf(batch.boot, batch.seq);
          segment.keys.add(key);
          batches.set(key, batch);
          resolve();
        }
        await dropFinished();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    writing = null;
  }
  const wake = () => {
    writing ??= writeAll();
  };
  await dropFinished();

  return {
    isFull: () => segments.reduce((sum, segment) => sum + segment.bytes, 0) >= maxBytes,
    append(batch) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.push({ batch, resolve, reject });
      wake();
      return promise;
    },
    settle(boot, seq) {
      if (!forget(keyOf(boot, seq))) return;
      settled.push(keyOf(boot, seq));
      wake();
    },
    has: (boot, seq) => batches.has(keyOf(boot, seq)),
    pending: () => batches.values(),
    size: () => batches.size,
    async close() {
      while (writing) await writing;
      await file?.close();
      file = null;
    },
  };
}

function keyOf(boot: string, seq: number): string {
  return `${boot}/${seq}`;
}

/** One record a line: 8 hex digits of its hash, a space, JSON. */
function writeLine(record: unknown): string {
  const json = JSON.stringify(record);
  return `${hashOf(json)} ${json}\n`;
}

function hashOf(json: string): string {
  return createHash("sha256").update(json).digest("hex").slice(0, 8);
}

/** Lines up to the first torn one: a crash in the middle of a write leaves a tail that was never promised to anybody. */
function wholeLines(text: string): string[] {
  const lines = text.split("\n");
  lines.pop();
  const torn = lines.findIndex((line) => line[8] !== " " || hashOf(line.slice(9)) !== line.slice(0, 8));
  return torn < 0 ? lines : lines.slice(0, torn);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync();
  await handle.close();
}
