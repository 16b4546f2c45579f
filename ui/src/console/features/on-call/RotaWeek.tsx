import { For, Index, Show } from "solid-js";
import { produce } from "solid-js/store";
import { toc } from "../../i18n/on-call-texts.ts";
import { readTime } from "../practice/hours-form.ts";
import type { Draft } from "./create-draft.ts";
import { LineButton, LineField, Part, PersonSelect } from "./fields.tsx";
import { weekdayWord } from "./on-call-words.ts";
import { passesMidnight } from "./rota.ts";

const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

/** The usual week: a row for each day, its turns in it. */
export function RotaWeek(props: { draft: Draft }) {
  let week: HTMLDivElement | undefined;
  const lines = () => props.draft.typed.weekly;
  const change = (index: number, part: Partial<ReturnType<typeof lines>[number]>) => props.draft.set("weekly", index, part);
  const focus = (day: number, what: string) =>
    queueMicrotask(() => week?.querySelector<HTMLElement>(`[data-day="${day}"] ${what}`)?.focus());
  function add(day: number): void {
    const last = lines().at(-1);
    const turn = { day, from: last?.from ?? "20:00", to: last?.to ?? "08:00", accountId: last?.accountId ?? "" };
    props.draft.set("weekly", lines().length, turn);
    focus(day, "li:last-child input");
  }
  function remove(index: number, day: number): void {
    props.draft.set(
      "weekly",
      produce((all) => void all.splice(index, 1)),
    );
    focus(day, ".h-add");
  }
  const isOvernight = ({ from, to }: { from: string; to: string }) => {
    const [start, end] = [readTime(from), readTime(to)];
    return start !== undefined && end !== undefined && end !== "24:00" && passesMidnight(start, end);
  };
  return (
    <Part title={toc("week.title")} why={toc("week.why")}>
      <div class="h-week oc-week" ref={week}>
        <For each={weekdays}>
          {(day) => (
            <fieldset data-day={day}>
              <legend>{weekdayWord(day)}</legend>
              <ul>
                <Show when={!lines().some((line) => line.day === day)}>
                  <li class="s-note">{toc("week.none")}</li>
                </Show>
                <Index each={lines()}>
                  {(line, index) => (
                    <Show when={line().day === day}>
                      <li>
                        <LineField
                          label={`${weekdayWord(day)}, ${toc("quiet.from")}`}
                          value={line().from}
                          error={props.draft.errorAt(`rota.weekly.${index}.from`)}
                          onInput={(from) => change(index, { from })}
                        />
                        <span aria-hidden="true">–</span>
                        <LineField
                          label={`${weekdayWord(day)}, ${toc("quiet.to")}`}
                          value={line().to}
                          error={props.draft.errorAt(`rota.weekly.${index}.to`)}
                          onInput={(to) => change(index, { to })}
                        />
                        <Show when={isOvernight(line())}>
                          <span class="s-note">{toc("week.nextDay")}</span>
                        </Show>
                        <PersonSelect
                          label={toc("person.of", { what: `${weekdayWord(day)} ${line().from}–${line().to}` })}
                          value={line().accountId}
                          people={props.draft.people()}
                          error={props.draft.errorAt(`rota.weekly.${index}.accountId`)}
                          onChange={(accountId) => change(index, { accountId })}
                        />
                        <LineButton
                          icon="close"
                          label={toc("remove")}
                          of={`${weekdayWord(day)} ${line().from}–${line().to}`}
                          onClick={() => remove(index, day)}
                        />
                      </li>
                    </Show>
                  )}
                </Index>
              </ul>
              <button type="button" class="h-add c-link" onClick={() => add(day)}>
                {toc("week.add")}
                <span class="sr">, {weekdayWord(day)}</span>
              </button>
            </fieldset>
          )}
        </For>
      </div>
    </Part>
  );
}
