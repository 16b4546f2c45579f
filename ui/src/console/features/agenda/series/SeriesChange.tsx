import type { Appointment } from "@episante/contracts/appointment";
import { getCancelReasons } from "@episante/contracts/cancel-reason";
import { cancelSeries, moveSeries, previewSeriesChange } from "@episante/contracts/series";
import { createEffect, createSignal, createUniqueId, For, on, onMount, Show } from "solid-js";
import { CancelReasons } from "../../../../shared/cancel/CancelReasons.tsx";
import { Button } from "../../../../shared/components/Button.tsx";
import { Field } from "../../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../../shared/components/ProblemBanner.tsx";
import { tc } from "../../../../shared/i18n/common.ts";
import { call } from "../../../../shared/lib/call.ts";
import { dateTime, dayOf } from "../../../../shared/lib/format.ts";
import { createLoad } from "../../../../shared/lib/load.ts";
import { useAgenda } from "../create-agenda.ts";
import { minutesInto, wall } from "../day-layout.ts";
import { createSeriesDates } from "./create-series-dates.ts";
import { SeriesDates } from "./SeriesDates.tsx";
import type { DateRow } from "./series-form.ts";
import { tse } from "./series-texts.ts";

const scopes = ["one", "following", "all"] as const;
const kinds = ["move", "cancel"] as const;

