import type { Appointment } from "@episante/contracts/appointment";
import { getCancelReasons } from "@episante/contracts/cancel-reason";
import * as Popover from "@kobalte/core/popover";
import { A } from "@solidjs/router";
import { createEffect, createSignal, For, on, Show } from "solid-js";
import { CancelReasons } from "../../../shared/cancel/CancelReasons.tsx";
import { Button } from "../../../shared/components/Button.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { tc } from "../../../shared/i18n/common.ts";
import { call } from "../../../shared/lib/call.ts";
import { clock, dateShort, dateTime } from "../../../shared/lib/format.ts";
import { keepFocus } from "../../../shared/lib/keep-focus.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { trm } from "../../i18n/rooms-texts.ts";
import { ageAndSex } from "../../lib/words.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { AgendaPopover } from "./AgendaPopover.tsx";
import { cancelWords } from "./cancel-words.ts";
import { useAgenda } from "./create-agenda.ts";
import { type Opened, useDesk } from "./create-desk.ts";
import { canUndo, floorKeys, glyphOf, isComing, nextActions } from "./floor-actions.ts";
import { SeriesChange } from "./series/SeriesChange.tsx";
import { tse } from "./series/series-texts.ts";
import { VisitHistory } from "./VisitHistory.tsx";

/** A visit opened beside itself: whose it is, how far it has come, and what can be done, each with its one key. */
export function VisitPanel() {
  const agenda = useAgenda();
  const desk = useDesk();
  const opened = (): Extract<Opened, { kind: "visit" }> | undefined => {
    const now = desk.opened();
    return now?.kind === "visit" ? now : undefined;
  };
  const visit = () => {
    const now = opened();
    return now && agenda.visits.byId(now.id);
  };
  return (
    <AgendaPopover open={visit() !== undefined} anchor={opened()?.anchor}>
      <Show when={visit()}>{(one) => <Panel visit={one()} />}</Show>
    </AgendaPopover>
  );
}

function Panel(props: { visit: Appointment }) {
  const agenda = useAgenda();
  const desk = useDesk();
  const { roles } = useConsole();
  const [mode, setMode] = createSignal<"actions" | "cancel" | "series" | "history">("actions");
  const [reason, setReason] = createSignal<string>();
  // Without the list one can still cancel: the reason is optional.
  const reasons = createLoad(
    () => (mode() === "cancel" ? props.visit.doctorId : undefined),
    (doctorId, signal) => call(getCancelReasons, { query: { doctorId }, signal }),
  );
  const patient = () => agenda.names.get(props.visit.patientId);
  const next = () => nextActions(props.visit.status);
  const isBusy = () => desk.actions.busy() === props.visit.id;

  let root: HTMLDivElement | undefined;
  // The button that was pressed may be gone with what it did: the keyboard, and its one-letter keys, stay in the panel.
  createEffect(
    on(
      () => [mode(), props.visit.status],
      () => keepFocus(() => root),
      { defer: true },
    ),
  );

  function press(event: KeyboardEvent): void {
    const isTyping = event.target instanceof Element && event.target.closest("input, textarea") !== null;
    // In the series' fields every letter is the field's.
    if (isTyping || event.defaultPrevented || mode() === "series") return;
    const letter = event.key.toLowerCase();
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isPlain && letter === "h") setMode(mode() === "history" ? "actions" : "history");
    else if (isPlain && letter === "x" && isComing(props.visit.status)) setMode("cancel");
    else if (!desk.visitKey(props.visit, event)) return;
    event.preventDefault();
  }
  async function confirmCancel(): Promise<void> {
    // The panel stays, with what takes it back.
    if (await desk.actions.cancel(props.visit, reason())) setMode("actions");
  }
  return (
    <div ref={root} class="g-pop-in" tabindex="-1" on:keydown={press}>
      <div class="g-pop-head">
        <Popover.Title as="h2">{agenda.nameOf(props.visit)}</Popover.Title>
        <Popover.CloseButton class="c-sq" aria-label={tc("app.close")}>
          <Icon name="close" size={16} />
        </Popover.CloseButton>
      </div>
      <p class="g-pop-who">
        {ageAndSex(patient(), agenda.now())}
        <Show when={patient()}>{(known) => <span>{ta("visit.file", { number: known().fileNumber })}</span>}</Show>
        <Show when={roles().includes("doctor")}>
          <A href={`/patients/${props.visit.patientId}`}>{ta("visit.open")}</A>
        </Show>
      </p>
      <div class="c-row">
        <p class="g-state" data-status={props.visit.status} role="status">
          <span aria-hidden="true">{glyphOf(props.visit)}</span> <StateWords visit={props.visit} />
        </p>
        <Show when={props.visit.occurrence}>{(place) => <p class="g-badge">{tse("badge", { n: place().number, of: place().of })}</p>}</Show>
      </div>
      <Facts visit={props.visit} />
      <Show when={agenda.message()?.tone === "critical"}>
        <p class="g-refusal">{agenda.message()?.text}</p>
      </Show>
      <Show when={mode() === "actions"}>
        <div class="g-acts">
          <For each={next()}>
            {(action, index) => (
              <Button
                variant={index() === 0 ? "primary" : "secondary"}
                wide={index() === 0}
                busy={isBusy()}
                onClick={() => void desk.actions.set(props.visit, action)}
              >
                {ta(`do.${action}`)} <kbd>{floorKeys[action].toUpperCase()}</kbd>
              </Button>
            )}
          </For>
          <Show when={canUndo(props.visit.status)}>
            <Button variant="secondary" icon="undo" busy={isBusy()} onClick={() => void desk.actions.undo(props.visit)}>
              {ta(props.visit.status === "cancelled" ? "cancelled.undo" : "do.undo")} <kbd>Z</kbd>
            </Button>
          </Show>
          <Show when={isComing(props.visit.status)}>
            <Button variant="secondary" icon="arrow" onClick={() => desk.startMove(props.visit)}>
              {ta("do.move")} <kbd>M</kbd>
            </Button>
            <Button variant="secondary" tone="danger" icon="close" onClick={() => setMode("cancel")}>
              {ta("do.cancel")} <kbd>X</kbd>
            </Button>
          </Show>
          <Show when={props.visit.seriesId}>
            <Button variant="secondary" onClick={() => setMode("series")}>
              {tse("open")}
            </Button>
          </Show>
          <Button variant="quiet" icon="clock" onClick={() => setMode("history")}>
            {ta("do.history")} <kbd>H</kbd>
          </Button>
        </div>
      </Show>
      <Show when={mode() === "cancel"}>
        <form
          class="g-acts"
          onSubmit={(event) => {
            event.preventDefault();
            void confirmCancel();
          }}
        >
          <Show when={reasons.value()}>
            {(lists) => <CancelReasons reasons={lists().staff} by="staff" takesFocus onChange={setReason} />}
          </Show>
          <Button type="submit" variant="danger" wide busy={isBusy()}>
            {ta("do.cancel")}
          </Button>
          <Button variant="secondary" onClick={() => setMode("actions")}>
            {ta("cancel.keep")}
          </Button>
        </form>
      </Show>
      <Show when={mode() === "series" && props.visit.seriesId}>
        {(seriesId) => <SeriesChange visit={props.visit} seriesId={seriesId()} onDone={desk.close} onBack={() => setMode("actions")} />}
      </Show>
      <Show when={mode() === "history"}>
        <VisitHistory visit={props.visit} zone={agenda.zone()} />
        <Button variant="quiet" icon="left" onClick={() => setMode("actions")}>
          {tc("app.back")}
        </Button>
      </Show>
    </div>
  );
}

