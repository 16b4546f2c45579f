import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LimitSample, openLimits } from "./limits.ts";
import { describeMachine, isInMemory, type Machine } from "./machine.ts";
import { bootstrap, type Interval, spread } from "./stats.ts";

/** The least (`>=`) or the most (`<=`) the ratio may be to ship. */
export interface Floor {
  readonly op: ">=" | "<=";
  readonly value: number;
}

/** One line of the table: a figure of the system as a ratio to a limit measured in the same rounds. */
export interface Measure {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: { readonly id: string; readonly value: number; readonly unit: string };
  /** Median over the rounds of value ÷ limit. */
  readonly ratio: number;
  /** 95 % bootstrap interval of the ratio. */
  readonly interval: readonly [low: number, high: number];
  /** Null when the figure is only told. */
  readonly floor: Floor | null;
  readonly ok: boolean;
  readonly note?: string;
}

export interface Bench {
  readonly name: string;
  readonly describe: string;
  /** Longest the whole bench may take, seconds; then the run counts as broken. */
  readonly maxSeconds: number;
  run(context: BenchContext): Promise<Measure[]>;
}

/** Something that is measured once per round. What it returns is collected. */
export type Part<T> = () => Promise<T>;
export type Collected<P extends Record<string, Part<unknown>>> = { readonly [K in keyof P]: Awaited<ReturnType<P[K]>>[] };

export interface BenchContext {
  readonly rounds: number;
  /** A folder on the disk under test that goes when the bench ends. */
  folder(name: string): string;
  /** Runs when the bench ends, however it ends; last first. */
  onEnd(stop: () => Promise<unknown> | unknown): void;
  /** Progress for people, on stderr. */
  say(text: string): void;
  /** Names a version for the header. */
  version(of: string, version: string): void;
  /**
   * Runs all parts once as warm-up, which is dropped, then `rounds` times one after the other (A B A B …),
   * with L1 and L2 measured before each round. Parts measure their own limits beside the system the same way.
   */
  interleave<P extends Record<string, Part<unknown>>>(parts: P): Promise<Collected<P> & { readonly limits: readonly LimitSample[] }>;
}

export interface Report {
  readonly bench: string;
  readonly at: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  /** Why the figures must not be quoted; empty when the machine was quiet enough. */
  readonly voidBecause: readonly string[];
  readonly limits: { readonly fsyncPerSecond: Interval; readonly fsyncP50Ms: Interval; readonly tcpP50Ms: Interval };
  readonly measures: readonly Measure[];
}

/** Most that L1 and L2 may stray from their median between rounds. */
export const largestSpread = 0.15;

/** Why rounds with these limits are void: L1 or L2 strayed by more than 15 % from its median in some round. */
export function voidReasons(limits: readonly Pick<LimitSample, "fsyncPerSecond" | "tcpP50Ms">[]): string[] {
  const spreads = [
    ["L1 (fsync)", spread(limits.map(({ fsyncPerSecond }) => fsyncPerSecond))],
    ["L2 (loopback TCP)", spread(limits.map(({ tcpP50Ms }) => tcpP50Ms))],
  ] as const;
  return spreads.flatMap(([name, value]) =>
    value > largestSpread ? [`${name} strayed ${Math.round(value * 100)} % from its median between rounds (at most 15 % is allowed)`] : [],
  );
}

/** True when a ratio holds its floor. */
export function holds(ratio: number, floor: Floor | null): boolean {
  if (!floor) return true;
  return floor.op === ">=" ? ratio >= floor.value : ratio <= floor.value;
}

/** Makes a line of the table from what the rounds gave: `values[i]` and `limit.values[i]` are of one round. @throws RangeError for no rounds */
export function measure(input: {
  id: string;
  what: string;
  unit: string;
  values: readonly number[];
  limit: { id: string; unit: string; values: readonly number[] };
  floor: Floor | null;
  note?: string;
}): Measure {
  const { id, what, unit, values, limit, floor, note } = input;
  const ratios = bootstrap(values.map((value, round) => value / (limit.values[round] ?? Number.NaN)));
  return {
    id,
    what,
    value: bootstrap(values).median,
    unit,
    limit: { id: limit.id, value: bootstrap(limit.values).median, unit: limit.unit },
    ratio: ratios.median,
    interval: [ratios.low, ratios.high],
    floor,
    ok: holds(ratios.median, floor),
    ...(note ? { note } : {}),
  };
}

/** Runs one bench from an empty folder and takes everything down again. @throws whatever broke the run */
export async function runBench(bench: Bench, options: { rounds: number; say: (text: string) => void }): Promise<Report> {
  const root = mkdtempSync(join(tmpdir(), `episante-bench-${bench.name}-`));
  const stops: (() => Promise<unknown> | unknown)[] = [];
  const versions: Record<string, string> = { bun: Bun.version };
  const machine = describeMachine(root);
  const at = new Date().toISOString();
  const samples: LimitSample[] = [];
  const limits = await openLimits(root);
  const context: BenchContext = {
    rounds: options.rounds,
    folder(name) {
      mkdirSync(join(root, name), { recursive: true });
      return join(root, name);
    },
    onEnd: (stop) => void stops.push(stop),
    say: options.say,
    version: (of, version) => {
      versions[of] = version;
    },
    async interleave(parts) {
      const collected: Record<string, unknown[]> = {};
      const own: LimitSample[] = [];
      for (let round = 0; round <= options.rounds; round++) {
        options.say(round === 0 ? "warm-up" : `round ${round} of ${options.rounds}`);
        const limit = await limits.sample();
        if (round > 0) own.push(limit);
        for (const [name, part] of Object.entries(parts)) {
          const value = await part();
          collected[name] ??= [];
          if (round > 0) collected[name]?.push(value);
        }
      }
      samples.push(...own);
      return { ...(collected as Collected<typeof parts>), limits: own };
    },
  };
  const { promise: tooLong, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${bench.name} took more than ${bench.maxSeconds} s`)), bench.maxSeconds * 1000);
  // Left alone, an installation that the bench started would go on working, also beside the next bench.
  const interrupted = () => reject(new Error("interrupted"));
  process.on("SIGTERM", interrupted);
  process.on("SIGINT", interrupted);
  try {
    const measures = await Promise.race([bench.run(context), tooLong]);
    return {
      bench: bench.name,
      at,
      machine,
      versions,
      rounds: options.rounds,
      voidBecause: [
        ...voidReasons(samples),
        ...(isInMemory(root) ? ["the temporary folder lies in memory, where an fsync costs nothing: set TMPDIR to a folder on disk"] : []),
      ],
      limits: {
        fsyncPerSecond: intervalOf(samples.map(({ fsyncPerSecond }) => fsyncPerSecond)),
        fsyncP50Ms: intervalOf(samples.map(({ fsyncP50Ms }) => fsyncP50Ms)),
        tcpP50Ms: intervalOf(samples.map(({ tcpP50Ms }) => tcpP50Ms)),
      },
      measures,
    };
  } finally {
    clearTimeout(timer);
    process.off("SIGTERM", interrupted);
    process.off("SIGINT", interrupted);
    for (const stop of stops.reverse()) await stop();
    await limits.close();
    rmSync(root, { recursive: true, force: true });
  }
}

function intervalOf(values: readonly number[]): Interval {
  return values.length > 0 ? bootstrap(values) : { median: 0, low: 0, high: 0 };
}
