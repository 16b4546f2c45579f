import { createSignal } from "solid-js";
import type { CallProblem, CallResult } from "../../../../shared/lib/call.ts";
import { afterRefusal, type DateRow, type Decisions, decidedStarts } from "./series-form.ts";

/** The dates of a series that somebody decides about, and what became of sending them: all are taken, or those that were lost are shown anew. */
export function createSeriesDates() {
  const [rows, setRows] = createSignal<readonly DateRow[]>([]);
  const [decisions, setDecisions] = createSignal<Decisions>({});
  const [isRefused, setRefused] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  const [busy, setBusy] = createSignal(false);
  let sent = "";
  let key = "";
  return {
    rows,
    decisions,
    isRefused,
    problem,
    busy,
    chosen: () => decidedStarts(rows(), decisions()),
    decide: (row: string, start: string | null) => setDecisions({ ...decisions(), [row]: start }),
    show(next: readonly DateRow[], decided: Decisions = {}): void {
      setRows(next);
      setDecisions(decided);
      setRefused(false);
      setProblem(undefined);
    },
    /**
     * The same wish sent twice, for example after the network failed, carries the same key.
     * @returns the answer, or undefined when it was refused
     */
    async send<W, T>(wish: W, ask: (wish: W, key: string) => Promise<CallResult<T>>): Promise<T | undefined> {
      if (busy()) return undefined;
      if (JSON.stringify(wish) !== sent) {
        sent = JSON.stringify(wish);
        key = crypto.randomUUID();
      }
      setBusy(true);
      setProblem(undefined);
      const result = await ask(wish, key);
      setBusy(false);
      if (result.ok) return result.value;
      const { dates } = result.problem as { dates?: unknown };
      setRefused(dates !== undefined);
      if (dates === undefined) {
        setProblem(result.problem);
        return undefined;
      }
      const next = afterRefusal(rows(), decisions(), dates);
      setRows(next.rows);
      setDecisions(next.decisions);
      // A refusal is the answer to this key: what is sent next is a new wish.
      sent = "";
      return undefined;
    },
  };
}
