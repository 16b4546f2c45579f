import type { Reason } from "@episante/contracts/doctor";
import { createUniqueId, For, Show } from "solid-js";
import { Field } from "../../../shared/components/Field.tsx";
import { dateShort, dayInstant } from "../../../shared/lib/format.ts";
import { tp } from "../../i18n/practice-texts.ts";
import { reasonWords } from "./create-reasons.ts";
import { faultWords, isTimeFault } from "./HoursSpans.tsx";
import type { HoursLine, LineFault } from "./hours-form.ts";

const rhythms = [1, 2, 3, 4, 5, 6, 7, 8];

/** The rules of one line that most lines leave alone: every so many weeks, from and until when, for which reasons. */
export function WindowRules(props: {
  of: string;
  line: HoursLine;
  fault: LineFault | undefined;
  today: string;
  reasons: readonly Reason[];
  onChange: (part: Partial<HoursLine>) => void;
}) {
  const id = createUniqueId();
  const hasFault = () => props.fault !== undefined && !isTimeFault(props.fault);
  const chosen = () => props.line.reasonIds ?? [];
  const choose = (reasonId: string, isChosen: boolean) =>
    props.onChange({ reasonIds: isChosen ? [...chosen(), reasonId] : chosen().filter((other) => other !== reasonId) });
  return (
    <details class="h-rules" open={hasFault()}>
      <summary>
        {tp("hours.options")}
        <span class="sr">, {props.of}</span>
        <Show when={saidOf(props.line)}>{(said) => <span class="s-note"> : {said()}</span>}</Show>
      </summary>
      <div class="m-fields">
        <div class="field">
          <label for={id}>{tp("hours.everyWeeks")}</label>
          <span class="c-select">
            <select
              id={id}
              class="input"
              value={props.line.everyWeeks ?? 1}
              onChange={(event) => {
                const everyWeeks = Number(event.currentTarget.value);
                props.onChange({ everyWeeks, anchor: props.line.anchor || (everyWeeks > 1 ? props.today : "") });
              }}
            >
              <For each={rhythms}>{(n) => <option value={n}>{tp("hours.weeks", { n })}</option>}</For>
            </select>
          </span>
        </div>
        <Show when={(props.line.everyWeeks ?? 1) > 1}>
          <Field
            label={tp("hours.anchor")}
            type="date"
            value={props.line.anchor ?? ""}
            onInput={(anchor) => props.onChange({ anchor })}
            error={props.fault === "anchor" ? faultWords("anchor") : undefined}
          />
        </Show>
        <Field
          label={tp("hours.validFrom")}
          type="date"
          value={props.line.validFrom ?? ""}
          onInput={(validFrom) => props.onChange({ validFrom })}
        />
        <Field
          label={tp("hours.validTo")}
          type="date"
          value={props.line.validTo ?? ""}
          onInput={(validTo) => props.onChange({ validTo })}
          error={props.fault === "valid" ? faultWords("valid") : undefined}
        />
      </div>
      <Show when={props.reasons.length > 0}>
        <fieldset class="h-for">
          <legend>{tp("hours.reasons")}</legend>
          <p class="s-note">{tp("hours.reasonsWhy")}</p>
          <div class="h-choices">
            <For each={props.reasons}>
              {(reason) => (
                <label class="s-choice">
                  <input
                    type="checkbox"
                    checked={chosen().includes(reason.id)}
                    onChange={(event) => choose(reason.id, event.currentTarget.checked)}
                  />
                  {reasonWords(reason)}
                </label>
              )}
            </For>
          </div>
        </fieldset>
      </Show>
    </details>
  );
}

/** The rules of a line in few words, or undefined when it has none. */
function saidOf({ everyWeeks = 1, validFrom, validTo, reasonIds = [] }: HoursLine): string | undefined {
  const day = (text: string) => dateShort(dayInstant(text), "UTC");
  const said = [
    everyWeeks > 1 ? tp("hours.said.weeks", { n: everyWeeks }) : "",
    validFrom ? tp("hours.said.from", { day: day(validFrom) }) : "",
    validTo ? tp("hours.said.to", { day: day(validTo) }) : "",
    reasonIds.length > 0 ? tp("hours.said.reasons", { n: reasonIds.length }) : "",
  ].filter(Boolean);
  return said.length > 0 ? said.join(", ") : undefined;
}
