import { createUniqueId, For, Show } from "solid-js";
import { FieldError } from "../../../shared/components/Field.tsx";
import { toc } from "../../i18n/on-call-texts.ts";
import { levelWord } from "../../lib/words.ts";
import type { Draft } from "./create-draft.ts";
import { LineField, Part } from "./fields.tsx";

/** Hours in which what is not critical waits. */
export function QuietHours(props: { draft: Draft }) {
  const id = createUniqueId();
  const quiet = () => props.draft.typed.quiet;
  const faulty = () => props.draft.errorAt("quiet.severities");
  return (
    <Part title={toc("quiet.title")} why={toc("quiet.why")}>
      <label class="s-choice">
        <input
          type="checkbox"
          checked={quiet().isOn}
          onChange={(event) => props.draft.set("quiet", { isOn: event.currentTarget.checked })}
        />
        {toc("quiet.on")}
      </label>
      <Show when={quiet().isOn}>
        <div class="oc-row">
          <LineField
            isLabelled
            label={toc("quiet.from")}
            value={quiet().from}
            error={props.draft.errorAt("quiet.from")}
            onInput={(from) => props.draft.set("quiet", { from })}
          />
          <LineField
            isLabelled
            label={toc("quiet.to")}
            value={quiet().to}
            error={props.draft.errorAt("quiet.to")}
            onInput={(to) => props.draft.set("quiet", { to })}
          />
          <fieldset class="oc-which" aria-describedby={faulty() ? id : undefined}>
            <legend>{toc("quiet.which")}</legend>
            <For each={["warning", "notice"] as const}>
              {(severity) => (
                <label class="s-choice">
                  <input
                    type="checkbox"
                    checked={quiet()[severity]}
                    aria-invalid={faulty() ? "true" : undefined}
                    onChange={(event) => props.draft.set("quiet", { [severity]: event.currentTarget.checked })}
                  />
                  {levelWord(severity)}
                </label>
              )}
            </For>
            <FieldError id={id} text={faulty()} />
          </fieldset>
        </div>
      </Show>
    </Part>
  );
}
