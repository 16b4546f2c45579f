import { For, onMount, Show } from "solid-js";
import { Banner } from "../../../shared/components/Banner.tsx";
import { dateDay, dateShort, time } from "../../../shared/lib/format.ts";
import { t } from "../../i18n/t.ts";

/** The loser of a race sees three free times at once; choosing one goes on from there. */
export function SlotTaken(props: { alternatives: readonly string[]; zone: string; onChoose: (start: string) => void; busy?: boolean }) {
  let box: HTMLDivElement | undefined;
  onMount(() => box?.focus());
  return (
    <div ref={box} tabindex="-1" data-testid="slot-taken" class="my-4">
      <Banner tone="warning" live="polite">
        <p class="font-semibold">{t(props.alternatives.length > 0 ? "slot.taken" : "slot.takenNoOther")}</p>
        <Show when={props.alternatives.length > 0}>
          <div class="grid gap-2 mt-3 grid-cols-[repeat(auto-fit,minmax(min(9rem,100%),1fr))]">
            <For each={props.alternatives}>
              {(start) => (
                <button
                  type="button"
                  class="slot"
                  aria-disabled={props.busy ? "true" : undefined}
                  onClick={() => !props.busy && props.onChoose(start)}
                >
                  <span>
                    <span class="sr">{`${dateDay(start, props.zone)}, `}</span>
                    <span aria-hidden="true" class="small font-normal block">
                      {dateShort(start, props.zone)}
                    </span>
                    {time(start, props.zone)}
                  </span>
                </button>
              )}
            </For>
          </div>
        </Show>
      </Banner>
    </div>
  );
}
