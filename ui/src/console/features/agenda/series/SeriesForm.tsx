import { bookSeries, previewSeries, type Series } from "@episante/contracts/series";
import { createEffect, createSignal, createUniqueId, For, on, onMount, Show } from "solid-js";
import { Button } from "../../../../shared/components/Button.tsx";
import { Field } from "../../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../../shared/components/ProblemBanner.tsx";
import { type CallProblem, call } from "../../../../shared/lib/call.ts";
import { dateTime, dayOf } from "../../../../shared/lib/format.ts";
import { createLoad } from "../../../../shared/lib/load.ts";
import { useAgenda } from "../create-agenda.ts";
import type { BookableSlot } from "../create-next-slots.ts";
import { minutesInto, wall } from "../day-layout.ts";
import { SeriesDates } from "./SeriesDates.tsx";
import { afterRefusal, type DateRow, type Decisions, decidedStarts, firstDraft, type RhythmDraft, units, wishOf } from "./series-form.ts";
import { tse } from "./series-texts.ts";

/** How a visit repeats, the dates this gives, what is done about those that cannot be had, and one confirmation for all. */
export function SeriesForm(props: { patientId: string; slot: BookableSlot; onBooked: (series: Series) => void; onSingle: () => void }) {
  const agenda = useAgenda();
  const id = createUniqueId();
  const [draft, setDraft] = createSignal(firstDraft);
  const [rows, setRows] = createSignal<readonly DateRow[]>([]);
  const [decisions, setDecisions] = createSignal<Decisions>({});
  const [problem, setProblem] = createSignal<CallProblem>();
  const [isRefused, setRefused] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  let key = crypto.randomUUID();
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
      setRows((found?.items ?? []).map((date) => ({ key: date.start ?? date.day, date })));
      setDecisions({});
      setRefused(false);
      key = crypto.randomUUID();
    }),
  );
  const set = (more: Partial<RhythmDraft>) => setDraft({ ...draft(), ...more });
  const chosen = () => decidedStarts(rows(), decisions());

  async function submit(): Promise<void> {
    const wish = wishOf(draft());
    const starts = chosen().map((one) => one.start);
    if (busy() || preview.pending() || !wish || starts.length === 0) return;
    setBusy(true);
    setProblem(undefined);
    const result = await call(bookSeries, { body: { ...wanted(), rhythm: wish.rhythm, starts }, idempotencyKey: key });
    setBusy(false);
    if (result.ok) {
      props.onBooked(result.value);
      return;
    }
    const { dates } = result.problem as { dates?: unknown };
    setRefused(dates !== undefined);
    if (dates === undefined) {
      setProblem(result.problem);
      return;
    }
    const next = afterRefusal(rows(), decisions(), dates);
    setRows(next.rows);
    setDecisions(next.decisions);
    // A refusal is the answer to this key: what is sent next is a new wish.
    key = crypto.randomUUID();
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
            rows={rows()}
            decisions={decisions()}
            zone={agenda.zone()}
            doctor={agenda.doctorName(props.slot.doctorId)}
            leaveOut={() => tse("skipped")}
            onDecide={(row, decided) => setDecisions({ ...decisions(), [row]: decided })}
          />
        </div>
        <p role="status">{tse("summary.book", { n: chosen().length, of: rows().length })}</p>
      </Show>
      <div role="alert">
        <Show when={isRefused()}>
          <p class="g-refusal">{tse("refused")}</p>
        </Show>
      </div>
      <Show when={problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <div class="g-acts">
        <Button
          busy={busy()}
          busyText={tse("booking")}
          unavailable={chosen().length === 0 || preview.pending()}
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
