/** Sequences from `from` to `to`, both included. */
type Range = [from: number, to: number];

/** Which sequences of a boot were seen: all up to `low`, and ranges above it, ascending and apart from each other. A hole costs a range, not what lies behind it. */
export interface Sequences {
  low: number;
  readonly above: Range[];
}

/** Nothing seen yet: sequences start at 0. */
export function noSequences(): Sequences {
  return { low: -1, above: [] };
}

/** Records a sequence, a whole number of 0 or more; false when it was seen before. */
export function see(seen: Sequences, seq: number): boolean {
  if (seq <= seen.low) return false;
  const { above } = seen;
  const index = firstReaching(above, seq - 1);
  const near = above[index];
  if (near && near[0] <= seq && seq <= near[1]) return false;
  const next = above[index + 1];
  if (near && near[1] === seq - 1) {
    near[1] = seq;
    if (next && next[0] === seq + 1) {
      near[1] = next[1];
      above.splice(index + 1, 1);
    }
  } else if (near && near[0] === seq + 1) near[0] = seq;
  else above.splice(index, 0, [seq, seq]);
  const [first] = above;
  if (first && first[0] === seen.low + 1) {
    seen.low = first[1];
    above.shift();
  }
  return true;
}

/** Index of the first range that ends at `seq` or behind it. */
function firstReaching(ranges: readonly Range[], seq: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.[1] ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What lies above `low`, as an array of Postgres: a sequence, and behind it the end of its range with a minus sign where that is another. */
export function aboveText({ above }: Sequences): string {
  return `{${above.map(([from, to]) => (from === to ? from : `${from},-${to}`)).join(",")}}`;
}

/** Reads `low` and what `aboveText` wrote, or the plain numbers in any order that were written before it. */
export function readSequences(low: number, text: string): Sequences {
  const seen: Sequences = { low, above: [] };
  for (const word of text.replace(/[{}]/g, "").split(",")) {
    if (word === "") continue;
    const last = seen.above.at(-1);
    const number = Number(word);
    if (number >= 0) see(seen, number);
    else if (last) last[1] = -number;
  }
  return seen;
}
