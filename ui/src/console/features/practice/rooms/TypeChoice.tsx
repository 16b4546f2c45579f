import { createUniqueId, For } from "solid-js";
import { FieldError } from "../../../../shared/components/Field.tsx";
import { trm } from "../../../i18n/rooms-texts.ts";
import { typeWords } from "../../../lib/resource-types.ts";

/** Which kinds of room or device a visit reason needs: those the clinic has in service, and those it already asks for. */
export function TypeChoice(props: {
  known: readonly string[];
  chosen: readonly string[];
  error: string | undefined;
  onChange: (types: string[]) => void;
}) {
  const id = createUniqueId();
  const offered = () => [...new Set([...props.known, ...props.chosen])].sort();
  const label = (type: string) => (props.known.includes(type) ? typeWords(type) : trm("reason.unknown", { type: typeWords(type) }));
  return (
    <fieldset class="s-group" aria-describedby={props.error ? `${id}-hint ${id}-error` : `${id}-hint`}>
      <legend>{trm("reason.types")}</legend>
      <p class="s-note" id={`${id}-hint`}>
        {trm(offered().length > 0 ? "reason.typesHint" : "reason.none")}
      </p>
      <FieldError id={`${id}-error`} text={props.error} />
      <div class="h-choices">
        <For each={offered()}>
          {(type) => (
            <label class="s-choice">
              <input
                type="checkbox"
                aria-invalid={props.error ? "true" : undefined}
                checked={props.chosen.includes(type)}
                onChange={(event) =>
                  props.onChange(offered().filter((one) => (one === type ? event.currentTarget.checked : props.chosen.includes(one))))
                }
              />
              {label(type)}
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}
