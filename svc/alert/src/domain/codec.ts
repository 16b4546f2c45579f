import type { Block, EngineState, RuleFor } from "./engine.ts";
import { restore, takeIn } from "./engine.ts";
import type { Sample } from "./episode.ts";

/** Samples as one flat array, five numbers each: time since the one before, value, receive delay, source × 4 + kind, rule version. */
interface Packed {
  readonly sources: readonly string[];
  readonly flat: readonly number[];
}
const kinds = [undefined, "rejected", "reset", "timer"] as const;

function pack(samples: readonly Sample[]): Packed {
  const sources: string[] = [];
  const flat: number[] = [];
  let before = 0;
  for (const { at, value, received, source, kind, version = 0 } of samples) {
    let index = sources.indexOf(source);
    if (index < 0) index = sources.push(source) - 1;
    flat.push(at - before, value, received - at, index * 4 + kinds.indexOf(kind), version);
    before = at;
  }
  return { sources, flat };
}

function unpack({ sources, flat }: Packed): Sample[] {
  const samples: Sample[] = [];
  let at = 0;
  for (let index = 0; index + 4 < flat.length; index += 5) {
    const [step = 0, value = 0, delay = 0, tag = 0, version = 0] = flat.slice(index, index + 5);
    at += step;
    const kind = kinds[tag & 3];
    samples.push({ at, value, received: at + delay, source: sources[tag >> 2] ?? "", version, ...(kind ? { kind } : {}) });
  }
  return samples;
}

/** Samples taken into a state since it was written, and what it has published now, as text for its row. */
export function encodeTail(samples: readonly Sample[], published: EngineState["published"]): string {
  return samples.length === 0 ? "" : JSON.stringify({ ...pack(samples), published });
}

/** A state as text for its row. */
export function encodeState({ baseAt, base, samples, published }: EngineState): string {
  return JSON.stringify({ baseAt, base, samples: pack(samples), published });
}

/** The state of a row, with what it took in since; only text written by `encodeState` and `encodeTail` comes here. */
export function decodeState(text: string, tail: string, rule: RuleFor): { state: EngineState; tail: readonly Sample[] } {
  const stored = JSON.parse(text) as Omit<EngineState, "samples" | "end" | "closed"> & { samples: Packed };
  const written = restore({ ...stored, samples: unpack(stored.samples) }, rule);
  if (tail === "") return { state: written, tail: [] };
  // A tail of an earlier version tells no published episodes: those of the state were then still true.
  const since = JSON.parse(tail) as Packed & Partial<Pick<EngineState, "published">>;
  const samples = unpack(since);
  return { state: { ...takeIn(written, samples, rule), published: since.published ?? stored.published }, tail: samples };
}

/** A block as text for its row. */
export function encodeBlock(block: Block): string {
  return JSON.stringify({ ...block, samples: pack(block.samples) });
}

/** The block of a row; only text written by `encodeBlock` comes here. */
export function decodeBlock(text: string): Block {
  const stored = JSON.parse(text) as Omit<Block, "samples"> & { samples: Packed };
  return { ...stored, samples: unpack(stored.samples) };
}
