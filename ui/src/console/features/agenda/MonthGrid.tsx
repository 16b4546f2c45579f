import { For, Show } from "solid-js";
import { dateDay, dayInstant, dayNumber, weekdayShort } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { useAgenda } from "./create-agenda.ts";
import { freeWord } from "./WeekGrid.tsx";

/** A month at a glance: per day and doctor how much is booked and free. A day opens. */
export function MonthGrid() {
  const agenda = useAgenda();
  const weeks = () => Array.from({ length: agenda.days().length / 7 }, (_, index) => agenda.days().slice(index * 7, index * 7 + 7));
  return (
    <section class="g-month" aria-label={ta("title")} tabindex="-1">
      <table>
        <thead>
          <tr>
            <For each={agenda.days().slice(0, 7)}>{(day) => <th scope="col">{weekdayShort(dayInstant(day), "UTC")}</th>}</For>
          </tr>
        </thead>
        <tbody>
          <For each={weeks()}>
            {(week) => (
              <tr>
                <For each={week}>{(day) => <Day day={day} />}</For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  );
}

function Day(props: { day: string }) {
  const agenda = useAgenda();
  const isOther = () => props.day.slice(0, 7) !== agenda.date().slice(0, 7);
  return (
    <td data-other={isOther() ? "" : undefined} data-today={props.day === agenda.today() ? "" : undefined}>
      <button type="button" onClick={() => agenda.show({ view: "day", date: props.day })}>
        <span class="sr">{dateDay(dayInstant(props.day), "UTC")}</span>
        <b aria-hidden="true">{dayNumber(dayInstant(props.day), "UTC")}</b>
        <For each={agenda.doctors.chosen()}>
          {(doctor) => {
            const count = () => agenda.visitsOf(props.day, doctor.id).length;
            return (
              <span class="g-month-line" data-tone={doctor.tone}>
                <b aria-hidden="true">{doctor.initials}</b>
                <span class="sr">{doctor.name}</span>
                <Show when={count() > 0}>
                  <span>{ta("visits", { n: count() })}</span>
                </Show>
                <em>{freeWord(agenda, props.day, doctor)}</em>
              </span>
            );
          }}
        </For>
      </button>
    </td>
  );
}
