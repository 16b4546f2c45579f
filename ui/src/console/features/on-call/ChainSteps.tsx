import { createUniqueId, For, Index, Show } from "solid-js";
import { produce } from "solid-js/store";
import { Banner } from "../../../shared/components/Banner.tsx";
import { SeverityMark } from "../../../shared/components/SeverityMark.tsx";
import { toc } from "../../i18n/on-call-texts.ts";
import { levelWord } from "../../lib/words.ts";
import { type Severity, severities } from "./call-plan.ts";
import type { Draft } from "./create-draft.ts";
import { LineButton, LineField, Part, PersonSelect } from "./fields.tsx";
import { moved } from "./on-call-form.ts";
import { reachesNoDoctor } from "./who-opens.ts";

/** For each severity, who is called one after the other. */
export function ChainSteps(props: { draft: Draft }) {
  return (
    <Part title={toc("chain.title")} why={toc("chain.why")}>
      <For each={severities}>{(severity) => <Chain severity={severity} draft={props.draft} />}</For>
    </Part>
  );
}

function Chain(props: { severity: Severity; draft: Draft }) {
  let list: HTMLOListElement | undefined;
  const { severity } = props;
  const steps = () => props.draft.typed.chains[severity];
  const change = (index: number, part: Partial<ReturnType<typeof steps>[number]>) => props.draft.set("chains", severity, index, part);
  const focus = (what: string) => queueMicrotask(() => list?.parentElement?.querySelector<HTMLElement>(what)?.focus());
  function add(): void {
    const last = steps().at(-1);
    const step = last ? { to: "on-call", after: "5", unit: "min" as const } : { to: "on-call", after: "0", unit: "s" as const };
    props.draft.set("chains", severity, steps().length, step);
    focus("li:last-child select");
  }
  function remove(index: number): void {
    props.draft.set(
      "chains",
      severity,
      produce((all) => void all.splice(index, 1)),
    );
    focus(".h-add");
  }
  // Times stay where they are: it is the people who change places.
  function swap(index: number, other: number): void {
    const people = moved(
      steps().map(({ to }) => to),
      index,
      other,
    );
    for (const [at, to] of people.entries()) change(at, { to });
  }
  return (
    <fieldset class="oc-chain">
      <legend>
        <SeverityMark level={severity} size={16} /> {levelWord(severity)}
      </legend>
      <Show when={steps().length === 0}>
        <p class="s-note">{toc(severity === "notice" ? "chain.emptyNotice" : "chain.empty")}</p>
      </Show>
      <Show when={severity === "critical" && reachesNoDoctor(props.draft.typed, props.draft.people())}>
        <Banner tone="warning" live="polite">
          <p>{toc("chain.closed")}</p>
        </Banner>
      </Show>
      <ol class="oc-lines" ref={list}>
        <Index each={steps()}>
          {(step, index) => {
            const name = () => toc("chain.of", { level: levelWord(severity), n: index + 1 });
            const path = `chains.${severity}.${index}`;
            return (
              <li>
                <span class="oc-n" aria-hidden="true">
                  {index + 1}.
                </span>
                <PersonSelect
                  label={`${name()}, ${toc("chain.who")}`}
                  value={step().to}
                  people={props.draft.people()}
                  first={{ value: "on-call", text: toc("chain.onCall") }}
                  error={props.draft.errorAt(`${path}.to`)}
                  onChange={(to) => change(index, { to })}
                />
                <span class="oc-group">
                  <span aria-hidden="true">{toc("chain.after")}</span>
                  <LineField
                    label={`${name()}, ${toc("chain.after")}`}
                    value={step().after}
                    error={props.draft.errorAt(`${path}.afterSeconds`)}
                    onInput={(after) => change(index, { after })}
                  />
                  <Unit label={`${name()}, ${toc("chain.unit")}`} value={step().unit} onChange={(unit) => change(index, { unit })} />
                </span>
                <span class="oc-group">
                  <LineButton
                    icon="up"
                    label={toc("chain.up")}
                    of={name()}
                    unavailable={index === 0}
                    onClick={() => swap(index, index - 1)}
                  />
                  <LineButton
                    icon="down"
                    label={toc("chain.down")}
                    of={name()}
                    unavailable={index === steps().length - 1}
                    onClick={() => swap(index, index + 1)}
                  />
                  <LineButton icon="close" label={toc("remove")} of={name()} onClick={() => remove(index)} />
                </span>
              </li>
            );
          }}
        </Index>
      </ol>
      <button type="button" class="h-add c-link" onClick={add}>
        {toc("chain.add")}
        <span class="sr">, {levelWord(severity)}</span>
      </button>
    </fieldset>
  );
}

function Unit(props: { label: string; value: "s" | "min"; onChange: (unit: "s" | "min") => void }) {
  const id = createUniqueId();
  return (
    <span class="oc-field">
      <label for={id} class="sr">
        {props.label}
      </label>
      <span class="c-select">
        <select id={id} class="input" onChange={(event) => props.onChange(event.currentTarget.value === "s" ? "s" : "min")}>
          <option value="s" selected={props.value === "s"}>
            {toc("chain.s")}
          </option>
          <option value="min" selected={props.value === "min"}>
            {toc("chain.min")}
          </option>
        </select>
      </span>
    </span>
  );
}
