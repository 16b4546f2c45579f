/** Names of the tokens that charts draw with. */
const tokens = [
  "ink",
  "ink-2",
  "ink-3",
  "line",
  "line-strong",
  "surface",
  "critical",
  "critical-ink",
  "warning-edge",
  "notice",
  "tech",
  "brand",
] as const;
export type ChartColours = Readonly<Record<(typeof tokens)[number], string>>;

/**
 * Reads the tokens as colours a canvas understands. `getPropertyValue` would give the unresolved `light-dark(…)`, which a canvas
 * ignores in silence; the computed `color` of a probe is resolved.
 */
export function readColours(host: Element): ChartColours {
  const probe = document.createElement("span");
  probe.hidden = true;
  host.append(probe);
  const read = (token: string): string => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = Object.fromEntries(tokens.map((token) => [token, read(token)])) as ChartColours;
  probe.remove();
  return colours;
}
