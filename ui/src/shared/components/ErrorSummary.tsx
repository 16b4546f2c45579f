import { createEffect, For, on, Show } from "solid-js";
import { tc } from "../i18n/common.ts";

export interface FormError {
  /** Id of the input the error belongs to. */
  id: string;
  text: string;
}

/** The URL keeps no `#field`: going back must leave the form, not step through its errors. */
function focusField(event: MouseEvent, id: string): void {
  event.preventDefault();
  document.getElementById(id)?.focus();
}

/** What is left to correct, on top of a form. Takes focus each time `attempt` grows while there are errors. */
export function ErrorSummary(props: { errors: readonly FormError[]; attempt: number }) {
  let box: HTMLDivElement | undefined;
  createEffect(
    on(
      () => props.attempt,
      (attempt) => {
        if (attempt > 0 && props.errors.length > 0) queueMicrotask(() => box?.focus());
      },
    ),
  );
  return (
    <Show when={props.errors.length > 0}>
      <div class="summary" ref={box} tabindex="-1" role="group" aria-labelledby="form-summary">
        <h2 id="form-summary" class="font-bold text-20">
          {tc("form.summary", { n: props.errors.length })}
        </h2>
        <ul class="mt-2">
          <For each={props.errors}>
            {(error) => (
              <li>
                <a href={`#${error.id}`} target="_self" onClick={(event) => focusField(event, error.id)}>
                  {error.text}
                </a>
              </li>
            )}
          </For>
        </ul>
      </div>
    </Show>
  );
}
