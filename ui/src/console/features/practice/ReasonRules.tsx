import { createUniqueId, For } from "solid-js";
import { Field } from "../../../shared/components/Field.tsx";
import { t } from "../../i18n/text.ts";
import { faultOf, hasRuleFault, type Line, ranges, ruleNumbers } from "./reason-form.ts";
import { TypeChoice } from "./rooms/TypeChoice.tsx";

const visitors = ["all", "new", "known"] as const;
const modes = ["in-person", "video"] as const;
const texts = ["instructionsFr", "instructionsEn", "bringFr", "bringEn"] as const;

/** The rules of a visit reason that most reasons leave alone; opened by the doctor, or by a fault inside. */
export function ReasonRules(props: { line: Line; types: readonly string[]; faulty: boolean; onChange: (part: Partial<Line>) => void }) {
  const ids = { visitors: createUniqueId(), mode: createUniqueId() };
  const error = (key: keyof Line) => {
    const fault = props.faulty ? faultOf(props.line, key) : undefined;
    if (!fault || fault === "name") return undefined;
    if (fault !== "range") return t(`practice.fault.${fault}`);
    const [from, to] = ranges[key as keyof typeof ranges];
    return t("practice.between", { from, to });
  };
  return (
    <details class="h-rules" open={props.faulty && hasRuleFault(props.line)}>
      <summary>{t("practice.rules")}</summary>
      <p class="s-note">{t("practice.rulesWhy")}</p>
      <div class="m-fields">
        <div class="field">
          <label for={ids.visitors}>{t("practice.visitors")}</label>
          <select
            id={ids.visitors}
            class="input"
            value={props.line.visitors}
            onChange={(event) => props.onChange({ visitors: visitors.find((one) => one === event.currentTarget.value) ?? "all" })}
          >
            <For each={visitors}>{(one) => <option value={one}>{t(`practice.visitors.${one}`)}</option>}</For>
          </select>
        </div>
        <div class="field">
          <label for={ids.mode}>{t("practice.mode")}</label>
          <select
            id={ids.mode}
            class="input"
            value={props.line.mode}
            onChange={(event) => props.onChange({ mode: modes.find((one) => one === event.currentTarget.value) ?? "in-person" })}
          >
            <For each={modes}>{(one) => <option value={one}>{t(`practice.mode.${one}`)}</option>}</For>
          </select>
        </div>
        <For each={ruleNumbers}>
          {(key) => (
            <Field
              label={t(`practice.${key}`)}
              inputmode="numeric"
              value={props.line[key]}
              onInput={(text) => props.onChange({ [key]: text })}
              error={error(key)}
            />
          )}
        </For>
        <For each={texts}>
          {(key) => (
            <Field
              label={t(`practice.${key}`)}
              maxlength="600"
              value={props.line[key]}
              onInput={(text) => props.onChange({ [key]: text })}
              error={error(key)}
            />
          )}
        </For>
      </div>
      <TypeChoice
        known={props.types}
        chosen={props.line.resourceTypes}
        error={error("resourceTypes")}
        onChange={(resourceTypes) => props.onChange({ resourceTypes })}
      />
    </details>
  );
}
