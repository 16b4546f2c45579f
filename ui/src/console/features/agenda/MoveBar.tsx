import { createEffect, createSignal, For, on, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ta } from "../../i18n/agenda-texts.ts";
import { useAgenda } from "./create-agenda.ts";
import { useDesk } from "./create-desk.ts";

/** Where a visit being moved would go, what stands in the way, and what else there is. Has the keyboard while it moves. */
export function MoveBar() {
  const desk = useDesk();
  return <Show when={desk.move.moving()?.visit.id}>{(_) => <Bar />}</Show>;
}

function Bar() {
  const agenda = useAgenda();
  const desk = useDesk();
  const [reason, setReason] = createSignal("");
  const [fault, setFault] = createSignal<string>();
  const { move } = desk;
  let bar: HTMLDivElement | undefined;
  createEffect(on(move.moving, (now) => now && !now.refusal && bar?.focus({ preventScroll: true })));

  function press(event: KeyboardEvent): void {
    const control = event.target instanceof Element && event.target.closest("input, button");
    // Within a control Enter is its own; Escape always ends the move.
    if (control && event.key !== "Escape") return;
    if (move.press(event)) event.preventDefault();
  }
  function overbook(): void {
    if (reason().trim() === "") {
      setFault(ta("extra.needed"));
      return;
    }
    setFault(undefined);
    void move.drop(reason().trim());
  }
  return (
    <Show when={move.moving()}>
      {(now) => (
        <div
          class="g-move"
          role="group"
          aria-label={ta("move.title", { name: agenda.nameOf(now().visit) })}
          ref={bar}
          tabindex="-1"
          on:keydown={press}
        >
          <p>
            <b>{ta("move.title", { name: agenda.nameOf(now().visit) })}</b>
            <span>{move.textOf(now().target)}</span>
            <Show when={move.verdict()}>
              {(verdict) => (
                <span class="g-verdict" data-verdict={verdict().kind}>
                  {move.words(verdict(), now().target)}
                </span>
              )}
            </Show>
          </p>
          <Show when={now().refusal}>
            {(refusal) => (
              <div class="g-refused">
                <p class="g-refusal">{refusal().text}</p>
                <Show when={refusal().others.length > 0}>
                  <p>{ta("move.near")}</p>
                  <div class="g-others">
                    <For each={refusal().others}>
                      {(other) => (
                        <Button
                          variant="secondary"
                          onClick={() => {
                            move.aim(other);
                            void move.drop();
                          }}
                        >
                          {move.textOf(other)}
                        </Button>
                      )}
                    </For>
                  </div>
                </Show>
                <Show when={refusal().mayOverbook}>
                  <Field label={ta("extra.reason")} maxLength={200} value={reason()} onInput={setReason} error={fault()} />
                  <Button variant="secondary" busy={move.busy()} onClick={overbook}>
                    {ta("move.extra")}
                  </Button>
                </Show>
              </div>
            )}
          </Show>
          <div class="g-move-acts">
            <Button busy={move.busy()} onClick={() => void move.drop()}>
              {ta("move.drop")} <kbd>↵</kbd>
            </Button>
            <Button
              variant="secondary"
              onClick={() => {
                move.stop();
                desk.focus();
              }}
            >
              {ta("move.cancel")} <kbd>Esc</kbd>
            </Button>
            <small>{ta("move.hint")}</small>
          </div>
        </div>
      )}
    </Show>
  );
}
