const windowMs = 10 * 60_000;
/** Wrong codes within ten minutes before a caller has to wait; callers without an address share a wider limit. */
const mostPerCaller = 10;
const mostUnknown = 100;
const mostCallers = 10_000;

/** Limits guessing of pairing codes. Kept in memory: a code has 31^8 possibilities and lives ten minutes, so a restart gives nobody a chance. */
export class WrongCodeLimit {
  private readonly times = new Map<string, number[]>();

  isOver(caller: string | undefined, nowMs: number): boolean {
    return this.recent(caller ?? "", nowMs).length >= (caller ? mostPerCaller : mostUnknown);
  }

  add(caller: string | undefined, nowMs: number): void {
    const key = caller ?? "";
    const recent = [...this.recent(key, nowMs), nowMs].slice(-mostUnknown);
    this.times.delete(key);
    this.times.set(key, recent);
    const oldest = this.times.keys().next().value;
    if (this.times.size > mostCallers && oldest !== undefined) this.times.delete(oldest);
  }

  private recent(key: string, nowMs: number): number[] {
    return (this.times.get(key) ?? []).filter((at) => at > nowMs - windowMs && at <= nowMs);
  }
}
