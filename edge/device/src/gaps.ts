import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** Readings that were measured and could not be kept, because the outbox was full: the record of a loss. */
export interface Gap {
  /** Device times of the first and the last of them. */
  readonly from: string;
  readonly to: string;
  readonly batches: number;
  readonly readings: number;
}

export interface Gaps {
  /** Counts a batch that was turned away; one gap until something is kept again. */
  add(readings: readonly { readonly at: string }[]): Gap | null;
  /** A batch was kept: the gap, if there was one, is over. */
  end(): void;
  /** Oldest first. */
  all(): readonly Gap[];
  close(): Promise<void>;
}

/** Gaps remembered at most: the oldest two become one, so that the count stays right. */
const mostGaps = 1_000;
const fileSchema = z.array(z.object({ from: z.string(), to: z.string(), batches: z.number(), readings: z.number() }));

/** The record of gaps; in `gaps.json` of the folder, when there is one, so that it outlives the device's restart. */
export async function openGaps(folder?: string): Promise<Gaps> {
  if (folder) await mkdir(folder, { recursive: true });
  const path = folder ? join(folder, "gaps.json") : null;
  const gaps: Gap[] = path ? await read(path) : [];
  let isOpen = false;
  let isDirty = false;
  let writing: Promise<void> | null = null;

  async function write(): Promise<void> {
    while (isDirty && path) {
      isDirty = false;
      const file = await open(`${path}.new`, "w");
      await file.writeFile(JSON.stringify(gaps));
      await file.sync();
      await file.close();
      await rename(`${path}.new`, path);
    }
    writing = null;
  }
  return {
    add(readings) {
      const [first] = readings;
      if (!first) return null;
      const times = readings.map(({ at }) => at);
      const one: Gap = { from: first.at, to: times.at(-1) ?? first.at, batches: 1, readings: readings.length };
      const last = isOpen ? gaps.pop() : undefined;
      const gap = last ? join2(last, one) : one;
      gaps.push(gap);
      if (gaps.length > mostGaps) gaps.splice(0, 2, join2(gaps[0] ?? gap, gaps[1] ?? gap));
      isOpen = true;
      isDirty = true;
      // A full disk may refuse this too: what is counted in memory is still told.
      writing ??= write().catch(() => {
        writing = null;
      });
      return gap;
    },
    end() {
      isOpen = false;
    },
    all: () => gaps,
    async close() {
      await writing;
    },
  };
}

function join2(a: Gap, b: Gap): Gap {
  return { from: a.from, to: b.to, batches: a.batches + b.batches, readings: a.readings + b.readings };
}

async function read(path: string): Promise<Gap[]> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return [];
  }
}
