import { suggestDoctors } from "@episante/contracts/doctor";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { createEffect, createSignal, For, on, onCleanup, Show } from "solid-js";
import { Icon } from "../../../shared/components/Icon.tsx";
import { announce } from "../../../shared/components/LiveRegion.tsx";
import { locale } from "../../../shared/i18n/i18n.ts";
import { call } from "../../../shared/lib/call.ts";
import { t } from "../../i18n/t.ts";
import { doctorName } from "../directory.ts";
import { ClearButton } from "./SearchPart.tsx";

export type Suggestion = AnswerOf<typeof suggestDoctors>["items"][number];
const pauseMs = 200;

const icons = { specialty: "heart", reason: "calendar", doctor: "user" } as const;

/** The words of a suggestion, as they are put into the box. */
export function suggestionText(suggestion: Suggestion): string {
  if (suggestion.kind === "specialty") return t(`specialty.${suggestion.specialty}`);
  return suggestion.kind === "reason" ? suggestion.name[locale()] : doctorName(suggestion);
}

/**
 * Who or what is looked for, with suggestions while typing (ARIA combobox with a list box): arrows choose, Enter takes, Escape closes.
 * Without a choice Enter searches for what was typed.
 */
export function WhoBox(props: { value: string; onInput: (value: string) => void; onChoose: (suggestion: Suggestion) => void }) {
  const [items, setItems] = createSignal<readonly Suggestion[]>([]);
  const [open, setOpen] = createSignal(false);
  const [active, setActive] = createSignal(-1);
  let input: HTMLInputElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked: AbortController | undefined;
  const stop = () => {
    clearTimeout(timer);
    asked?.abort();
  };
  onCleanup(stop);
  const shows = () => open() && items().length > 0;
  const close = () => {
    stop();
    setOpen(false);
    setActive(-1);
  };
  async function suggest(q: string): Promise<void> {
    const mine = new AbortController();
    asked = mine;
    const result = await call(suggestDoctors, { query: { q }, signal: mine.signal });
    // Suggestions only help: without them the search goes on.
    if (mine.signal.aborted || !result.ok) return;
    setActive(-1);
    setItems(result.value.items);
    setOpen(true);
  }
  function type(value: string): void {
    props.onInput(value);
    stop();
    const q = value.trim().slice(0, 80);
    if (q.length < 2) close();
    else timer = setTimeout(() => void suggest(q), pauseMs);
  }
  function choose(suggestion: Suggestion): void {
    close();
    props.onChoose(suggestion);
    input?.focus();
  }
  function onKeyDown(event: KeyboardEvent): void {
    const count = items().length;
    const chosen = items()[active()];
    if (event.key === "Escape" && shows()) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter") {
      if (shows() && chosen) {
        event.preventDefault();
        choose(chosen);
      } else close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count > 0) {
      event.preventDefault();
      // One step past either end leads back to what was typed.
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (shows()) setActive(((active() + 1 + step + count + 1) % (count + 1)) - 1);
      else setOpen(true);
    }
  }
  createEffect(on(shows, (isShown) => isShown && announce(t("search.suggested", { n: items().length })), { defer: true }));
  return (
    <div class="part suggesting">
      <label for="who">{t("search.who")}</label>
      <div class="row">
        <input
          ref={input}
          id="who"
          type="search"
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={shows()}
          aria-controls="who-list"
          aria-activedescendant={shows() && active() >= 0 ? `who-${active()}` : undefined}
          value={props.value}
          placeholder={t("search.whoExample")}
          autocomplete="off"
          maxlength="80"
          onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onBlur={close}
        />
        <Show when={props.value !== ""}>
          <ClearButton
            label={t("search.who")}
            onClear={() => {
              type("");
              input?.focus();
            }}
          />
        </Show>
      </div>
      <div id="who-list" class="suggestions" role="listbox" aria-label={t("search.suggestions")} hidden={!shows()}>
        <For each={items()}>
          {(suggestion, index) => (
            // The focus stays in the box: a press must not take it away before the click arrives.
            // biome-ignore lint/a11y/useKeyWithClickEvents: the box has the focus and handles the keys, as the combobox pattern asks
            <div
              tabIndex={-1}
              id={`who-${index()}`}
              role="option"
              aria-selected={active() === index()}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => choose(suggestion)}
            >
              <Icon name={icons[suggestion.kind]} />
              <span>
                <b>{suggestionText(suggestion)}</b>
                <span class="muted small">
                  {suggestion.kind === "doctor" ? t(`specialty.${suggestion.specialty}`) : t(`search.kind.${suggestion.kind}`)}
                </span>
              </span>
            </div>
          )}
        </For>
      </div>
    </div>
  );
}
