import { expect, test } from "bun:test";
import { type CommandSpec, helpOf, parseArguments } from "./args.ts";
import { commands, overview } from "./commands.ts";

const spec: CommandSpec = {
  name: "send",
  about: "Sends.",
  positional: ["FILE", "[WORD]"],
  options: { fast: { about: "quick" }, to: { value: "URL", about: "where" }, map: { value: "A=B", about: "map", many: true } },
};

test("options are read in any order, with a space or an equals sign", () => {
  const given = parseArguments(spec, ["--map", "a=b", "data.csv", "--to=http://x/?a=b", "--fast", "--map", "c=d", "again"]);
  expect(given.positional).toEqual(["data.csv", "again"]);
  expect(given.flag("fast")).toBe(true);
  expect(given.value("to")).toBe("http://x/?a=b");
  expect(given.values("map")).toEqual(["a=b", "c=d"]);
});

test.each([
  [["x", "--nope"], /unknown option --nope/],
  [["x", "-f"], /unknown option -f/],
  [["x", "--fast=1"], /--fast takes no value/],
  [["x", "--to"], /--to needs a value/],
  [["x", "--to", "a", "--to", "b"], /--to was given twice/],
  [[], /needs FILE/],
  [["x", "y", "z"], /unexpected "z"/],
] as [string[], RegExp][])("wrong words %p are refused with what is wrong", (words, message) => {
  expect(() => parseArguments(spec, words)).toThrow(message);
});

test.each(["0", "70000", "80a", "-1", "1e3", ""])("a port of %p is refused", (text) => {
  const given = parseArguments(commands.up, [`--port=${text}`]);
  expect(() => given.integer("port", { min: 1, max: 65_535, otherwise: 8080 })).toThrow(/whole number from 1 to 65535/);
});

test("help is given instead of complaints about missing words, and names every option", () => {
  expect(parseArguments(spec, ["--help"]).help).toBe(true);
  for (const name of ["--fast", "--to URL", "--map A=B", "--help"]) expect(helpOf(spec)).toContain(name);
});

test("the overview names every command", () => {
  for (const { name } of Object.values(commands)) expect(overview()).toContain(`  ${name}`);
});
