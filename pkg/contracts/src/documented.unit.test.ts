import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { events, eventTypes } from "./events.ts";
import { idPrefixes } from "./ids.ts";
import { problemCodes, problems } from "./problem.ts";
import { numberOf, signalNames, signals, toCanonical, wordsOf } from "./signals.ts";

/** Rows of every table of a page: the cells of a line, trimmed. */
function rowsOf(page: string): string[][] {
  const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), "utf8");
  return text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
const quotedIn = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");

describe("what the pages list is what the code knows", () => {
  test("docs/devices.md lists every signal with its codes, units and range", () => {
    const listed = rowsOf("devices.md").filter(([name]) => signalNames.some((signal) => signal === name));
    expect(listed.map(([name]) => name)).toEqual([...signalNames]);
    const allUnits = new Set(listed.flatMap(([, , units]) => quotedIn(units)));
    for (const signal of signalNames) {
      const { codes, unit, min, max } = signals[signal];
      const [, codeCell, unitCell, range] = listed.find(([name]) => name === signal) ?? [];
      expect(quotedIn(codeCell)).toEqual([...codes]);
      expect(quotedIn(unitCell)[0]).toBe(unit);
      const accepted = [...allUnits].filter((one) => toCanonical(signal, 1, one) !== undefined);
      expect(quotedIn(unitCell).sort()).toEqual(accepted.sort());
      expect(range).toBe(`${min} to ${max}`);
    }
  });

  test("docs/devices.md lists every word of every signal with its number", () => {
    const listed = rowsOf("devices.md");
    for (const signal of signalNames) {
      const words = wordsOf(signal).map((word) => `${word} ${numberOf(signal, word)}`);
      if (words.length === 0) continue;
      const [, cell = ""] = listed.find(([codes]) => signals[signal].codes.every((code) => codes?.includes(`\`${code}\``))) ?? [];
      expect([...cell.matchAll(/`(\w+)`[^,(]*\((\d+)/g)].map(([, word, value]) => `${word} ${value}`)).toEqual(words);
    }
  });

  test("docs/api.md lists every problem code once, with its status", () => {
    const listed = rowsOf("api.md").flatMap(([code, status]) =>
      /^\d{3}$/.test(status ?? "") ? [[quotedIn(code)[0], Number(status)]] : [],
    );
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(problemCodes.map((code) => [code, problems[code][0]])));
    expect(listed).toHaveLength(problemCodes.length);
  });

  test("docs/api.md lists every event with its owner and stream", () => {
    const listed = rowsOf("api.md").filter(([, , stream]) => stream === "EVENTS" || stream === "ALERTS");
    const known = eventTypes.map((type) => [`\`${type}\``, events[type].owner, events[type].stream]);
    expect(listed.map((row) => row.slice(0, 3)).sort()).toEqual(known.sort());
  });

  test("docs/api.md lists every id prefix", () => {
    const listed = rowsOf("api.md").flatMap(([prefix]) => /^`([a-z]{3})_`$/.exec(prefix ?? "")?.[1] ?? []);
    expect(listed.sort()).toEqual(Object.keys(idPrefixes).sort());
  });
});
