import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js";
import { clock, dateDay, dayInstant, dayNumber, weekdayShort } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import type { AgendaDoctor } from "./agenda-doctors.ts";
import { useAgenda } from "./create-agenda.ts";
import { useDesk } from "./create-desk.ts";
import { minutesInto, pxPerMinute, wall } from "./day-layout.ts";
import { LaneColumn } from "./LaneColumn.tsx";

/** Days side by side, and in each of them the doctors' lanes. */
export function WeekGrid() {
  const agenda = useAgenda();
  const desk = useDesk();
  const [grid, setGrid] = createSignal<HTMLElement>();
  const lanes = () => agenda.doctors.chosen().length;
  const nowTop = createMemo(() => {
    const { from, minutes } = agenda.hours();
    const at = minutesInto(new Date(agenda.minute()).toISOString(), agenda.zone()) - from;
    return agenda.days().includes(agenda.today()) && at >= 0 && at <= minutes ? at * pxPerMinute : undefined;
  });
  // Opened on today: the present is in view.
  createEffect(
    on([agenda.visits.isLoaded, agenda.first, grid], ([ready, , place]) => {
      const top = nowTop();
      if (ready && place && top !== undefined) place.scrollTop = Math.max(0, top - place.clientHeight / 2);
    }),
  );
  const columns = () => {
    const least = agenda.view() === "day" ? 104 : Math.max(64, 132 / lanes());
    return `56px repeat(${agenda.days().length * lanes()}, minmax(${least}px, 1fr))`;
  };
  return (
    <section
      ref={setGrid}
      class="g-cal"
      aria-label={ta("title")}
      aria-busy={agenda.visits.pending() && !agenda.visits.isLoaded()}
      style={{ "grid-template-columns": columns() }}
      on:keydown={(event) => desk.keydown(event)}
      onFocusOut={(event) => desk.left(event.relatedTarget)}
    >
      <div class="g-head g-corner" />
      <For each={agenda.days()}>
        {(day) => (
          <div class="g-head g-day-head" data-today={day === agenda.today() ? "" : undefined} style={{ "grid-column": `span ${lanes()}` }}>
            {weekdayShort(dayInstant(day), "UTC")} <b>{dayNumber(dayInstant(day), "UTC")}</b>
            <Show when={day === agenda.today()}>
              <em>{ta("today").toLocaleLowerCase()}</em>
            </Show>
          </div>
        )}
      </For>
      <div class="g-head g-head-2 g-corner" />
      <For each={agenda.days()}>
        {(day) => (
          <For each={agenda.doctors.chosen()}>
            {(doctor, index) => (
              <div class="g-head g-head-2 g-lane-head" data-tone={doctor.tone} data-first={index() === 0 ? "" : undefined}>
                <b aria-hidden="true">{doctor.initials}</b>
                <span>{doctor.surname}</span>
                <em>{laneWord(day, doctor)}</em>
              </div>
            )}
          </For>
        )}
      </For>
      <div class="g-hours" style={{ height: `${agenda.hours().minutes * pxPerMinute}px` }} aria-hidden="true">
        <For each={Array.from({ length: Math.max(0, agenda.hours().minutes / 60 - 1) }, (_, index) => index + 1)}>
          {(hour) => <time style={{ top: `${hour * 60 * pxPerMinute}px` }}>{wall(agenda.hours().from + hour * 60)}</time>}
        </For>
        <Show when={nowTop()}>
          {(top) => (
            <b class="g-clock" style={{ top: `${top()}px` }}>
              {clock(agenda.minute(), agenda.zone())}
            </b>
          )}
        </Show>
      </div>
      <For each={agenda.days()}>
        {(day) => (
          <For each={agenda.doctors.chosen()}>
            {(doctor, index) => (
              <LaneColumn
                day={day}
                doctor={doctor}
                isFirst={index() === 0}
                nowTop={nowTop()}
                name={ta("laneName", { day: dateDay(dayInstant(day), "UTC"), doctor: doctor.name, free: laneWord(day, doctor) })}
              />
            )}
          </For>
        )}
      </For>
    </section>
  );

  function laneWord(day: string, doctor: AgendaDoctor): string {
    return freeWord(agenda, day, doctor);
  }
}

/** `7 libres`, `complet`, `fermé` or what the day is closed for. */
export function freeWord(agenda: ReturnType<typeof useAgenda>, day: string, doctor: AgendaDoctor): string {
  const free = (agenda.laneOf(day, doctor.id)?.items ?? []).filter((item) => item.kind === "free").length;
  const openings = agenda.doctors.openingsOf(doctor, day);
  if (free > 0) return ta("free", { n: free });
  const closure = agenda.doctors.closureOf(doctor, day);
  if (openings?.length === 0) return closure ? ta("closedWith", { name: closure.name }) : ta("closed");
  if (!openings) return "";
  if (agenda.laneOf(day, doctor.id)?.items.some((item) => item.kind === "absent")) return ta("absent");
  return agenda.notBefore(day) >= Math.max(...openings.map(([, to]) => to)) ? ta("over") : ta("full");
}
