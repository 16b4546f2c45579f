import { Index, Show } from "solid-js";
import { produce } from "solid-js/store";
import { Button } from "../../../shared/components/Button.tsx";
import { toc } from "../../i18n/on-call-texts.ts";
import type { Draft } from "./create-draft.ts";
import { LineButton, LineField, Part, PersonSelect } from "./fields.tsx";

/** What replaces the usual week for a while: from a date and time to another, somebody. */
export function RotaExceptions(props: { draft: Draft; today: string }) {
  let list: HTMLUListElement | undefined;
  const lines = () => props.draft.typed.exceptions;
  const change = (index: number, part: Partial<ReturnType<typeof lines>[number]>) => props.draft.set("exceptions", index, part);
  function add(): void {
    props.draft.set("exceptions", lines().length, { fromDay: props.today, from: "08:00", toDay: props.today, to: "20:00", accountId: "" });
    queueMicrotask(() => list?.querySelector<HTMLElement>("li:last-child input")?.focus());
  }
  return (
    <Part title={toc("swap.title")} why={toc("swap.why")}>
      <Show when={lines().length === 0}>
        <p>{toc("swap.none")}</p>
      </Show>
      <ul class="oc-lines" ref={list}>
        <Index each={lines()}>
          {(line, index) => {
            const name = () => toc("swap.of", { n: index + 1 });
            const path = `rota.exceptions.${index}`;
            const label = (key: "swap.fromDay" | "swap.from" | "swap.toDay" | "swap.to") => `${name()}, ${toc(key)}`;
            return (
              <li>
                <span class="oc-group">
                  <span aria-hidden="true">{toc("swap.fromDay")}</span>
                  <LineField
                    type="date"
                    label={label("swap.fromDay")}
                    value={line().fromDay}
                    error={undefined}
                    onInput={(fromDay) => change(index, { fromDay })}
                  />
                  <LineField
                    label={label("swap.from")}
                    value={line().from}
                    error={props.draft.errorAt(`${path}.from`)}
                    onInput={(from) => change(index, { from })}
                  />
                </span>
                <span class="oc-group">
                  <span aria-hidden="true">{toc("swap.toDay")}</span>
                  <LineField
                    type="date"
                    label={label("swap.toDay")}
                    value={line().toDay}
                    error={undefined}
                    onInput={(toDay) => change(index, { toDay })}
                  />
                  <LineField
                    label={label("swap.to")}
                    value={line().to}
                    error={props.draft.errorAt(`${path}.to`)}
                    onInput={(to) => change(index, { to })}
                  />
                </span>
                <PersonSelect
                  label={toc("person.of", { what: name() })}
                  value={line().accountId}
                  people={props.draft.people()}
                  error={props.draft.errorAt(`${path}.accountId`)}
                  onChange={(accountId) => change(index, { accountId })}
                />
                <LineButton
                  icon="close"
                  label={toc("remove")}
                  of={name()}
                  onClick={() =>
                    props.draft.set(
                      "exceptions",
                      produce((all) => void all.splice(index, 1)),
                    )
                  }
                />
              </li>
            );
          }}
        </Index>
      </ul>
      <Button variant="secondary" icon="plus" onClick={add}>
        {toc("swap.add")}
      </Button>
    </Part>
  );
}
