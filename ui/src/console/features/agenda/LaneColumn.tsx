import { createEffect, createMemo, For, Show } from "solid-js";
import { ta } from "../../i18n/agenda-texts.ts";
import type { AgendaDoctor } from "./agenda-doctors.ts";
import { useAgenda } from "./create-agenda.ts";
import { useDesk } from "./create-desk.ts";
import { layDay, pxPerMinute, wall } from "./day-layout.ts";
import { LaneEntry } from "./LaneEntry.tsx";

/** One doctor's day: a list in the order of time, and where a visit being moved would go. */
export function LaneColumn(props: { day: string; doctor: AgendaDoctor; isFirst: boolean; name: string; nowTop: number | undefined }) {
  const agenda = useAgenda();
  const desk = useDesk();
  const lane = createMemo(() => agenda.laneOf(props.day, props.doctor.id));
  const items = createMemo(() => new Map((lane()?.items ?? []).map((item) => [item.key, item])));
  const placed = createMemo(
    () => new Map(layDay(agenda.visitsOf(props.day, props.doctor.id), agenda.zone()).map((one) => [one.appointment.id as string, one])),
  );
  const elsewhere = createMemo(() => agenda.elsewhereOf(props.day, props.doctor.id));
  const entryKey = createMemo(() => {
    const here = lane();
    return here && desk.entryKey(here);
  });
  const target = () => {
    const moving = desk.move.moving();
    return moving && moving.target.day === props.day && moving.target.doctorId === props.doctor.id ? moving : undefined;
  };
  let ghost: HTMLLIElement | undefined;
  createEffect(() => {
    if (target()) ghost?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  return (
    <ol
      class="g-lane"
      data-tone={props.doctor.tone}
      data-day={props.day}
      data-doctor={props.doctor.id}
      data-first={props.isFirst ? "" : undefined}
      data-today={props.day === agenda.today() ? "" : undefined}
      aria-label={props.name}
    >
      <For each={[...items().keys()]}>
        {(key) => (
          <Show when={items().get(key)}>
            {(item) => (
              <LaneEntry
                day={props.day}
                doctor={props.doctor}
                item={item()}
                placed={placed().get(key)}
                isEntry={entryKey() === key}
                isElsewhere={elsewhere().some(({ from, to }) => from < item().to && to > item().from)}
              />
            )}
          </Show>
        )}
      </For>
      <For each={elsewhere()}>
        {(one) => (
          <li
            class="g-elsewhere"
            style={{ top: `${(one.from - agenda.hours().from) * pxPerMinute}px`, height: `${(one.to - one.from) * pxPerMinute}px` }}
          >
            <span aria-hidden="true">{ta("elsewhere")}</span>
            <span class="sr">{ta("item.elsewhere", { from: wall(one.from), to: wall(one.to) })}</span>
          </li>
        )}
      </For>
      <Show when={target()}>
        {(moving) => (
          <li
            ref={ghost}
            class="g-ghost"
            aria-hidden="true"
            data-verdict={desk.move.verdict()?.kind}
            style={{
              top: `${(moving().target.from - agenda.hours().from) * pxPerMinute}px`,
              height: `${desk.move.minutes() * pxPerMinute}px`,
            }}
          />
        )}
      </Show>
      <Show when={props.nowTop}>
        {(top) => (
          <li class="g-now" aria-hidden="true" data-today={props.day === agenda.today() ? "" : undefined} style={{ top: `${top()}px` }} />
        )}
      </Show>
    </ol>
  );
}
