import { listReadings } from "@episante/contracts/reading";
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import { prepareSeries, type Series, type Span, toPoints } from "../../../shared/charts/series.ts";
import { spanOf, type View } from "../../../shared/charts/view.ts";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createInterval } from "../../../shared/lib/load.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";
import { type Chunks, gapFor, knownGaps, missing, type Resolution, read, resolutionFor, store, thin } from "./chunks.ts";

export interface HistorySource {
  readonly patientId: `pat_${string}`;
  readonly code: string;
  /** The view at rest: nothing is asked while it moves. */
  readonly view: View;
  readonly widthPx: number;
}

/**
 * Readings of one signal around the view, at the resolution its width asks for. Only what is missing is fetched, and kept; where the view
 * reaches now, new readings follow. Until a new resolution is there, the earlier one stays on screen.
 */
export function createHistory(source: Accessor<HistorySource>, everyMs: number) {
  const [kept, setKept] = createSignal<Readonly<Record<Resolution, Chunks>>>({ raw: new Map(), "1m": new Map(), "1h": new Map() });
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [shown, setShown] = createSignal<Resolution | undefined>();
  const [pending, setPending] = createSignal(false);
  const wanted = createMemo(() => resolutionFor(source().view.spanMs, source().widthPx));
  const [around, setAround] = createSignal<Span>(reach(source().view), { equals: (a, b) => a.from === b.from && a.to === b.to });
  let controller: AbortController | undefined;

  async function load(): Promise<void> {
    const { patientId, code, view } = source();
    const resolution = wanted();
    setAround(reach(view));
    const asked = missing(kept()[resolution], around(), resolution, serverNow() + 5000);
    controller?.abort();
    const mine = new AbortController();
    controller = mine;
    setPending(asked.length > 0);
    try {
      const answers = await Promise.all(
        asked.map(async (span) => {
          const query = {
            patientId,
            code,
            from: new Date(span.from).toISOString(),
            to: new Date(span.to).toISOString(),
            resolution,
          };
          const result = await call(listReadings, { query, signal: mine.signal });
          if (result.ok && !mine.signal.aborted) {
            const points = toPoints(result.value.items, code);
            setKept((before) => ({ ...before, [resolution]: store(before[resolution], span, points, resolution, serverNow()) }));
          }
          return result;
        }),
      );
      if (mine.signal.aborted) return;
      const refused = answers.find((answer) => !answer.ok);
      setProblem(refused && !refused.ok ? refused.problem : undefined);
      if (!refused) setShown(resolution);
    } catch (error) {
      if (!mine.signal.aborted) throw error;
      return;
    }
    setPending(false);
  }
  createEffect(on([() => source().view, wanted], () => void load()));
  createInterval(() => {
    if (!pending()) void load();
  }, everyMs);
  onCleanup(() => controller?.abort());

  const series = createMemo<Series | undefined>(() => {
    const resolution = shown();
    if (!resolution) return undefined;
    const { points: all, known } = read(kept()[resolution], around(), resolution);
    const { points, stepMs } = thin(all, source().view.spanMs / source().widthPx);
    const from = known[0]?.from ?? around().from;
    const prepared = prepareSeries(
      points,
      { from, to: Math.max(from, known.at(-1)?.to ?? from) },
      Math.max(gapFor(all, resolution), 2.5 * stepMs),
    );
    return { ...prepared, gaps: knownGaps(prepared.gaps, known) };
  });
  return { series, problem, pending };
}

/** Half a view to each side, so that a short move has its readings already. */
function reach(view: View): Span {
  const { from, to } = spanOf(view, serverNow());
  return { from: from - view.spanMs / 2, to: to + view.spanMs / 2 };
}
