import type { CancelReason } from "@episante/contracts/cancel-reason";
import { createSignal, createUniqueId, onMount, Show } from "solid-js";
import { Choices } from "../components/Choices.tsx";
import { Field } from "../components/Field.tsx";
import { locale } from "../i18n/i18n.ts";
import { tcan } from "./texts.ts";

const other = "other";

/** Asks why a visit is cancelled: one of the clinic's reasons, or own words. What is told is text, in the language on screen. */
export function CancelReasons(props: {
  reasons: readonly CancelReason[];
  /** Who answers, and so who reads it. */
  by: "patient" | "staff";
  onChange: (reason: string | undefined) => void;
  /** Takes the keyboard at once: where it replaces what was pressed. */
  takesFocus?: boolean;
}) {
  const id = createUniqueId();
  const [chosen, setChosen] = createSignal<string>();
  const [text, setText] = createSignal("");
  onMount(() => props.takesFocus && document.getElementById(id)?.focus());
  const options = () => [
    ...props.reasons.map((reason, index) => ({ value: String(index), text: reason[locale()] })),
    { value: other, text: tcan("other") },
  ];
  const tell = () => {
    const reason = chosen() === other ? text().trim() : options().find(({ value }) => value === chosen())?.text;
    props.onChange(reason || undefined);
  };
  return (
    <>
      <Choices
        id={id}
        kind="radio"
        legend={tcan("legend")}
        hint={tcan(`hint.${props.by}`)}
        options={options()}
        chosen={[chosen() ?? ""]}
        onChange={([value]) => {
          setChosen(value);
          tell();
        }}
      />
      <Show when={chosen() === other}>
        <Field
          label={tcan("text")}
          maxLength={300}
          value={text()}
          onInput={(value) => {
            setText(value);
            tell();
          }}
        />
      </Show>
    </>
  );
}
