import { type JSX, Show } from "solid-js";
import { Icon } from "../../../shared/components/Icon.tsx";
import { t } from "../../i18n/t.ts";

/** A labelled box of the search, with its own "clear". */
export function SearchPart(props: {
  id: string;
  label: string;
  value: string;
  list: string;
  placeholder: string;
  onInput: (value: string) => void;
  children?: JSX.Element;
}) {
  let input: HTMLInputElement | undefined;
  return (
    <div class="part">
      <label for={props.id}>{props.label}</label>
      <div class="row">
        <input
          ref={input}
          id={props.id}
          type="search"
          list={props.list}
          value={props.value}
          placeholder={props.placeholder}
          autocomplete="off"
          onInput={(event) => props.onInput(event.currentTarget.value)}
        />
        <Show when={props.value !== ""}>
          <ClearButton
            label={props.label}
            onClear={() => {
              props.onInput("");
              input?.focus();
            }}
          />
        </Show>
        {props.children}
      </div>
    </div>
  );
}

export function ClearButton(props: { label: string; onClear: () => void }) {
  return (
    <button type="button" class="icb" onClick={props.onClear}>
      <Icon name="close" />
      <span class="sr">{t("search.clear", { field: props.label })}</span>
    </button>
  );
}
