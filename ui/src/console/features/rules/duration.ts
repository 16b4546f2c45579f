import { locale } from "../../../shared/i18n/i18n.ts";

const units = { s: 1, sec: 1, m: 60, min: 60, mn: 60, h: 3600, j: 86_400, d: 86_400 } as const;

/** A length of time as it is typed and read back: `90 s`, `15 min`, `1 h 30 min`. Exact for whole seconds. */
export function durationText(seconds: number): string {
  if (seconds < 60 || !Number.isInteger(seconds)) return `${seconds} s`.replace(".", locale() === "fr" ? "," : ".");
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "min"],
    [seconds % 60, "s"],
  ] as const;
  return parts.flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : [])).join(" ");
}

/** Seconds of a typed length of time: `90`, `90 s`, `15 min`, `1h30`, `1,5 h`. A bare number counts seconds, after hours minutes. */
export function parseDuration(text: string): number | undefined {
  let rest = text.trim().toLowerCase().replaceAll(",", ".");
  if (rest === "") return undefined;
  let total = 0;
  let bare = 1;
  while (rest !== "") {
    const [whole, count, word] = /^(\d+(?:\.\d+)?)\s*([a-z]*)\s*/.exec(rest) ?? [];
    if (whole === undefined || word === undefined) return undefined;
    const unit = word === "" ? bare : Object.hasOwn(units, word) ? units[word as keyof typeof units] : undefined;
    if (unit === undefined) return undefined;
    total += Number(count) * unit;
    bare = unit === 3600 ? 60 : 1;
    rest = rest.slice(whole.length);
  }
  return total;
}
