import type { OnCall } from "@episante/contracts/on-call";
import { createUniqueId, For, type JSX, Show } from "solid-js";
import { FieldError } from "../../../shared/components/Field.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { toc } from "../../i18n/on-call-texts.ts";
import { nameOf } from "./on-call-words.ts";
import { opensNothing } from "./who-opens.ts";

/** A short field of a line: a time, a date or a number. Its label is read out, or shown above with `isLabelled`. */
export function LineField(props: {
  label: string;
  value: string;
  error: string | undefined;
  onInput: (value: string) => void;
  type?: "text" | "date";
  isLabelled?: boolean;
}) {
  const id = createUniqueId();
  return (
    <span class="oc-field">
      <label for={id} class={props.isLabelled ? "oc-label" : "sr"}>
        {props.label}
      </label>
      <input
        id={id}
        class="input"
        classList={{ "h-time": props.type !== "date" }}
        type={props.type ?? "text"}
        inputmode={props.type === "date" ? undefined : "numeric"}
        autocomplete="off"
        value={props.value}
        aria-invalid={props.error ? "true" : undefined}
        aria-describedby={props.error ? `${id}-error` : undefined}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <FieldError id={`${id}-error`} text={props.error} />
    </span>
  );
}

/** Chooses a member of the clinic, and says who cannot open alerts; with `first`, something else before them. Somebody who is no member any more stays named until changed. */
export function PersonSelect(props: {
  label: string;
  value: string;
  people: OnCall["people"];
  error: string | undefined;
  onChange: (accountId: string) => void;
  first?: { value: string; text: string };
  isLabelled?: boolean;
}) {
  const id = createUniqueId();
  const isClosed = () => opensNothing(props.people, props.value);
  const described = () => [props.error ? `${id}-error` : "", isClosed() ? `${id}-hint` : ""].filter(Boolean).join(" ") || undefined;
  const isStranger = () =>
    props.value !== "" && props.value !== props.first?.value && !props.people.some(({ accountId }) => accountId === props.value);
  return (
    <span class="oc-field">
      <label for={id} class={props.isLabelled ? "oc-label" : "sr"}>
        {props.label}
      </label>
      <span class="c-select">
        <select
          id={id}
          class="input"
          aria-invalid={props.error ? "true" : undefined}
          aria-describedby={described()}
          onChange={(event) => props.onChange(event.currentTarget.value)}
        >
          <option value="" selected={props.value === ""} disabled>
            {toc("person.choose")}
          </option>
          <Show when={props.first}>
            {(first) => (
              <option value={first().value} selected={props.value === first().value}>
                {first().text}
              </option>
            )}
          </Show>
          <Show when={isStranger()}>
            <option value={props.value} selected>
              {toc("person.unnamed")}
            </option>
          </Show>
          <For each={props.people}>
            {({ accountId }) => (
              <option value={accountId} selected={props.value === accountId}>
                {nameOf(props.people, accountId)}
              </option>
            )}
          </For>
        </select>
      </span>
      <Show when={isClosed()}>
        <span id={`${id}-hint`} class="s-note">
          {toc("person.closed")}
        </span>
      </Show>
      <FieldError id={`${id}-error`} text={props.error} />
    </span>
  );
}

/** A square button with an icon. @param of what it acts on, read out */
export function LineButton(props: {
  icon: "close" | "up" | "down";
  label: string;
  of: string;
  onClick: () => void;
  unavailable?: boolean;
}) {
  return (
    <button
      type="button"
      class="c-sq"
      aria-disabled={props.unavailable ? "true" : undefined}
      onClick={() => props.unavailable || props.onClick()}
    >
      <Icon name={props.icon} size={16} />
      <span class="sr">
        {props.label}, {props.of}
      </span>
    </button>
  );
}

/** A part of the page: its title, a sentence why, then its fields. */
export function Part(props: { title: string; why: string; children: JSX.Element }) {
  const id = createUniqueId();
  return (
    <section class="c-card oc-part" aria-labelledby={id}>
      <h2 id={id}>{props.title}</h2>
      <p class="s-note">{props.why}</p>
      {props.children}
    </section>
  );
}
