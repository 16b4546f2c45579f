import type { Appointment } from "@episante/contracts/appointment";
import type { Series } from "@episante/contracts/series";
import { createMemo, createSignal, For, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Field } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { locale } from "../../../shared/i18n/i18n.ts";
import { addDays, dateTime, dayOf } from "../../../shared/lib/format.ts";
import { ta } from "../../i18n/agenda-texts.ts";
import { type PatientMin, patientName } from "../../lib/words.ts";
import { reasonChoices } from "./booking-choices.ts";
import { useAgenda } from "./create-agenda.ts";
import { createBookCall } from "./create-book-call.ts";
import { type Booking, useDesk } from "./create-desk.ts";
import { type BookableSlot, createNextSlots } from "./create-next-slots.ts";
import { instantAt, minutesInto } from "./day-layout.ts";
import { PatientChoice } from "./PatientChoice.tsx";
import { SlotChoice } from "./SlotChoice.tsx";
import { SeriesForm } from "./series/SeriesForm.tsx";
import { tse } from "./series/series-texts.ts";

/** Whose, why, when: three steps that the keyboard goes through in order; Enter at the end books. */
export function BookForm(props: { booking: Booking }) {
  const agenda = useAgenda();
  const desk = useDesk();
  const [patient, setPatient] = createSignal<PatientMin>();
  const [isCalling, setCalling] = createSignal(false);
  const [at, setAt] = createSignal(props.booking.at);
  const [wantedKey, setWantedKey] = createSignal<string>();
  const [picked, setPicked] = createSignal<BookableSlot>();
  const [isExtra, setExtra] = createSignal(props.booking.overbook === true);
  const [extraReason, setExtraReason] = createSignal("");
  const [isRepeating, setRepeating] = createSignal(false);
  const [faults, setFaults] = createSignal<{ patient?: string; slot?: string; extra?: string }>({});
  let reasonField: HTMLSelectElement | undefined;

  const choices = createMemo(() => {
    const doctorIds = at() ? [at()?.doctorId ?? ""] : agenda.doctors.chosen().map((doctor) => doctor.id as string);
    return reasonChoices(doctorIds.map((doctorId) => ({ doctorId, reasons: agenda.doctors.reasonsOf(doctorId) })));
  });
  const choice = () => choices().find((one) => one.key === wantedKey()) ?? choices()[0];
  /** The first day on screen, never one that is over. */
  const from = () => [agenda.first(), agenda.today()].sort().at(-1) ?? agenda.today();
  const next = createNextSlots(() => {
    const wanted = choice();
    return wanted && !at() ? { choice: wanted, from: agenda.view() === "month" ? agenda.today() : from() } : undefined;
  });
  /** The time that would be booked now. */
  const slot = (): BookableSlot | undefined => {
    const [place, wanted] = [at(), choice()];
    if (!place) return picked() ?? next.value()?.[0];
    const reasonId = wanted?.offers.find((offer) => offer.doctorId === place.doctorId)?.reasonId;
    return reasonId ? { doctorId: place.doctorId, reasonId, start: instantAt(place.day, place.from, agenda.zone()) } : undefined;
  };
  const booking = createBookCall();
  function pick(chosen: PatientMin | undefined): void {
    setPatient(chosen);
    if (!chosen) return;
    agenda.names.add(chosen);
    setFaults({});
    queueMicrotask(() => reasonField?.focus());
  }
  async function submit(): Promise<void> {
    const [who, when] = [patient(), slot()];
    const found = {
      ...(who ? {} : { patient: ta("book.patientNeeded") }),
      ...(when ? {} : { slot: ta("book.timeNeeded") }),
      ...(isExtra() && extraReason().trim() === "" ? { extra: ta("extra.needed") } : {}),
    };
    setFaults(found);
    if (!who || !when || Object.keys(found).length > 0) return;
    const booked = await booking.send({
      patientId: who.id,
      slot: when,
      ...(isExtra() ? { overbook: extraReason().trim() } : {}),
    });
    if (!booked) {
      void agenda.visits.reload();
      return;
    }
    agenda.takeOwn(booked);
    agenda.say(ta("book.done", { name: patientName(who), date: dateTime(booked.start, agenda.zone()) }));
    leaveTo(booked);
  }
  function leaveTo(booked: Appointment): void {
    const day = dayOf(booked.start, agenda.zone());
    if (!agenda.days().includes(day)) agenda.show({ date: day });
    desk.endBooking({ day, doctorId: booked.doctorId, from: minutesInto(booked.start, agenda.zone()), key: booked.id });
  }
  function repeat(): void {
    setFaults(patient() ? {} : { patient: ta("book.patientNeeded") });
    if (patient() && slot()) setRepeating(true);
  }
  function bookedAll(series: Series): void {
    const [who, first] = [patient(), series.items[0]];
    for (const visit of series.items) agenda.takeOwn(visit);
    if (who) agenda.say(tse("done", { n: series.items.length, name: patientName(who) }));
    if (first) leaveTo(first);
  }
  /** What is repeated: a patient and a time, once both are chosen. */
  const repeated = () => {
    const [who, when] = [patient(), slot()];
    return isRepeating() && who && when ? { patientId: who.id, slot: when } : undefined;
  };
  function chooseOther(start: string): void {
    const day = dayOf(start, agenda.zone());
    setAt({ day, doctorId: slot()?.doctorId ?? "", from: minutesInto(start, agenda.zone()) });
    setExtra(false);
    booking.forget();
  }
  return (
    <form
      class="g-book"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        // A series has a button of its own: Enter in its fields books nothing.
        if (!isRepeating()) void submit();
      }}
    >
      <PatientChoice
        patient={patient()}
        clinicId={agenda.doctors.chosen()[0]?.clinicId}
        today={agenda.today()}
        error={faults().patient}
        onPick={pick}
        onCalling={setCalling}
      />
      <Show when={!isCalling()}>
        <label class="field">
          <span class="g-label">{ta("book.reason")}</span>
          <span class="c-select">
            <select
              ref={reasonField}
              class="input"
              onChange={(event) => {
                setWantedKey(event.currentTarget.value);
                setPicked(undefined);
              }}
            >
              <For each={choices()}>
                {(one) => (
                  <option value={one.key} selected={one.key === choice()?.key}>
                    {ta("book.reasonOption", { name: one.name[locale()], n: one.minutes })}
                  </option>
                )}
              </For>
            </select>
          </span>
        </label>
        <SlotChoice
          at={at()}
          slots={next.value()}
          pending={next.pending()}
          chosen={slot()}
          error={faults().slot}
          onPick={setPicked}
          onAt={(place) => {
            setAt(place);
            setPicked(undefined);
            setExtra(false);
            booking.forget();
          }}
          today={agenda.today()}
          last={addDays(agenda.today(), 365)}
        />
        <Show when={next.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void next.reload()} />}</Show>
        <div role="alert">
          <Show when={booking.taken()}>
            {(others) => (
              <div class="g-refused">
                <p class="g-refusal">{ta("book.taken")}</p>
                <Show when={others().length > 0}>
                  <p>{ta("move.near")}</p>
                  <div class="g-others">
                    <For each={others()}>
                      {(start) => (
                        <Button variant="secondary" onClick={() => chooseOther(start)}>
                          {dateTime(start, agenda.zone())}
                        </Button>
                      )}
                    </For>
                  </div>
                </Show>
              </div>
            )}
          </Show>
        </div>
        <Show when={booking.problem()}>{(problem) => <ProblemBanner problem={problem()} />}</Show>
        <Show when={booking.taken() && !isExtra()}>
          <Button variant="secondary" onClick={() => setExtra(true)}>
            {ta("book.extra")}
          </Button>
        </Show>
        <Show when={isExtra()}>
          <Field label={ta("extra.reason")} maxLength={200} value={extraReason()} onInput={setExtraReason} error={faults().extra} />
        </Show>
        <Show
          when={repeated()}
          fallback={
            <>
              <Button type="submit" wide busy={booking.busy()} busyText={ta("book.submitting")}>
                {isExtra() ? ta("book.extra") : ta("book.submit")}
              </Button>
              <Show when={!isExtra()}>
                <Button variant="quiet" onClick={repeat}>
                  {tse("repeat")}
                </Button>
              </Show>
            </>
          }
        >
          {(wanted) => (
            <SeriesForm
              patientId={wanted().patientId}
              slot={wanted().slot}
              onBooked={bookedAll}
              onSingle={() => {
                setRepeating(false);
                queueMicrotask(() => reasonField?.focus());
              }}
            />
          )}
        </Show>
      </Show>
    </form>
  );
}
