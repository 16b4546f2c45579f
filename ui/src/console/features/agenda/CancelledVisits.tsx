import type { Appointment } from "@episante/contracts/appointment";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Dialog } from "../../../shared/components/Dialog.tsx";
import { capital, clock, dateTime, dayOf } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { cancelWords } from "./cancel-words.ts";
import { useAgenda } from "./create-agenda.ts";
import { useDesk } from "./create-desk.ts";
import { glyphs } from "./floor-actions.ts";

/** Cancelled visits of the days on screen, which the grid shows no more: who cancelled, when, why, and what takes it back. */
export function CancelledVisits() {
  const agenda = useAgenda();
  const desk = useDesk();
  const [isOpen, setOpen] = createSignal(false);
  const [told, setTold] = createSignal<string>();
  let result: HTMLParagraphElement | undefined;
  const visits = createMemo(() => {
    const days = new Set(agenda.span());
    return agenda.visits
      .all()
      .filter((visit) => visit.status === "cancelled" && days.has(dayOf(visit.start, agenda.zone())))
      .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  });
  async function undo(visit: Appointment): Promise<void> {
    await desk.actions.undo(visit);
    // The result is said in the page, which is covered.
    setTold(agenda.message()?.text);
    result?.focus();
  }
  function toggle(open: boolean): void {
    setTold(undefined);
    setOpen(open);
  }
  return (
    <>
      <button type="button" class="c-link g-cancelled-open" onClick={() => toggle(true)}>
        <span aria-hidden="true">{glyphs.cancelled} </span>
        {ta("cancelled.open", { n: visits().length })}
      </button>
      <Dialog open={isOpen()} onClose={() => toggle(false)} title={ta("cancelled.title")}>
        <p ref={result} class="g-told" tabindex="-1">
          {told()}
        </p>
        <Show when={visits().length > 0} fallback={<p>{ta("cancelled.none")}</p>}>
          <ul class="x-links g-cancelled">
            <For each={visits().map(({ id }) => id)}>
              {(id) => (
                <Show when={agenda.visits.byId(id)}>{(visit) => <Cancelled visit={visit()} onUndo={() => void undo(visit())} />}</Show>
              )}
            </For>
          </ul>
        </Show>
      </Dialog>
    </>
  );
}

function Cancelled(props: { visit: Appointment; onUndo: () => void }) {
  const agenda = useAgenda();
  const desk = useDesk();
  const at = () => (agenda.view() === "day" ? clock : dateTime)(props.visit.start, agenda.zone());
  return (
    <li class="c-split">
      <div>
        <p>
          <b>{ta("cancelled.visit", { time: capital(at()), name: agenda.nameOf(props.visit) })}</b>
        </p>
        <p>{ta("cancelled.what", { reason: agenda.reasonName(props.visit), doctor: agenda.doctorName(props.visit.doctorId) })}</p>
        <For each={cancelWords(props.visit, agenda.zone())}>{(words) => <p class="s-note">{words}</p>}</For>
      </div>
      <Button variant="secondary" icon="undo" busy={desk.actions.busy() === props.visit.id} onClick={() => props.onUndo()}>
        {ta("cancelled.undo")}
        <span class="sr"> {ta("cancelled.visit", { time: at(), name: agenda.nameOf(props.visit) })}</span>
      </Button>
    </li>
  );
}
