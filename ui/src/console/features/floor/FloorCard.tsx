import type { Appointment } from "@episante/contracts/appointment";
import { createMemo, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { clock } from "../../../shared/lib/format.ts";
import { tf } from "../../i18n/floor-texts.ts";
import { shortSpan } from "../../lib/words.ts";
import { confirmedGlyph, isConfirmed } from "../agenda/floor-actions.ts";
import type { Floor } from "./create-floor.ts";
import { type Column, lateMinutes, longWaitMinutes, minutesSince, nextColumn } from "./floor-board.ts";

const spanOf = (minutes: number) => (minutes === 0 ? tf("card.justNow") : shortSpan(minutes * 60_000));

/** One patient of the day: who, when, with whom, how long already, and the likeliest next act. */
export function FloorCard(props: {
  floor: Floor;
  visit: Appointment;
  column: Column;
  isCurrent: boolean;
  isBlocked: boolean;
  onOpen: () => void;
}) {
  const zone = () => props.floor.zone();
  const since = (instant: string | undefined) => minutesSince(instant, props.floor.now());
  const late = createMemo(() => since(props.visit.start));
  const waits = createMemo(() => since(props.visit.arrivedAt));
  const inRoom = createMemo(() => since(props.visit.inRoomAt));
  const doctor = () => props.floor.doctorOf(props.visit.doctorId);
  const next = () => nextColumn[props.column];
  return (
    <li
      class="f-card"
      data-column={props.column}
      data-visit={props.visit.id}
      data-fresh={props.floor.visits.isFresh(props.visit.id) ? "" : undefined}
    >
      <button type="button" class="f-main" tabindex={props.isCurrent ? 0 : -1} aria-haspopup="dialog" onClick={() => props.onOpen()}>
        <span class="f-who">
          <time datetime={props.visit.start}>{clock(props.visit.start, zone())}</time> <b>{props.floor.nameOf(props.visit)}</b>
        </span>
        <span class="f-facts">
          <span class="f-doctor">
            <span aria-hidden="true" title={doctor()?.name}>
              {doctor()?.initials}
            </span>
            <span class="sr">{doctor()?.name}</span>
          </span>
          <Show when={props.visit.overbooked}>
            <span class="c-tag">
              <span aria-hidden="true">+1 </span>
              {tf("card.extra")}
            </span>
          </Show>
          <Show when={isConfirmed(props.visit)}>
            <span>
              <span aria-hidden="true">{confirmedGlyph} </span>
              {tf("card.confirmed")}
            </span>
          </Show>
          <Show when={props.column === "expected" && late() >= lateMinutes}>
            <span class="f-age">{tf("card.late", { span: spanOf(late()) })}</span>
          </Show>
          <Show when={props.column === "waiting"}>
            <span class="f-age">{tf("card.waits", { span: spanOf(waits()) })}</span>
            <Show when={waits() > longWaitMinutes}>
              <span class="f-long">{tf("card.long")}</span>
            </Show>
          </Show>
          <Show when={props.column === "room"}>
            <span class="f-age">{tf("card.room", { span: spanOf(inRoom()) })}</span>
          </Show>
          <Show when={props.column === "done" && props.visit.doneAt}>
            {(at) => <span>{tf("card.done", { time: clock(at(), zone()) })}</span>}
          </Show>
          <Show when={props.column === "absent"}>
            <span>{props.visit.excused ? tf("card.excused") : tf("card.unexcused")}</span>
          </Show>
          <Show when={props.isBlocked}>
            <span class="f-long">{tf("card.blocked")}</span>
          </Show>
        </span>
      </button>
      <span class="f-acts">
        <Show when={next()}>
          {(to) => (
            <Button
              variant={props.column === "waiting" ? "primary" : "secondary"}
              tabindex={props.isCurrent ? 0 : -1}
              busy={props.floor.busy() === props.visit.id}
              onClick={() => void props.floor.move(props.visit, to())}
            >
              {tf(`to.${to()}`)}
              <span class="sr"> : {props.floor.nameOf(props.visit)}</span>
            </Button>
          )}
        </Show>
      </span>
    </li>
  );
}
