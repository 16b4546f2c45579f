import { getSchedule, putSchedule, type Schedule } from "@episante/contracts/appointment";
import { createSignal, For, Index, Show } from "solid-js";
import { Button } from "../../../shared/components/Button.tsx";
import { Field, FieldError } from "../../../shared/components/Field.tsx";
import { Icon } from "../../../shared/components/Icon.tsx";
import { ProblemBanner } from "../../../shared/components/ProblemBanner.tsx";
import { locale } from "../../../shared/i18n/i18n.ts";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { dateLong, dayInstant } from "../../../shared/lib/format.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { t } from "../../i18n/text.ts";
import { type HoursLine, lineFaults, usualHours, windowsOf } from "./hours-form.ts";
import { Saved } from "./Saved.tsx";

const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;
/** `lundi`; 5 January 2026 is a Monday. */
function weekdayName(day: number): string {
  return new Intl.DateTimeFormat(locale() === "fr" ? "fr-FR" : "en-GB", { weekday: "long", timeZone: "UTC" }).format(
    Date.UTC(2026, 0, 4 + day),
  );
}

/** Weekly hours, closures and how far ahead patients may book. */
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

function Editor(props: { doctorId: `doc_${string}`; known: Schedule }) {
  const [lines, setLines] = createSignal<readonly HoursLine[]>(props.known.windows);
  const [closures, setClosures] = createSignal<readonly string[]>(props.known.closures.toSorted());
  const [closing, setClosing] = createSignal("");
  const [notice, setNotice] = createSignal(String(props.known.noticeMinutes));
  const [horizon, setHorizon] = createSignal(String(props.known.horizonDays));
  const [faulty, setFaulty] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  let form: HTMLFormElement | undefined;

  const faults = () => (faulty() ? lineFaults(lines()) : new Map<number, "time">());
  const whole = (text: string, low: number, high: number) => /^\d+$/.test(text.trim()) && Number(text) >= low && Number(text) <= high;
  const noticeFault = () => (faulty() && !whole(notice(), 0, 20_160) ? t("practice.between", { from: 0, to: 20_160 }) : undefined);
  const horizonFault = () => (faulty() && !whole(horizon(), 1, 365) ? t("practice.between", { from: 1, to: 365 }) : undefined);
  function change(index: number, part: Partial<HoursLine>): void {
    setSaved(false);
    setLines(lines().map((line, at) => (at === index ? { ...line, ...part } : line)));
  }
  function add(day: number): void {
    setSaved(false);
    const taken = lines().some((line) => line.day === day);
    setLines([...lines(), { day, from: taken ? "14:00" : "09:00", to: taken ? "18:00" : "12:00" }]);
    queueMicrotask(() => form?.querySelector<HTMLInputElement>(`[data-day="${day}"] li:last-child input`)?.focus());
  }
  function remove(index: number): void {
    setSaved(false);
    const day = lines()[index]?.day;
    setLines(lines().filter((_, at) => at !== index));
    queueMicrotask(() => form?.querySelector<HTMLButtonElement>(`[data-day="${day}"] .h-add`)?.focus());
  }
  function close(): void {
    if (closing() === "" || closures().includes(closing())) return;
    setSaved(false);
    setClosures([...closures(), closing()].toSorted());
    setClosing("");
  }
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy()) return;
    setFaulty(true);
    setProblem(undefined);
    if (faults().size > 0 || noticeFault() || horizonFault()) {
      queueMicrotask(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    setBusy(true);
    const body = {
      zone: props.known.zone,
      windows: windowsOf(lines()),
      closures: [...closures()],
      noticeMinutes: Number(notice()),
      horizonDays: Number(horizon()),
    };
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
                        <Time
                          label={`${weekdayName(day)}, ${t("practice.from")}`}
                          value={line().from}
                          bad={faults().has(index)}
                          described={`hours-${index}`}
                          onInput={(from) => change(index, { from })}
                        />
                        <span aria-hidden="true">–</span>
                        <Time
                          label={`${weekdayName(day)}, ${t("practice.to")}`}
                          value={line().to}
                          bad={faults().has(index)}
                          described={`hours-${index}`}
                          onInput={(to) => change(index, { to })}
                        />
                        <button type="button" class="c-sq" onClick={() => remove(index)}>
                          <Icon name="close" size={16} />
                          <span class="sr">{t("practice.remove", { what: `${weekdayName(day)} ${line().from}–${line().to}` })}</span>
                        </button>
                        <FieldError id={`hours-${index}`} text={faultWords(faults().get(index))} />
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
      <fieldset class="s-group">
        <legend>{t("practice.closures")}</legend>
        <ul class="h-closures">
          <For each={closures()}>
            {(day) => (
              <li>
                <time datetime={day}>{dateLong(dayInstant(day), "UTC")}</time>
                <button
                  type="button"
                  class="c-sq"
                  onClick={() => {
                    setSaved(false);
                    setClosures(closures().filter((other) => other !== day));
                  }}
                >
                  <Icon name="close" size={16} />
                  <span class="sr">{t("practice.remove", { what: dateLong(dayInstant(day), "UTC") })}</span>
                </button>
              </li>
            )}
          </For>
        </ul>
        <Field
          class="h-closing"
          label={t("practice.closure")}
          type="date"
          value={closing()}
          onInput={setClosing}
          after={
            <Button variant="secondary" onClick={close}>
              {t("practice.addClosure")}
            </Button>
          }
        />
      </fieldset>
      <div class="m-fields">
        <Field
          label={t("practice.notice")}
          hint={t("practice.noticeWhy")}
          inputmode="numeric"
          value={notice()}
          onInput={setNotice}
          error={noticeFault()}
        />
        <Field
          label={t("practice.horizon")}
          hint={t("practice.horizonWhy")}
          inputmode="numeric"
          value={horizon()}
          onInput={setHorizon}
          error={horizonFault()}
        />
      </div>
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

function faultWords(fault: "time" | "order" | "overlap" | undefined): string | undefined {
  return fault && t(`practice.fault.${fault}`);
}

function Time(props: { label: string; value: string; bad: boolean; described: string; onInput: (value: string) => void }) {
  return (
    <input
      class="input h-time"
      aria-label={props.label}
      inputmode="numeric"
      autocomplete="off"
      value={props.value}
      aria-invalid={props.bad ? "true" : undefined}
      aria-describedby={props.bad ? `${props.described}` : undefined}
      onInput={(event) => props.onInput(event.currentTarget.value)}
    />
  );
}
