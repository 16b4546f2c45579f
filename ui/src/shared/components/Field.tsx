import { createUniqueId, type JSX, Show, splitProps } from "solid-js";
import { Icon } from "./Icon.tsx";

export interface FieldProps extends Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "style" | "onInput"> {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  /** Something that belongs beside the input, such as "show the password". */
  after?: JSX.Element;
  onInput?: (value: string) => void;
}

/** Label above, hint, error, then the input; both described to assistive technology. */
export function Field(props: FieldProps) {
  const [own, rest] = splitProps(props, ["label", "hint", "error", "after", "onInput", "id", "class"]);
  const made = createUniqueId();
  const id = () => own.id ?? made;
  const described = () => [own.hint ? `${id()}-hint` : "", own.error ? `${id()}-error` : ""].filter(Boolean).join(" ") || undefined;
  return (
    <div class={own.class ? `field ${own.class}` : "field"}>
      <label for={id()}>{own.label}</label>
      <Show when={own.hint}>
        <p class="hint" id={`${id()}-hint`}>
          {own.hint}
        </p>
      </Show>
      <FieldError id={`${id()}-error`} text={own.error} />
      <div class="flex gap-2">
        <input
          {...rest}
          id={id()}
          class="input"
          aria-invalid={own.error ? "true" : undefined}
          aria-describedby={described()}
          onInput={(event) => own.onInput?.(event.currentTarget.value)}
        />
        {own.after}
      </div>
    </div>
  );
}

/** The error sentence of a field, the same words as in the summary. */
export function FieldError(props: { id: string; text?: string | undefined }) {
  return (
    <Show when={props.text}>
      <p class="error" id={props.id}>
        <Icon name="alert" class="mt-0.5" />
        <span>{props.text}</span>
      </p>
    </Show>
  );
}
