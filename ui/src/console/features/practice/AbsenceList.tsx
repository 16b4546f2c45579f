import { type Absence, endAbsence } from "@episante/contracts/absence";
import { createSignal, For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dateDay, dateTime, dayInstant } from "../../../shared/lib/format.ts";
import { tp } from "../../i18n/practice-texts.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { wholeDaysOf } from "./absence-form.ts";

/** Absences that are not over, each to be ended. */
export function AbsenceList(props: { absences: readonly Absence[]; onEnded: () => void }) {
  const { zone } = useConsole();
  const [ending, setEnding] = createSignal<Absence | undefined>();
  const [busy, setBusy] = createSignal(false);
  const [isEnded, setIsEnded] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  function words(absence: Absence): string {
    const days = wholeDaysOf(absence, zone());
    if (!days) return tp("absence.period", { from: dateTime(absence.start, zone()), to: dateTime(absence.end, zone()) });
    const [first, last] = [days.first, days.last].map((day) => dateDay(dayInstant(day), "UTC"));
    return days.first === days.last
      ? tp("absence.wholeDay", { day: first ?? "" })
      : tp("absence.wholeDays", { from: first ?? "", to: last ?? "" });
  }
  async function end(): Promise<void> {
    const absence = ending();
    if (!absence || busy()) return;
    setBusy(true);
    const result = await call(endAbsence, { params: { id: absence.id } });
    setBusy(false);
    setEnding(undefined);
    setProblem(result.ok ? undefined : result.problem);
    setIsEnded(result.ok);
    props.onEnded();
  }
  return (
    <section class="c-card" aria-labelledby="absences-title">
      <h2 id="absences-title">{tp("absence.current")}</h2>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <p role="status">{isEnded() ? tp("absence.ended") : ""}</p>
      <Show when={props.absences.length > 0} fallback={<p>{tp("absence.none")}</p>}>
        <ul class="x-links">
          <For each={props.absences}>
            {(absence) => (
              <li class="c-split">
                <span>
                  <b>{words(absence)}</b>
                  <Show when={absence.note}>
                    {(note) => (
                      <>
                        <br />
                        <span class="s-note">{note()}</span>
                      </>
                    )}
                  </Show>
                </span>
                <Button
                  variant="secondary"
                  onClick={() => {
                    setIsEnded(false);
                    setEnding(absence);
                  }}
                >
                  {tp("absence.end")}
                  <span class="sr"> : {words(absence)}</span>
                </Button>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Dialog
        open={ending() !== undefined}
        onClose={() => setEnding(undefined)}
        title={tp("absence.endAsk")}
        description={tp("absence.endWhy")}
        modalOnly
      >
        <p>
          <b>
            {(() => {
              const absence = ending();
              return absence ? words(absence) : "";
            })()}
          </b>
        </p>
        <div class="c-row h-acts">
          <Button tone="danger" busy={busy()} onClick={() => void end()}>
            {tp("absence.end")}
          </Button>
          <Button variant="secondary" onClick={() => setEnding(undefined)}>
            {tp("absence.keepIt")}
          </Button>
        </div>
      </Dialog>
    </section>
  );
}
