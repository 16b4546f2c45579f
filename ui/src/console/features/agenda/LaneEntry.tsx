import { Match, Show, Switch } from "solid-js";
import { clock, countdown } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import type { AgendaDoctor } from "./agenda-doctors.ts";
import { useAgenda } from "./create-agenda.ts";
import { idOf, useDesk } from "./create-desk.ts";
import { type PlacedVisit, pxPerMinute, wall } from "./day-layout.ts";
import { dragVisit } from "./drag-visit.ts";
import { glyphOf, isConfirmed } from "./floor-actions.ts";
import type { LaneItem } from "./lane-items.ts";
import { snapMinutes } from "./move-targets.ts";

interface EntryProps {
  day: string;
  doctor: AgendaDoctor;
  item: LaneItem;
  placed: PlacedVisit | undefined;
  isEntry: boolean;
  /** A calendar elsewhere says that the doctor is busy. */
  isElsewhere: boolean;
}

/**
 * One entry of a lane: a visit opens its panel, a free time begins a booking, anything else says why it cannot be booked. So does a free time of
 * somebody who is busy elsewhere: it is booked on purpose.
 */
export function LaneEntry(props: EntryProps) {
  const agenda = useAgenda();
  const desk = useDesk();
  const spot = () => ({ day: props.day, doctorId: props.doctor.id, key: props.item.key, from: props.item.from });
  const left = () => (props.placed ? props.placed.lane / props.placed.lanes : 0);
  const right = () => (props.placed ? 1 - (props.placed.lane + 1) / props.placed.lanes : 0);
  function press(event: MouseEvent & { currentTarget: HTMLButtonElement }): void {
    const anchor = event.currentTarget;
    const { kind, key, from, to } = props.item;
    // While a visit is moved a tap says where to: a finger neither drags nor has arrow keys.
    if (desk.move.moving()) desk.move.aim({ day: props.day, doctorId: props.doctor.id, from });
    else if (kind === "visit") desk.open({ kind: "visit", id: key, anchor });
    else if (kind === "free" && !props.isElsewhere) desk.book({ at: { day: props.day, doctorId: props.doctor.id, from } });
    else {
      // With the pointer the very time under it is asked about; the keyboard asks about the beginning.
      const within = event.detail > 0 ? (event.clientY - anchor.getBoundingClientRect().top) / pxPerMinute : 0;
      const at = Math.min(to - snapMinutes, from + Math.floor(within / snapMinutes) * snapMinutes);
      desk.open({ kind: "why", at: { day: props.day, doctorId: props.doctor.id, from: Math.max(from, at) }, anchor });
    }
  }
  return (
    <li
      class="g-item"
      data-kind={props.item.kind}
      style={{
        top: `${(props.item.from - agenda.hours().from) * pxPerMinute}px`,
        height: `${(props.item.to - props.item.from) * pxPerMinute}px`,
        left: `${left() * 100}%`,
        right: `${right() * 100}%`,
      }}
    >
      <button
        type="button"
        class={props.item.kind === "visit" ? "g-visit" : "g-slot"}
        data-spot={idOf(spot())}
        data-status={props.placed?.appointment.status}
        data-fresh={props.placed && agenda.visits.isFresh(props.item.key) ? "" : undefined}
        data-moving={desk.move.moving()?.visit.id === props.item.key ? "" : undefined}
        tabindex={props.isEntry ? 0 : -1}
        onFocus={() => desk.entered(spot())}
        onPointerDown={(event) => props.placed && dragVisit(event, props.placed, agenda, desk)}
        onClick={press}
      >
        <Switch>
          <Match when={props.placed}>{(placed) => <VisitWords placed={placed()} doctor={props.doctor} />}</Match>
          <Match when={props.item.kind === "free"}>
            <span aria-hidden="true">+ {wall(props.item.from)}</span>
            <span class="sr">
              {ta("item.free", { time: wall(props.item.from), n: props.item.to - props.item.from })}
              <Show when={props.isElsewhere}>{`, ${ta("elsewhere")}`}</Show>
            </span>
          </Match>
          <Match when={props.item.kind === "held"}>
            <HeldWords day={props.day} doctor={props.doctor} item={props.item} />
          </Match>
          <Match when={props.item.kind === "absent"}>
            <span aria-hidden="true">
              <b>{ta("absent")}</b> {agenda.absences.noteOf(props.item.key)}
            </span>
            <span class="sr">{`${whyWord(props.item)} ${agenda.absences.noteOf(props.item.key)}`}</span>
          </Match>
          <Match when={true}>
            <span class="sr">{whyWord(props.item)}</span>
          </Match>
        </Switch>
      </button>
    </li>
  );
}

function whyWord(item: LaneItem): string {
  const span = { from: wall(item.from), to: wall(item.to) };
  if (item.kind === "past") return ta("item.past", span);
  if (item.kind === "absent") return ta("item.absent", span);
  return item.kind === "gap" ? ta("item.gap", span) : ta("item.closed", span);
}

function HeldWords(props: { day: string; doctor: AgendaDoctor; item: LaneItem }) {
  const agenda = useAgenda();
  const left = () => countdown(agenda.held.endsAt(props.doctor.id, props.item.key) - agenda.now());
  return (
    <>
      <span aria-hidden="true">
        {wall(props.item.from)} <b>{ta("item.heldShort", { left: left() })}</b>
      </span>
      <span class="sr">{ta("item.held", { time: wall(props.item.from), left: left() })}</span>
    </>
  );
}

function VisitWords(props: { placed: PlacedVisit; doctor: AgendaDoctor }) {
  const agenda = useAgenda();
  const visit = () => props.placed.appointment;
  const name = () => agenda.nameOf(visit());
  const minutes = () => Math.round(props.placed.to - props.placed.from);
  return (
    <>
      <span class="l1" aria-hidden="true">
        <time datetime={visit().start}>{clock(visit().start, agenda.zone())}</time>
        <b>{name()}</b>
        <Show when={visit().overbooked}>
          <i class="g-extra">+1</i>
        </Show>
        <span class="g-glyph">{glyphOf(visit())}</span>
      </span>
      <Show when={minutes() >= 30}>
        <span class="l2" aria-hidden="true">
          {agenda.reasonName(visit()) || agenda.stateOf(visit())}
        </span>
      </Show>
      <span class="sr">
        {ta("item.visit", {
          time: clock(visit().start, agenda.zone()),
          name: name(),
          reason: agenda.reasonName(visit()),
          n: minutes(),
          state: agenda.stateOf(visit()),
        })}
        <Show when={isConfirmed(visit())}>{`, ${ta("item.confirmed")}`}</Show>
        <Show when={visit().overbooked}>{`, ${ta("item.extra")}`}</Show>
      </span>
    </>
  );
}
