import { createSignal, createUniqueId, For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { FieldError } from "../../../shared/components/Field.tsx";
import { capital, clock, dateDay, dateShort, dayInstant } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { useAgenda } from "./create-agenda.ts";
import type { BookableSlot } from "./create-next-slots.ts";
import { wall } from "./day-layout.ts";
import type { Target } from "./move-targets.ts";

const atOnce = 6;

interface SlotChoiceProps {
  at: Target | undefined;
  slots: readonly BookableSlot[] | undefined;
  pending: boolean;
  chosen: BookableSlot | undefined;
  error: string | undefined;
  today: string;
  last: string;
  onPick: (slot: BookableSlot) => void;
  onAt: (at: Target | undefined) => void;
}

/** The next free times as one group of radio buttons, the earliest chosen; or the very time somebody asked for. */
export function SlotChoice(props: SlotChoiceProps) {
  const agenda = useAgenda();
  const [most, setMost] = createSignal(atOnce);
  const [isOther, setOther] = createSignal(false);
  const id = createUniqueId();
  const keyOf = (slot: BookableSlot | undefined) => (slot ? `${slot.doctorId} ${slot.start}` : "");
  return (
    <Show
      when={!props.at}
      fallback={
        <p class="g-chosen">
          <span>
            {ta("book.whenChosen")} :{" "}
            <b>
              {ta("book.slot", {
                date: dateDay(dayInstant(props.at?.day ?? ""), "UTC"),
                time: wall(props.at?.from ?? 0),
                doctor: agenda.doctorName(props.at?.doctorId ?? ""),
              })}
            </b>
          </span>
          <Button
            variant="quiet"
            onClick={() => {
              setOther(false);
              props.onAt(undefined);
            }}
          >
            {ta("book.more")}
          </Button>
        </p>
      }
    >
      <fieldset class="g-slots" aria-busy={props.pending} aria-describedby={props.error ? `${id}-error` : undefined}>
        <legend>{ta("book.when")}</legend>
        <FieldError id={`${id}-error`} text={props.error} />
        <Show when={props.slots} fallback={<p>{ta("book.loading")}</p>}>
          {(slots) => (
            <>
              <Show when={slots().length === 0}>
                <p>{ta("book.noSlots")}</p>
              </Show>
              <div class="g-radios">
                <For each={slots().slice(0, most())}>
                  {(slot) => (
                    <label>
                      <input type="radio" name={id} checked={keyOf(slot) === keyOf(props.chosen)} onChange={() => props.onPick(slot)} />
                      <span>
                        {capital(dateShort(slot.start, agenda.zone()))} <b>{clock(slot.start, agenda.zone())}</b>
                        <small>{agenda.doctorName(slot.doctorId)}</small>
                      </span>
                    </label>
                  )}
                </For>
              </div>
              <div class="g-slots-more">
                <Show when={slots().length > most()}>
                  <Button variant="quiet" onClick={() => setMost(most() + atOnce)}>
                    {ta("book.more")}
                  </Button>
                </Show>
                <Button variant="quiet" aria-expanded={isOther()} onClick={() => setOther(!isOther())}>
                  {ta("book.other")}
                </Button>
              </div>
            </>
          )}
        </Show>
        <Show when={isOther()}>
          <OtherTime today={props.today} last={props.last} onAt={props.onAt} />
        </Show>
      </fieldset>
    </Show>
  );
}

/** Any minute of any day: the server says what stands in the way. */
function OtherTime(props: { today: string; last: string; onAt: (at: Target) => void }) {
  const agenda = useAgenda();
  const [day, setDay] = createSignal(props.today);
  const [time, setTime] = createSignal("");
  const [doctor, setDoctor] = createSignal(agenda.doctors.chosen()[0]?.id ?? "");
  const minutes = () => Number(time().slice(0, 2)) * 60 + Number(time().slice(3, 5));
  const isSet = () => /^\d{2}:\d{2}$/.test(time()) && day() !== "";
  return (
    <div class="g-other">
      <label>
        {ta("book.date")}
        <input
          class="input"
          type="date"
          min={props.today}
          max={props.last}
          value={day()}
          onInput={(event) => setDay(event.currentTarget.value)}
        />
      </label>
      <label>
        {ta("book.time")}
        <input class="input" type="time" step="300" value={time()} onInput={(event) => setTime(event.currentTarget.value)} />
      </label>
      <label>
        {ta("book.doctor")}
        <select class="input" onChange={(event) => setDoctor(event.currentTarget.value as `doc_${string}`)}>
          <For each={agenda.doctors.chosen()}>{(one) => <option value={one.id}>{one.name}</option>}</For>
        </select>
      </label>
      <Button variant="secondary" unavailable={!isSet()} onClick={() => props.onAt({ day: day(), doctorId: doctor(), from: minutes() })}>
        {ta("book.timeChoose")}
      </Button>
    </div>
  );
}