function StateWords(props: { visit: Appointment }) {
  const agenda = useAgenda();
  const at = (instant: string) => clock(instant, agenda.zone());
  const words = () => {
    const { status, arrivedAt, inRoomAt, doneAt } = props.visit;
    if (status === "arrived" && arrivedAt) {
      const n = Math.max(0, Math.floor((agenda.now() - Date.parse(arrivedAt)) / 60_000));
      return ta("visit.arrivedAt", { time: at(arrivedAt), n });
    }
    if (status === "checked-in" && inRoomAt) return ta("visit.inRoomAt", { time: at(inRoomAt) });
    if (status === "fulfilled" && doneAt) return ta("visit.doneAt", { time: at(doneAt) });
    return agenda.stateOf(props.visit);
  };
  return <>{words()}</>;
}

function Facts(props: { visit: Appointment }) {
  const agenda = useAgenda();
  const booked = () => {
    const date = dateShort(props.visit.bookedAt, agenda.zone());
    const channel = props.visit.channel ?? "system";
    return ta(`visit.${channel}`, { date });
  };
  return (
    <dl class="g-facts">
      <dt>{ta("visit.when")}</dt>
      <dd>
        {ta("visit.whenText", {
          from: clock(props.visit.start, agenda.zone()),
          to: clock(props.visit.end, agenda.zone()),
          reason: agenda.reasonName(props.visit),
          doctor: agenda.doctorName(props.visit.doctorId),
        })}
      </dd>
      <Show when={agenda.doctors.roomNames(props.visit)}>
        {(names) => (
          <>
            <dt>{trm("visit.rooms")}</dt>
            <dd>{names()}</dd>
          </>
        )}
      </Show>
      <dt>{ta("visit.booked")}</dt>
      <dd>{booked()}</dd>
      <Show when={props.visit.confirmedAt}>
        {(at) => (
          <>
            <dt>{ta("visit.confirmed")}</dt>
            <dd>{ta("visit.confirmedText", { date: dateTime(at(), agenda.zone()) })}</dd>
          </>
        )}
      </Show>
      <Show when={props.visit.movedFrom}>
        {(moved) => (
          <>
            <dt>{ta("visit.moved")}</dt>
            <dd>{ta("visit.movedText", { date: dateTime(moved().start, agenda.zone()) })}</dd>
          </>
        )}
      </Show>
      <Show when={props.visit.status === "cancelled"}>
        <dt>{ta("visit.cancelled")}</dt>
        <dd>
          <For each={cancelWords(props.visit, agenda.zone())}>{(words) => <p>{words}</p>}</For>
        </dd>
      </Show>
      <Show when={props.visit.overbooked}>
        <dt>{ta("visit.extra")}</dt>
        <dd>{props.visit.overbookedReason}</dd>
      </Show>
    </dl>
  );
}
