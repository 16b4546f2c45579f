const dayMs = 86_400_000;
const defaultDays = 30;
const maxDays = 400;

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Period of a figure: the last 30 days unless said; null when reversed, longer than 400 days or before 1970. Days are UTC, as in gold. */
export function periodOf(
  query: { from?: string | undefined; to?: string | undefined },
  nowMs: number,
): { from: string; to: string } | null {
  const to = query.to ?? day(nowMs);
  const from = query.from ?? day(Date.parse(to) - (defaultDays - 1) * dayMs);
  const days = (Date.parse(to) - Date.parse(from)) / dayMs;
  return days >= 0 && days <= maxDays && from >= "1970" ? { from, to } : null;
}
