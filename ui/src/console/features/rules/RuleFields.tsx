import type { RuleBody } from "@episante/contracts/rule";
import { signalOf, signals } from "@episante/contracts/signals";
import { createMemo, createUniqueId, For, Show } from "solid-js";
import { Field, FieldError } from "../../../shared/components/Field.tsx";
import { quantity, unit } from "../../../shared/lib/format.ts";
import { tr } from "../../i18n/rule-texts.ts";
import { type Draft, type Faults, isAsked, parseNumber } from "./rule-draft.ts";
import { kindOf, type RuleField, type RuleFieldGroup } from "./rule-kinds.ts";

/** The fields of a rule's kind, in their groups. `unitOf` is the unit of the rule as it stands in the fields. */
export function RuleFields(props: {
  id: string;
  kind: RuleBody["kind"];
  draft: Draft;
  faults: Faults;
  ruleUnit: string;
  exists: boolean;
  onChange: (name: string, value: string) => void;
  onLeave: (name: string) => void;
}) {
  return <For each={kindOf(props.kind).groups}>{(group) => <Group {...props} group={group} />}</For>;
}

type GroupProps = Parameters<typeof RuleFields>[0] & { group: RuleFieldGroup };

function Group(props: GroupProps) {
  const id = createUniqueId();
  const asked = createMemo(() => props.group.fields.filter((field) => isAsked(field, props.draft)));
  return (
    <Show when={asked().length > 0}>
      <fieldset class="r-group" aria-describedby={props.group.hint ? id : undefined}>
        <legend>{tr(props.group.title)}</legend>
        <Show when={props.group.hint}>
          {(hint) => (
            <p class="s-note" id={id}>
              {tr(hint())}
            </p>
          )}
        </Show>
        <div class="r-fields">
          <For each={asked()}>
            {(field) => (
              <Show when={field.type === "choice"} fallback={<Typed {...props} field={field} />}>
                <Chosen {...props} field={field} />
              </Show>
            )}
          </For>
        </div>
      </fieldset>
    </Show>
  );
}

type OneProps = GroupProps & { field: RuleField };

/** The id of a field's input, for the summary of errors. */
export const fieldId = (form: string, name: string) => `${form}-${name.replaceAll(".", "-")}`;

function labelOf({ field, ruleUnit }: OneProps): string {
  const label = tr(field.label);
  if (field.unit === "percent" || field.unit === "whole-percent") return tr("unit.named", { label, unit: "%" });
  const word = unit(ruleUnit);
  if (field.unit === undefined || word === "") return label;
  return tr("unit.named", { label, unit: field.unit === "per-minute" ? tr("unit.perMinute", { unit: word }) : word });
}

function Typed(props: OneProps) {
  return (
    <Field
      id={fieldId(props.id, props.field.name)}
      label={labelOf(props)}
      {...(props.field.hint ? { hint: tr(props.field.hint) } : {})}
      // A sign or a unit may have to be typed: on a phone the numeric keys alone would not do.
      inputmode={props.field.type === "number" && props.field.unit !== "per-minute" ? "decimal" : "text"}
      autocomplete="off"
      value={props.draft[props.field.name] ?? ""}
      error={props.faults[props.field.name] ?? gateNote(props)}
      onInput={(value) => props.onChange(props.field.name, value)}
      onBlur={() => props.onLeave(props.field.name)}
    />
  );
}

/** A limit where no reading is ever judged would make a rule that looks awake and is not. */
function gateNote({ field, draft, ruleUnit }: OneProps): string | undefined {
  const signal = signalOf(draft.code ?? "");
  const value = parseNumber(draft[field.name] ?? "");
  if (field.unit !== "signal" || !signal || value === undefined || signals[signal].unit !== ruleUnit) return undefined;
  const { min, max } = signals[signal];
  if (value >= min && value <= max) return undefined;
  return tr("note.gate", { low: quantity(min, ruleUnit), high: quantity(max, ruleUnit) });
}

function Chosen(props: OneProps) {
  const id = () => fieldId(props.id, props.field.name);
  const error = () => props.faults[props.field.name];
  return (
    <div class="field">
      <label for={id()}>{tr(props.field.label)}</label>
      <Show when={props.field.hint}>
        {(hint) => (
          <p class="hint" id={`${id()}-hint`}>
            {tr(hint())}
          </p>
        )}
      </Show>
      <FieldError id={`${id()}-error`} text={error()} />
      <Show
        when={!(props.field.fixed && props.exists)}
        fallback={<output id={id()}>{chosenText(props.field, props.draft[props.field.name])}</output>}
      >
        <span class="c-select">
          <select
            id={id()}
            class="input"
            value={props.draft[props.field.name]}
            aria-invalid={error() ? "true" : undefined}
            aria-describedby={
              [props.field.hint ? `${id()}-hint` : "", error() ? `${id()}-error` : ""].filter(Boolean).join(" ") || undefined
            }
            onChange={(event) => props.onChange(props.field.name, event.currentTarget.value)}
          >
            <For each={props.field.options}>{(option) => <option value={option.value}>{option.text()}</option>}</For>
          </select>
        </span>
      </Show>
    </div>
  );
}

/** A code of another LOINC number than the offered one still names its signal. */
function chosenText(field: RuleField, value: string | undefined): string {
  const signal = signalOf(value ?? "");
  const same = field.options?.find((option) => option.value === value || (signal !== undefined && signalOf(option.value) === signal));
  return same?.text() ?? value ?? "";
}
