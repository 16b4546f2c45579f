import { getSchedule, putSchedule, type Schedule } from "@episante/contracts/appointment";
import { createMemo, createSignal, For, Index, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Field, FieldError } from "../../../shared/components/Field.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { locale } from "../../../shared/i18n/i18n.ts";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dayOf } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { t } from "../../i18n/text.ts";
import { useConsole } from "../../shell/console-context.tsx";
import { createReasons } from "./create-reasons.ts";
import { ClosedDates, DateHours } from "./HoursDates.tsx";
import { HoursPreview } from "./HoursPreview.tsx";
import { faultWords, SpanFields } from "./HoursSpans.tsx";
import {
  type DateLine,
  dateFaults,
  datesOf,
  type HoursLine,
  type LineFault,
  lineFaults,
  overlapsOf,
  overridesOf,
  usualHours,
  windowsOf,
} from "./hours-form.ts";
import { Saved } from "./Saved.tsx";
import { WindowRules } from "./WindowRules.tsx";

const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;
/** `lundi`; 5 January 2026 is a Monday. */
function weekdayName(day: number): string {
  return new Intl.DateTimeFormat(locale() === "fr" ? "fr-FR" : "en-GB", { weekday: "long", timeZone: "UTC" }).format(
    Date.UTC(2026, 0, 4 + day),
  );
}

/** Weekly hours with their rhythms, hours of single dates, closures, how far ahead patients may book; and what all that would give. */
export function HoursForm(props: { doctorId: `doc_${string}` }) {
  const schedule = createLoad(
    () => props.doctorId,
    (doctorId, signal) => call(getSchedule, { params: { doctorId }, signal }),
    { keep: false },
  );
  return (
    <section class="c-card" aria-labelledby="hours-title">
      <h2 id="hours-title">{t("practice.hours")}</h2>
      <p class="s-note">{t("practice.hoursWhy")}</p>
      <Show when={schedule.problem()}>{(problem) => <ProblemBanner problem={problem()} onRetry={() => void schedule.reload()} />}</Show>
      <Show when={schedule.value()} keyed>
        {(known) => <Editor doctorId={props.doctorId} known={known} />}
      </Show>
    </section>
  );
}

const whole = (text: string, low: number, high: number) => /^\d+$/.test(text.trim()) && Number(text) >= low && Number(text) <= high;

