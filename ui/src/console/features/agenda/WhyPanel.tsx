import { whyNot } from "@episante/contracts/appointment";
import * as Popover from "@kobalte/core/popover";
import { createSignal, For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { tc } from "../../../shared/i18n/common.ts";
import { locale } from "../../../shared/i18n/i18n.ts";
import { call } from "../../../shared/lib/call.ts";
import { dateDay, dayInstant } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { AgendaPopover } from "./AgendaPopover.tsx";
import { useAgenda } from "./create-agenda.ts";
import { useDesk } from "./create-desk.ts";
import { wall } from "./day-layout.ts";
import type { Target } from "./move-targets.ts";
import { blockerWords } from "./why-words.ts";

/** Says beside a time why it cannot be booked, for a reason that can be changed. */
export function WhyPanel() {
  const desk = useDesk();
  const opened = () => {
    const now = desk.opened();
    return now?.kind === "why" ? now : undefined;
  };
  return (
    <AgendaPopover open={opened() !== undefined} anchor={opened()?.anchor}>
      <Show when={opened()} keyed>
        {(one) => <Why at={one.at} />}
      </Show>
    </AgendaPopover>
  );
}

function Why(props: { at: Target }) {
  const agenda = useAgenda();
  const desk = useDesk();
  const reasons = () => agenda.doctors.reasonsOf(props.at.doctorId);
  const [chosen, setChosen] = createSignal<string>();
  const reasonId = () => chosen() ?? reasons()[0]?.id;
  const answer = createLoad(
    () => {
      const id = reasonId();
      return id ? { reasonId: id as `rea_${string}`, at: props.at } : undefined;
    },
    ({ reasonId: id, at }, signal) =>
      call(whyNot, {
        query: { doctorId: at.doctorId as `doc_${string}`, reasonId: id, at: `${at.day}T${wall(at.from)}` },
        signal,
      }),
  );
  const doctor = () => agenda.doctorName(props.at.doctorId);
  const time = () => `${dateDay(dayInstant(props.at.day), "UTC")} ${wall(props.at.from)}`;
  const blockers = () => answer.value()?.blockers ?? [];
  const everybody = () => blockers().filter((blocker) => blocker.binds === "everybody");
  const isTaken = () => everybody().length > 0 && everybody().every(({ code }) => ["taken", "buffer"].includes(code));
  return (
    <div class="g-pop-in">
      <div class="g-pop-head">
        <Popover.Title as="h2">{ta(answer.value()?.online ? "why.free" : "why.title", { time: time() })}</Popover.Title>
        <Popover.CloseButton class="c-sq" aria-label={tc("app.close")}>
          <Icon name="close" size={16} />
        </Popover.CloseButton>
      </div>
      <div class="g-why" role="status" aria-busy={answer.pending()}>
        <Show when={answer.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void answer.reload()} />}</Show>
        <Show when={answer.value()}>
          {(known) => (
            <>
              <Show when={known().online}>
                <p>{ta("why.freeText")}</p>
              </Show>
              <Show when={known().staff && !known().online}>
                <p>{ta("why.staff")}</p>
              </Show>
              <ul>
                <For each={blockers()}>
                  {(blocker) => (
                    <li>
                      {blockerWords(blocker, doctor(), known().zone)}
                      <Show when={blocker.binds === "patients" && !known().staff}>{` (${ta("why.patients")})`}</Show>
                    </li>
                  )}
                </For>
              </ul>
            </>
          )}
        </Show>
      </div>
      <Show when={reasons().length > 1}>
        <label class="g-why-reason">
          <span>{ta("why.reason")}</span>
          <span class="c-select">
            <select class="input" onChange={(event) => setChosen(event.currentTarget.value)}>
              <For each={reasons()}>
                {(reason) => (
                  <option value={reason.id} selected={reason.id === reasonId()}>
                    {ta("book.reasonOption", { name: reason.name[locale()], n: reason.minutes })}
                  </option>
                )}
              </For>
            </select>
          </span>
        </label>
      </Show>
      <Show when={answer.value()?.staff || isTaken()}>
        <Button variant="secondary" onClick={() => desk.book({ at: props.at, overbook: isTaken() })}>
          {ta(isTaken() ? "why.extra" : "why.book")}
        </Button>
      </Show>
    </div>
  );
}
