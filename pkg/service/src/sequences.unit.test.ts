import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { aboveText, noSequences, readSequences, see } from "./sequences.ts";

const sequences = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 120 });

describe("sequences seen of a boot", () => {
  test("each is new once, whatever the order, also when what was seen is stored and read between any two", () => {
    fc.assert(
      fc.property(sequences, (seqs) => {
        const known = new Set<number>();
        let seen = noSequences();
        for (const seq of seqs) {
          expect(see(seen, seq)).toBe(!known.has(seq));
          known.add(seq);
          seen = readSequences(seen.low, aboveText(seen));
        }
        for (let seq = 0; seq <= 60; seq++) expect(see(seen, seq)).toBe(!known.has(seq));
      }),
    );
  });

  test("a hole that is never closed costs one range, however much comes behind it", () => {
    const seen = noSequences();
    for (let seq = 1; seq < 10_000; seq++) if (seq !== 5_000) see(seen, seq);
    expect(seen).toEqual({
      low: -1,
      above: [
        [1, 4_999],
        [5_001, 9_999],
      ],
    });
    expect(aboveText(seen)).toBe("{1,-4999,5001,-9999}");
    see(seen, 0);
    see(seen, 5_000);
    expect(seen).toEqual({ low: 9_999, above: [] });
  });

  test("what the version before wrote, plain numbers in any order, is understood", () => {
    expect(readSequences(2, "{9,5,6,8}")).toEqual({
      low: 2,
      above: [
        [5, 6],
        [8, 9],
      ],
    });
    expect(readSequences(7, "{}")).toEqual({ low: 7, above: [] });
  });
});
