import { For, Show } from "solid-js";
import { FieldError } from "./Field.tsx";

/** One or several answers to one question, as large rows. The first one carries the question's id, for the summary of errors. */
export function Choices<T extends string>(props: {
  id: string;
  legend: string;
  hint?: string;
  kind: "radio" | "checkbox";
  options: readonly { value: T; text: string; hint?: string }[];
  chosen: readonly T[];
  onChange: (chosen: T[]) => void;
  error?: string | undefined;
  /** Answers of one word: several side by side on a phone too. */
  short?: boolean;
}) {
  const toggle = (value: T, on: boolean) => {
    if (props.kind === "radio") return props.onChange([value]);
    return props.onChange(props.options.map((option) => option.value).filter((one) => (one === value ? on : props.chosen.includes(one))));
  };
  const described = () => [props.hint ? `${props.id}-hint` : "", props.error ? `${props.id}-error` : ""].filter(Boolean).join(" ");
  return (
    <fieldset class="field" aria-describedby={described() || undefined}>
      <legend class="legend">{props.legend}</legend>
      <Show when={props.hint}>
        <p class="hint" id={`${props.id}-hint`}>
          {props.hint}
        </p>
      </Show>
      <FieldError id={`${props.id}-error`} text={props.error} />
      <div class="seg" data-short={props.short ? "" : undefined}>
        <For each={props.options}>
          {(option, index) => (
            <label class="opt">
              <input
                id={index() === 0 ? props.id : undefined}
                type={props.kind}
                name={props.id}
                value={option.value}
                checked={props.chosen.includes(option.value)}
                onChange={(event) => toggle(option.value, event.currentTarget.checked)}
              />
              <span>
                {option.text}
                <Show when={option.hint}>
                  <span class="block small muted">{option.hint}</span>
                </Show>
              </span>
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}