function Editor(props: { doctorId: `doc_${string}`; known: Schedule }) {
  const { now } = useConsole();
  const today = createMemo(() => dayOf(now(), props.known.zone));
  const [lines, setLines] = createSignal<readonly HoursLine[]>(props.known.windows);
  const [closures, setClosures] = createSignal<readonly string[]>(props.known.closures.toSorted());
  const [dates, setDates] = createSignal<readonly DateLine[]>(datesOf(props.known.overrides, today()));
  const [notice, setNotice] = createSignal(String(props.known.noticeMinutes));
  const [horizon, setHorizon] = createSignal(String(props.known.horizonDays));
  const [faulty, setFaulty] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const [judged, setJudged] = createSignal<CallProblem | undefined>();
  let form: HTMLFormElement | undefined;
  const reasons = createReasons(() => props.doctorId);
  const openReasons = () => reasons.value()?.items ?? [];

  const typedFaults = createMemo(() => lineFaults(lines()));
  const typedDateFaults = createMemo(() => dateFaults(dates()));
  const isNotice = () => whole(notice(), 0, 20_160);
  const isHorizon = () => whole(horizon(), 1, 365);
  /** The schedule as it would be saved; undefined while something typed is wrong. */
  const draft = createMemo<Schedule | undefined>(() => {
    if (typedFaults().size > 0 || typedDateFaults().size > 0 || !isNotice() || !isHorizon()) return undefined;
    return {
      zone: props.known.zone,
      windows: windowsOf(lines()),
      overrides: overridesOf(dates()),
      closures: [...closures()],
      noticeMinutes: Number(notice()),
      horizonDays: Number(horizon()),
    };
  });
  // What only the server can tell, that hours of different weeks meet, is shown as soon as the preview knows it.
  const faultOf = (index: number): LineFault | undefined => {
    if (typedFaults().size > 0) return faulty() ? typedFaults().get(index) : undefined;
    return overlapsOf(problem() ?? judged()).has(index) ? "overlap" : undefined;
  };
  const noticeFault = () => (faulty() && !isNotice() ? t("practice.between", { from: 0, to: 20_160 }) : undefined);
  const horizonFault = () => (faulty() && !isHorizon() ? t("practice.between", { from: 1, to: 365 }) : undefined);
  const touched = () => {
    setSaved(false);
    setProblem(undefined);
  };
  function change(index: number, part: Partial<HoursLine>): void {
    touched();
    setLines(lines().map((line, at) => (at === index ? { ...line, ...part } : line)));
  }
  function add(day: number): void {
    touched();
    const taken = lines().some((line) => line.day === day);
    setLines([...lines(), { day, from: taken ? "14:00" : "09:00", to: taken ? "18:00" : "12:00" }]);
    queueMicrotask(() => form?.querySelector<HTMLInputElement>(`[data-day="${day}"] li:last-child input`)?.focus());
  }
  function remove(index: number): void {
    touched();
    const day = lines()[index]?.day;
    setLines(lines().filter((_, at) => at !== index));
    queueMicrotask(() => form?.querySelector<HTMLButtonElement>(`[data-day="${day}"] .h-add`)?.focus());
  }
  // A date is closed or has hours of its own, not both.
  function close(days: readonly string[]): void {
    touched();
    setClosures(days);
    setDates(dates().filter(({ day }) => !days.includes(day)));
  }
  function changeDates(changed: readonly DateLine[]): void {
    touched();
    setDates(changed);
    setClosures(closures().filter((day) => !changed.some((date) => date.day === day)));
  }
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setFaulty(true);
    setProblem(undefined);
    const body = draft();
    if (!body) {
      queueMicrotask(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    setBusy(true);
    const result = await call(putSchedule, { params: { doctorId: props.doctorId }, body });
    setBusy(false);
    setSaved(result.ok);
    if (!result.ok) setProblem(result.problem);
  }
  return (
    <form ref={form} class="h-form" onSubmit={submit} noValidate>
      <Show when={lines().length === 0}>
        <p class="c-row">
          {t("practice.noHours")}
          <Button variant="secondary" onClick={() => setLines(usualHours())}>
            {t("practice.usual")}
          </Button>
        </p>
      </Show>
      <div class="h-week">
        <For each={weekdays}>
          {(day) => (
            <fieldset data-day={day}>
              <legend>{weekdayName(day)}</legend>
              <ul>
                <Index each={lines()}>
                  {(line, index) => (
                    <Show when={line().day === day}>
                      <li>
                        <SpanFields
                          of={weekdayName(day)}
                          span={line()}
                          fault={faultOf(index)}
                          faultId={`hours-${index}`}
                          onChange={(part) => change(index, part)}
                          onRemove={() => remove(index)}
                        />
                        <FieldError id={`hours-${index}`} text={faultWords(faultOf(index))} />
                        <WindowRules
                          of={`${weekdayName(day)} ${line().from}–${line().to}`}
                          line={line()}
                          fault={faultOf(index)}
                          today={today()}
                          reasons={openReasons()}
                          onChange={(part) => change(index, part)}
                        />
                      </li>
                    </Show>
                  )}
                </Index>
              </ul>
              <button type="button" class="h-add c-link" onClick={() => add(day)}>
                {t("practice.addHours")}
                <span class="sr"> : {weekdayName(day)}</span>
              </button>
            </fieldset>
          )}
        </For>
      </div>
      <DateHours dates={dates()} faults={faulty() ? typedDateFaults() : new Map()} onChange={changeDates} />
      <ClosedDates days={closures()} onChange={close} />
      <div class="m-fields">
        <Field
          label={t("practice.notice")}
          hint={t("practice.noticeWhy")}
          inputmode="numeric"
          value={notice()}
          onInput={(text) => {
            touched();
            setNotice(text);
          }}
          error={noticeFault()}
        />
        <Field
          label={t("practice.horizon")}
          hint={t("practice.horizonWhy")}
          inputmode="numeric"
          value={horizon()}
          onInput={(text) => {
            touched();
            setHorizon(text);
          }}
          error={horizonFault()}
        />
      </div>
      <Show when={reasons.value()}>
        {(known) => (
          <HoursPreview
            doctorId={props.doctorId}
            draft={draft()}
            reasons={known().items}
            today={today()}
            onJudged={(found) => setJudged(found)}
          />
        )}
      </Show>
      <Show when={problem()}>{(found) => <ProblemBanner problem={found()} />}</Show>
      <div class="c-row">
        <Button type="submit" busy={busy()}>
          {t("practice.saveHours")}
        </Button>
        <Saved when={saved()} />
      </div>
    </form>
  );
}
