const declaration =
  /\b(?:counter|gauge|histogram|tally|asked)(?:<[^>]*>)?\(\s*"([a-z][a-z0-9_]*)"|new (?:Gauge|Counter|Histogram)\(\{\s*name: "([a-z][a-z0-9_]*)"/g;

/** Names of the metrics that a source file declares. */
export function metricsDeclaredIn(source: string): string[] {
  return [...source.matchAll(declaration)].map(([, made, built]) => made ?? built ?? "");
}

const words = new Set(["and", "or", "unless", "bool", "offset", "inf", "nan"]);

/**
 * Names of the metrics that a PromQL expression asks for. Enough of the language for our rules and dashboards: strings, selectors,
 * ranges and the label lists of by, without, on, ignoring and group_left go; what is left and is neither a call nor a word is a metric.
 */
export function metricsAskedBy(expression: string): string[] {
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, "")
    .replace(/\{[^}]*\}/g, "")
    .replace(/\[[^\]]*\]/g, "")
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ");
  const names = [...bare.matchAll(/(?<![\w.$])([a-zA-Z_:][\w:]*)(?!\w)(\s*\()?/g)].filter(([, , call]) => call === undefined);
  return [...new Set(names.map(([, name]) => name ?? ""))].filter((name) => !words.has(name));
}

/** True when one of the known names is asked for, itself or as a part of a histogram. */
export function isKnownMetric(name: string, known: ReadonlySet<string>): boolean {
  return known.has(name) || known.has(name.replace(/_(bucket|sum|count)$/, ""));
}
