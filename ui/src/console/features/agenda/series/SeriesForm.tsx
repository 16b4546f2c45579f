import { bookSeries, previewSeries, type Series } from "@episante/contracts/series";
import { createEffect, createSignal, createUniqueId, For, on, onMount, Show } from "solid-js";
import { Button } from "../../../../shared/components/Button.tsx";
import { Field } from "../../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../../shared/components/ProblemBanner.tsx";
import { call } from "../../../../shared/lib/call.ts";
import { dateTime, dayOf } from "../../../../shared/lib/format.ts";
import { createLoad } from "../../../../shared/lib/load.ts";
import { useAgenda } from "../create-agenda.ts";
import type { BookableSlot } from "../create-next-slots.ts";
import { minutesInto, wall } from "../day-layout.ts";
import { createSeriesDates } from "./create-series-dates.ts";
import { SeriesDates } from "./SeriesDates.tsx";
import { firstDraft, type RhythmDraft, units, wishOf } from "./series-form.ts";
import { tse } from "./series-texts.ts";

/** How a visit repeats, the dates this gives, what is done about those that cannot be had, and one confirmation for all. */
export function SeriesForm(props: { patientId: string; slot: BookableSlot; onBooked: (series: Series) => void; onSingle: () => void }) {
  const agenda = useAgenda();
  const id = createUniqueId();
  const [draft, setDraft] = createSignal(firstDraft);
  const dates = createSeriesDates();
  let first: HTMLSelectElement | undefined;
  onMount(() => first?.focus());

  const wanted = () => ({
    doctorId: props.slot.doctorId as `doc_${string}`,
    reasonId: props.slot.reasonId as `rea_${string}`,
    patientId: props.patientId as `pat_${string}`,
  });
  const start = () =>
    `${dayOf(props.slot.start, agenda.zone())}T${wall(minutesInto(props.slot.start, agenda.zone()))}` as `${string}T${string}`;
  const preview = createLoad(
    () => {
      const wish = wishOf(draft());
      return wish && { ...wanted(), ...wish, start: start() };
    },
    (body, signal) => call(previewSeries, { body, signal }),
  );
  createEffect(
    on(preview.value, (found) => {
      dates.show((found?.items ?? []).map((date) => ({ key: date.start ?? date.day, date })));
    }),
  );
  const set = (more: Partial<RhythmDraft>) => setDraft({ ...draft(), ...more });

  async function submit(): Promise<void> {
    const wish = wishOf(draft());
    const starts = dates.chosen().map((one) => one.start);
    if (preview.pending() || !wish || starts.length === 0) return;
    const booked = await dates.send({ ...wanted(), rhythm: wish.rhythm, starts }, (body, idempotencyKey) =>
      call(bookSeries, { body, idempotencyKey }),
    );
    if (booked) props.onBooked(booked);
  }
  return (
    <section class="g-series" aria-label={tse("title")}>
      <p class="g-series-from">{tse("from", { date: dateTime(props.slot.start, agenda.zone()) })}</p>
      <div class="g-series-rhythm">
        <Field label={tse("every")} type="number" min="1" max="30" value={draft().every} onInput={(every) => set({ every })} />
        <div class="field">
          <label for={`${id}-unit`}>{tse("unit")}</label>
          <span class="c-select">
            <select
              ref={first}
              id={`${id}-unit`}
              class="input"
              onChange={(event) => set({ unit: units.find((unit) => unit === event.currentTarget.value) ?? "week" })}
            >
              <For each={units}>
                {(unit) => (
                  <option value={unit} selected={unit === draft().unit}>
                    {tse(`unit.${unit}`)}
                  </option>
                )}
              </For>
            </select>
          </span>
        </div>
        <div class="field">
          <label for={`${id}-end`}>{tse("end")}</label>
          <span class="c-select">
            <select
              id={`${id}-end`}
              class="input"
              onChange={(event) => set({ endsBy: event.currentTarget.value === "until" ? "until" : "count" })}
            >
              <option value="count" selected={draft().endsBy === "count"}>
                {tse("end.byCount")}
              </option>
              <option value="until" selected={draft().endsBy === "until"}>
                {tse("end.until")}
              </option>
            </select>
          </span>
        </div>
        <Show
          when={draft().endsBy === "until"}
          fallback={
            <Field label={tse("end.count")} type="number" min="2" max="52" value={draft().count} onInput={(count) => set({ count })} />
          }
        >
          <Field label={tse("end.until")} type="date" value={draft().until} onInput={(until) => set({ until })} />
        </Show>
      </div>
      <Show when={preview.problem()}>
        {(refusal) => (
          <Show
            when={refusal().code === "invalid-input"}
            fallback={<ProblemBanner problem={refusal()} onRetry={() => void preview.reload()} />}
          >
            <p class="g-refusal" role="alert">
              {tse("fault")}
            </p>
          </Show>
        )}
      </Show>
      <Show when={!preview.problem()}>
        <h3 class="g-label">{tse("dates")}</h3>
        <div aria-busy={preview.pending()}>
          <Show when={preview.waiting()}>
            <p>{tse("loading")}</p>
          </Show>
          <SeriesDates
            rows={dates.rows()}
            decisions={dates.decisions()}
            zone={agenda.zone()}
            doctor={agenda.doctorName(props.slot.doctorId)}
            leaveOut={() => tse("skipped")}
            onDecide={dates.decide}
          />
        </div>
        <p role="status">{tse("summary.book", { n: dates.chosen().length, of: dates.rows().length })}</p>
      </Show>
      <div role="alert">
        <Show when={dates.isRefused()}>
          <p class="g-refusal">{tse("refused")}</p>
        </Show>
      </div>
      <Show when={dates.problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <div class="g-acts">
        <Button
          busy={dates.busy()}
          busyText={tse("booking")}
          unavailable={dates.chosen().length === 0 || preview.pending()}
          onClick={() => void submit()}
        >
          {tse("book")}
        </Button>
        <Button variant="quiet" onClick={() => props.onSingle()}>
          {tse("single")}
        </Button>
      </div>
    </section>
  );
}
