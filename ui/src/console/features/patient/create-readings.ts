import { listReadings, type resolutions } from "@episante/contracts/reading";
import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import { type Point, toPoints } from "../../../shared/charts/series.ts";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createInterval } from "../../../shared/lib/load.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";

export interface ReadingsSource {
  readonly patientId: string;
  readonly code: string;
  readonly spanMs: number;
  readonly resolution: (typeof resolutions)[number];
  /** End of the window; without it the window follows the clock and new readings are fetched as they come. */
  readonly until?: number | undefined;
}

/** Adds newer points to older ones: same instant = the newer answer wins; what left the window goes. */
export function mergePoints(before: readonly Point[], newer: readonly Point[], from: number): Point[] {
  const at = new Set(newer.map((point) => point.at));
  return [...before.filter((point) => point.at >= from && !at.has(point.at)), ...newer.filter((point) => point.at >= from)].sort(
    (a, b) => a.at - b.at,
  );
}

/** Readings of one signal, kept fresh: the whole window once, then only what is new, with a little overlap for late readings. */
export function createReadings(source: Accessor<ReadingsSource | undefined>, everyMs: number) {
  const [points, setPoints] = createSignal<readonly Point[] | undefined>();
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  let controller: AbortController | undefined;
  let running = false;

  async function load(wanted: ReadingsSource, whole: boolean): Promise<void> {
    if (!whole && (running || wanted.until !== undefined)) return;
    if (whole) controller?.abort();
    const mine = new AbortController();
    controller = mine;
    running = true;
    const end = wanted.until ?? serverNow() + 5000;
    const start = end - wanted.spanMs;
    const last = points()?.at(-1)?.at;
    const overlapMs = wanted.resolution === "raw" ? 20_000 : wanted.resolution === "1m" ? 180_000 : 2 * 3_600_000;
    const from = whole || last === undefined ? start : Math.max(start, last - overlapMs);
    try {
      const result = await call(listReadings, {
        query: {
          patientId: wanted.patientId as `pat_${string}`,
          code: wanted.code,
          from: new Date(from).toISOString(),
          to: new Date(end).toISOString(),
          resolution: wanted.resolution,
        },
        signal: mine.signal,
      });
      if (mine.signal.aborted) return;
      setProblem(result.ok ? undefined : result.problem);
      if (result.ok) setPoints((before) => mergePoints(whole ? [] : (before ?? []), toPoints(result.value.items, wanted.code), start));
    } catch (error) {
      if (!mine.signal.aborted) throw error;
    } finally {
      if (controller === mine) running = false;
    }
  }
  createEffect(
    on(
      () => JSON.stringify(source() ?? null),
      () => {
        const wanted = source();
        controller?.abort();
        running = false;
        setPoints(undefined);
        setProblem(undefined);
        if (wanted) void load(wanted, true);
      },
    ),
  );
  createInterval(() => {
    const wanted = source();
    if (wanted) void load(wanted, points() === undefined);
  }, everyMs);
  onCleanup(() => controller?.abort());
  return { points, problem };
}