/** Moves or cancels this visit, it and the following, or all of its series: looked at per date, then done in one step. */
export function SeriesChange(props: { visit: Appointment; seriesId: `ser_${string}`; onDone: () => void; onBack: () => void }) {
  const agenda = useAgenda();
  const id = createUniqueId();
  const zone = () => agenda.zone();
  const [kind, setKind] = createSignal<(typeof kinds)[number]>("move");
  const [scope, setScope] = createSignal<(typeof scopes)[number]>("following");
  const [day, setDay] = createSignal(dayOf(props.visit.start, zone()));
  const [time, setTime] = createSignal(wall(minutesInto(props.visit.start, zone())));
  const [reason, setReason] = createSignal<string>();
  const dates = createSeriesDates();
  let first: HTMLInputElement | undefined;
  onMount(() => queueMicrotask(() => first?.focus()));

  // Without the list one can still cancel: the reason is optional.
  const reasons = createLoad(
    () => (kind() === "cancel" ? props.visit.doctorId : undefined),
    (doctorId, signal) => call(getCancelReasons, { query: { doctorId }, signal }),
  );
  const preview = createLoad(
    () => {
      if (kind() === "cancel") return { appointmentId: props.visit.id, scope: scope() };
      const to = `${day()}T${time()}` as const;
      return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(to) ? { appointmentId: props.visit.id, scope: scope(), to } : undefined;
    },
    (body, signal) => call(previewSeriesChange, { params: { id: props.seriesId }, body, signal }),
  );
  const items = () => preview.value()?.items ?? [];
  const itemOf = (row: DateRow) => items().find(({ visit }) => visit.id === row.key);
  createEffect(
    on(preview.value, (found) => {
      const rows = (found?.items ?? []).map(({ visit, fate, date }) => ({
        key: visit.id,
        // A cancellation has no new date to judge: the visit's own stands for it, and what is left alone offers nothing.
        date: date ?? {
          day: dayOf(visit.start, zone()),
          start: visit.start,
          end: visit.end,
          free: kind() === "cancel" && (fate === "change" || fate === "moved-alone"),
          blockers: [],
          alternatives: [],
        },
      }));
      // What was moved by itself is kept unless it is chosen.
      const kept = (found?.items ?? []).filter(({ fate }) => fate !== "change");
      dates.show(rows, Object.fromEntries(kept.map(({ visit }) => [visit.id, null])));
    }),
  );
  const chosen = () =>
    dates.chosen().filter((one) => kind() === "cancel" || items().find(({ visit }) => visit.id === one.key)?.visit.start !== one.start);
  const fateWords = (row: DateRow) => {
    const fate = itemOf(row)?.fate;
    return fate === undefined || fate === "change" ? undefined : tse(`fate.${fate}`);
  };
  const open = () => dates.rows().filter((row) => ["change", "moved-alone"].includes(itemOf(row)?.fate ?? ""));

  async function submit(): Promise<void> {
    const visits = chosen().map(({ key, start }) => ({ appointmentId: key as `apt_${string}`, start }));
    if (preview.pending() || visits.length === 0) return;
    const params = { id: props.seriesId };
    const isDone =
      kind() === "move"
        ? await dates.send({ visits }, (body, idempotencyKey) => call(moveSeries, { params, body, idempotencyKey }))
        : await dates.send({ appointmentIds: visits.map(({ appointmentId }) => appointmentId), reason: reason() }, (body, idempotencyKey) =>
            call(cancelSeries, { params, body, idempotencyKey }),
          );
    if (!isDone) return;
    void agenda.visits.reload();
    agenda.say(tse(`done.${kind()}`, { n: visits.length }));
    props.onDone();
  }
  return (
    <section class="g-series" aria-label={tse("change.title")}>
      <fieldset class="g-slots">
        <legend>{tse("what")}</legend>
        <div class="g-radios">
          <For each={kinds}>
            {(one, index) => (
              <label>
                <input
                  ref={(input) => {
                    if (index() === 0) first = input;
                  }}
                  type="radio"
                  name={`${id}-kind`}
                  checked={kind() === one}
                  onChange={() => setKind(one)}
                />
                <span>{tse(`what.${one}`)}</span>
              </label>
            )}
          </For>
        </div>
      </fieldset>
      <fieldset class="g-slots">
        <legend>{tse("scope")}</legend>
        <div class="g-radios">
          <For each={scopes}>
            {(one) => (
              <label>
                <input type="radio" name={`${id}-scope`} checked={scope() === one} onChange={() => setScope(one)} />
                <span>{tse(`scope.${one}`)}</span>
              </label>
            )}
          </For>
        </div>
      </fieldset>
      <Show
        when={kind() === "move"}
        fallback={
          <Show when={reasons.value()}>{(lists) => <CancelReasons reasons={lists().staff} by="staff" onChange={setReason} />}</Show>
        }
      >
        <div class="g-series-rhythm">
          <Field label={tse("toDay")} type="date" value={day()} onInput={setDay} />
          <Field label={tse("toTime")} type="time" step="300" value={time()} onInput={setTime} />
        </div>
      </Show>
      <Show when={preview.problem()}>{(refusal) => <ProblemBanner problem={refusal()} onRetry={() => void preview.reload()} />}</Show>
      <div aria-busy={preview.pending()}>
        <Show when={preview.waiting()}>
          <p>{tse("loading")}</p>
        </Show>
        <SeriesDates
          rows={open()}
          decisions={dates.decisions()}
          zone={zone()}
          doctor={agenda.doctorName(props.visit.doctorId)}
          take={kind() === "cancel" ? tse("cancelIt") : undefined}
          leaveOut={(row) => tse("keep", { date: dateTime(itemOf(row)?.visit.start ?? props.visit.start, zone()) })}
          note={fateWords}
          onDecide={dates.decide}
        />
      </div>
      <p role="status">{tse(`summary.${kind()}`, { n: chosen().length, of: items().length })}</p>
      <div role="alert">
        <Show when={dates.isRefused()}>
          <p class="g-refusal">{tse("refused")}</p>
        </Show>
      </div>
      <Show when={dates.problem()}>{(refusal) => <ProblemBanner problem={refusal()} />}</Show>
      <div class="g-acts">
        <Button
          variant={kind() === "cancel" ? "danger" : "primary"}
          busy={dates.busy()}
          unavailable={chosen().length === 0 || preview.pending()}
          onClick={() => void submit()}
        >
          {tse(kind())}
        </Button>
        <Button variant="quiet" icon="left" onClick={() => props.onBack()}>
          {tc("app.back")}
        </Button>
      </div>
    </section>
  );
}
