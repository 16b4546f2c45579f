import { UsageFault } from "@episante/setup/failure";

/** An option of a command: `--name VALUE`, or a switch. `many` may be repeated. */
export interface OptionSpec {
  readonly value?: string;
  readonly many?: boolean;
  readonly about: string;
}
export interface CommandSpec {
  readonly name: string;
  readonly about: string;
  /** Positional arguments as shown in the help, for example `FILE.csv` or `[FILTER]`. */
  readonly positional: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
}
export interface ParsedArguments {
  readonly positional: readonly string[];
  readonly help: boolean;
  flag(name: string): boolean;
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  /** A whole number within bounds. @throws UsageFault */
  integer(name: string, bounds: { min: number; max: number; otherwise: number }): number;
}

/** Parses the words after a command's name. @throws UsageFault for anything the command does not know */
export function parseArguments(spec: CommandSpec, words: readonly string[]): ParsedArguments {
  const given = new Map<string, string[]>();
  const positional: string[] = [];
  let help = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--help" || word === "-h") help = true;
    else if (word.startsWith("-") && word !== "-") {
      const [name = "", attached] = word.startsWith("--") ? splitOnce(word.slice(2)) : [word];
      const option = spec.options[name];
      if (!option || !word.startsWith("--"))
        throw new UsageFault(`unknown option ${word} for "${spec.name}" (see ./episante ${spec.name} --help)`);
      if (!option.value && attached !== undefined) throw new UsageFault(`--${name} takes no value`);
      const value = option.value ? (attached ?? words[++index]) : "";
      if (value === undefined) throw new UsageFault(`--${name} needs a value (${option.value})`);
      if (given.has(name) && !option.many) throw new UsageFault(`--${name} was given twice`);
      given.set(name, [...(given.get(name) ?? []), value]);
    } else positional.push(word);
  }
  if (!help) checkPositional(spec, positional);
  return {
    positional,
    help,
    flag: (name) => given.has(name),
    value: (name) => given.get(name)?.[0],
    values: (name) => given.get(name) ?? [],
    integer: (name, { min, max, otherwise }) => {
      const text = given.get(name)?.[0];
      if (text === undefined) return otherwise;
      const number = Number(text);
      if (!/^\d+$/.test(text) || number < min || number > max)
        throw new UsageFault(`--${name} must be a whole number from ${min} to ${max}`);
      return number;
    },
  };
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function checkPositional(spec: CommandSpec, positional: readonly string[]): void {
  const required = spec.positional.filter((name) => !name.startsWith("["));
  const missing = required[positional.length];
  if (positional.length < required.length) throw new UsageFault(`"${spec.name}" needs ${missing} (see ./episante ${spec.name} --help)`);
  if (positional.length > spec.positional.length)
    throw new UsageFault(`unexpected "${positional[spec.positional.length]}" for "${spec.name}"`);
}

/** The `--help` text of a command. */
export function helpOf(spec: CommandSpec): string {
  const rows = Object.entries(spec.options).map(
    ([name, option]) => [`--${name}${option.value ? ` ${option.value}` : ""}`, option.about] as const,
  );
  const all = [...rows, ["--help", "this text"] as const];
  const width = Math.max(...all.map(([left]) => left.length));
  const usage = ["./episante", spec.name, ...spec.positional, ...(rows.length > 0 ? ["[OPTIONS]"] : [])].join(" ");
  return [`${usage}\n`, `${spec.about}\n`, "Options:", ...all.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`), ""].join("\n");
}
