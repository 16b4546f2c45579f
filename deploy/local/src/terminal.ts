import type { ReadableLine } from "./logs.ts";

/** Writes one line to the terminal. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes one line of complaint. */
export function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

const palette = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94, 37, 90];
const levelColour: Record<ReadableLine["level"], number> = { debug: 90, info: 0, warn: 33, error: 31 };

/** Formats lines of named processes: a prefix in the process's own colour, the text in that of its level. */
export function makePrefixer(names: readonly string[], coloured: boolean): (name: string, line: ReadableLine) => string {
  const width = Math.max(...names.map((name) => name.length));
  const paint = (text: string, colour: number) => (coloured && colour !== 0 ? `\x1b[${colour}m${text}\x1b[0m` : text);
  return (name, line) => {
    const own = palette[Math.max(0, names.indexOf(name)) % palette.length] ?? 0;
    const label = line.level === "warn" || line.level === "error" ? `${line.level} ` : "";
    return `${paint(`${name.padEnd(width)} │`, own)} ${paint(`${label}${line.text}`, levelColour[line.level])}`;
  };
}
